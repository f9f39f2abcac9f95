"""Pages that open in a browser."""

from typing import Protocol


class Pages(Protocol):
    """Makes addresses that nobody else can: opaque, and telling nothing of whom or what they are for."""

    def link(self, person: int, path: str) -> str:
        """The absolute address of a page of ours for this person alone, "/dashboard?month=2026-10". Opened within 15
        minutes it begins a session of some hours in that browser, whose rights are the person's at each look. Raises
        ValueError for a path that is none of ours."""
        ...

    def address(self, kind: str, said: str) -> str:
        """An absolute address that needs no session, for what a client fetches by itself: a picture, a calendar.

        Whoever has it may read what is there; how long it works is told by its kind, a lower-case word that a page
        declared. `said` is what that needs to know, readable by us alone."""
        ...
