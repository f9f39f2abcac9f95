"""The weekly top 5, and how it reaches a reader."""

from enum import StrEnum


class Way(StrEnum):
    """How somebody gets the digest."""

    CHAT = "chat"
    EMAIL = "email"
    BOTH = "both"
    OFF = "off"

    @property
    def by_email(self) -> bool:
        return self in (Way.EMAIL, Way.BOTH)

    @property
    def in_chat(self) -> bool:
        return self in (Way.CHAT, Way.BOTH)
