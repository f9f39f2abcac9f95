"""The weekly top 5, kept."""

from typing import Protocol

from knowledge.digest import Way


class Digests(Protocol):
    by_email: bool
    """Whether letters can be sent at all."""

    def way(self, person: int) -> Way | None:
        """What they chose; None: nothing."""
        ...

    def choose(self, person: int, way: Way) -> None: ...

    def drop_waiting(self, person: int, *, letters: bool) -> None:
        """Nothing of a digest that still waits to be sent to them goes out: `letters`, or else what goes to chat."""
        ...
