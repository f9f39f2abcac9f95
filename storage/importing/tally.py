"""Counting what an import does."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Count:
    """Rows of one kind."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.new} new, {self.changed} changed, {self.unchanged} unchanged"


@dataclass(slots=True)
class Tally:
    """A Count while it grows."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    written: set[int] = field(default_factory=set)
    """Ids of the rows added or changed."""

    @property
    def count(self) -> Count:
        return Count(self.new, self.changed, self.unchanged)
