"""One row as an import finds it and as it leaves it: counted by a dry run, kept for an undo, written in bulk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

State = Mapping[str, Any]
"""Columns of a row by name, JSON-ready. Of a person also `networks` and `roles` (keys) and `ids` by channel."""


@dataclass(frozen=True, slots=True)
class Change:
    """`before` None: the row is new. `after` holds what the file says, `before` the same parts as they were.

    `kept` are parts in which the file says otherwise than the person themselves, whose word stands.
    """

    kind: str
    key: str
    number: int | None
    before: State | None
    after: State
    file: str = ""
    line: int = 0
    kept: tuple[str, ...] = field(default=())

    @property
    def different(self) -> list[str]:
        """The parts that change, in the order of the columns; all of them of a new row."""
        before = self.before
        return [name for name, value in self.after.items() if before is None or before.get(name) != value]
