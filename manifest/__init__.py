"""What Teams and Slack are told about the bot, made from the command registry."""
