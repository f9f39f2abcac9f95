"""Issues of cards: which buttons of whom still count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it is shown to one person now, with or without buttons that work once. One without a name is one of
    its own."""

    person: int
    name: str
    buttons: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue of a card to one person: `key` finds it again, `secret` marks its buttons, `used` are the lines
    already pressed on it."""

    key: str
    secret: str
    used: frozenset[str] = frozenset()


class Issues(Protocol):
    """The newest issue of each card, by person."""

    def issue(self, cards: Sequence[Card]) -> list[Issue | None]:
        """A new issue of each, in their order, None of one without buttons; those before are no longer known."""
        ...

    def find(self, person: int, key: str) -> Issue | None:
        """None when it was never shown to them, or a newer one replaced it."""
        ...

    def use(self, person: int, issue: Issue, say: str) -> None: ...
