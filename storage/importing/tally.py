"""Counting what an import does."""

from dataclasses import dataclass


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

    @property
    def count(self) -> Count:
        return Count(self.new, self.changed, self.unchanged)
