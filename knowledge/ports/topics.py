"""The curated list of topics."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from knowledge.topics import Curated

Moved = Mapping[str, Sequence[tuple[int, bool]]]
"""By table: the ids of what was moved, and whether it stood under the other topic already."""


class Topics(Protocol):
    def all(self) -> "list[Curated]":
        """Merged and retired ones too, by id."""
        ...

    def save(self, topic: "Curated") -> None:
        """Keeps names, aliases, and whether it is retired or merged; matchers follow."""
        ...

    def held(self, key: str) -> Mapping[str, int]:
        """How much stands under it, by kind of thing ("person", "item", …); kinds without any are left out."""
        ...

    def move(self, key: str, to: str) -> Moved: ...

    def move_back(self, key: str, since: str, moved: Moved) -> None: ...
