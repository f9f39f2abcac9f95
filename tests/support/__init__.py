"""What tests run beside the bot: a PostgreSQL server, browsers, and the far sides of wires."""
