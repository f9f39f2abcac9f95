"""The conversation, on no channel: commands, flows, wording and the neutral message."""
