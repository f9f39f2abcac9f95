"""Issues of cards: which buttons of whom still count."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a card to one person: `key` finds it again, `secret` marks its buttons, `used` are the lines
    already pressed on it."""

    key: str
    secret: str
    used: frozenset[str] = frozenset()


class Issues(Protocol):
    """The newest issue of each card, by person."""

    def issue(self, person: int, card: str) -> Issue:
        """A new issue; the one before is no longer known."""
        ...

    def void(self, person: int, card: str) -> None:
        """The card has no buttons now: those of its last issue are dead."""
        ...

    def find(self, person: int, key: str) -> Issue | None:
        """None when it was never shown to them, or a newer one replaced it."""
        ...

    def use(self, person: int, issue: Issue, say: str) -> None: ...
