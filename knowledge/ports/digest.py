"""The weekly top 5, kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from knowledge.digest import Digest, Progress, Sending, Way


class Digests(Protocol):
    by_email: bool
    """Whether letters can be sent at all."""

    # Readers

    def way(self, person: int) -> Way | None:
        """What they chose; None: nothing."""
        ...

    def ways(self, people: Sequence[int]) -> Mapping[int, Way]:
        """The same of many; whoever chose nothing is left out."""
        ...

    def choose(self, person: int, way: Way) -> None: ...

    def drop_waiting(self, person: int, *, letters: bool) -> None:
        """Nothing of a digest that still waits to be sent to them goes out: `letters`, or else what goes to chat."""
        ...

    # Digests

    def of_week(self, network: int, week: str) -> Digest | None: ...

    def get(self, digest: int) -> Digest | None: ...

    def begin(self, network: int, week: str, now: datetime) -> Digest:
        """A network's digest of a week: a new one, or the one that is there."""
        ...

    def save(self, digest: Digest) -> Digest:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def past(self, networks: Sequence[int], limit: int = 26) -> list[Digest]:
        """Those of these networks that went out, newest first."""
        ...

    # Sending

    def to_plan(self) -> list[int]:
        """Approved digests whose readers are not all written down yet."""
        ...

    def readers(self, network: int | None, after: int, limit: int) -> list[int]:
        """Members of a network, or everybody (None), by number from the one after `after` on."""
        ...

    def planned_up_to(self, digest: int) -> int:
        """The number of the last reader who was written down, 0 for none."""
        ...

    def plan(self, digest: int, sendings: Sequence[Sending], up_to: int, *, last: bool) -> None:
        """Writes readers down, each once however often it is said. `last`: that was all of them."""
        ...

    def unplan(self, digest: int) -> None:
        """Nobody is to get it: those who wait are forgotten."""
        ...

    def claim(self, digest: int, now: datetime, limit: int) -> list[Sending]:
        """Takes sendings whose time has come, which nobody else gets any more. They are done with this transaction, or
        wait again where it is rolled back."""
        ...

    def note(self, sending: Sending, picks: Sequence[str]) -> None:
        """What of the digest went to a reader, by key; nothing: they were left out."""
        ...

    def got(self, people: Sequence[int], since: datetime, but: int) -> Mapping[int, frozenset[str]]:
        """What readers got since a time (UTC) of any digest but one, by key."""
        ...

    def take_back(self, key: str, now: datetime) -> None:
        """Something is read nowhere any more: those to whom a digest brought it are shown it anew without."""
        ...

    def taken_back(self, digest: int, limit: int) -> list[tuple[Sending, Sequence[str]]]:
        """Readers by chat to whom it brought something that was taken back since; with what it brought, by key."""
        ...

    def waits(self, digest: int) -> bool:
        """Whether readers wait for it, or are not all written down."""
        ...

    def progress(self, digest: int) -> Progress: ...

    # Rules and reminders

    def second_yes(self) -> bool:
        """Whether what goes to the main community waits for a second person."""
        ...

    def set_second_yes(self, wanted: bool) -> None: ...

    def remind(self, person: int, week: str) -> bool:
        """Whether somebody was not reminded in that week yet; then they are now."""
        ...
