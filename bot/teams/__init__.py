"""Microsoft Teams: the only room that knows botbuilder."""

from bot.teams.room import TeamsRoom
from bot.teams.settings import TeamsSettings

__all__ = ["TeamsRoom", "TeamsSettings"]
