"""Calendars that events are read from, and the addresses at which others read ours."""

from datetime import datetime
from typing import Protocol

from knowledge.calendar_source import Source


class Calendars(Protocol):
    def add(self, source: Source) -> Source:
        """Keeps a new calendar and returns it with its number."""
        ...

    def get(self, source: int) -> Source | None: ...

    def save(self, source: Source) -> None: ...

    def of(self, owner: int) -> list[Source]:
        """Newest first."""
        ...


class Feeds(Protocol):
    """Secret addresses; each is kept by the digest of its secret alone."""

    def issue(self, person: int, network: int | None, digest: str, now: datetime) -> None: ...

    def whose(self, digest: str) -> tuple[int, int | None] | None:
        """Whose address it is and for which network, None for all theirs; None when it was revoked or never was."""
        ...

    def count(self, person: int) -> int: ...

    def revoke(self, person: int) -> int:
        """All of theirs. Returns how many."""
        ...
