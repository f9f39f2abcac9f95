"""Slack: the only room that knows slack_sdk."""

from bot.slack.room import SlackRoom
from bot.slack.settings import SlackSettings

__all__ = ["SlackRoom", "SlackSettings"]
