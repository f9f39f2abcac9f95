"""Imports in chat, and what is known of people's expertise."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from knowledge.expertise import Check
    from knowledge.importing import Import


class Imports(Protocol):
    def add(self, one: "Import", files: Sequence[tuple[str, str, bytes]]) -> "Import":
        """Keeps a new import with its files (kind, name, content), to be worked on at once."""
        ...

    def get(self, number: int) -> "Import | None": ...

    def save(self, one: "Import", *, due: bool = False) -> "Import":
        """Keeps a move. `due`: there is something to do, outside any turn."""
        ...

    def drop_files(self, number: int) -> None: ...

    def latest(self, limit: int) -> list["Import"]:
        """Newest first, whoever brought them."""
        ...


class Expertise(Protocol):
    """What facilitators confirmed."""

    def check(self, check: "Check") -> None:
        """Keeps it, in the place of an earlier one."""
        ...

    def drop(self, person: int, topic: str) -> bool:
        """False when there was none."""
        ...

    def of_topic(self, topic: str) -> list["Check"]: ...
