"""What a desk has to see to beside questions, as a thing with a life of its own. Nothing private is kept in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal


class Cause(StrEnum):
    UNDELIVERABLE = "undeliverable"
    """A message that nobody could bring."""
    REJECTED_IMPORT = "rejected_import"
    OVERLOADED = "overloaded"
    """An expert who has had all that a week may bring."""
    NO_EXPERT = "no_expert"
    """A curated topic that no expert knows."""


LASTING = frozenset({Cause.OVERLOADED, Cause.NO_EXPERT})
"""Causes that stay until they are gone: found again, they say nothing new. The others happen anew each time."""


class State(StrEnum):
    OPEN = "open"
    LATER = "later"
    """Put off until `due_at`."""
    DONE = "done"
    """Somebody of the desk says so."""
    GONE = "gone"
    """Its cause is no more."""


STANDING = frozenset({State.OPEN, State.LATER})


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One cause, once: `cause` and `key` are unique together, also after it is over.

    `question`, `person` and `topic` (a key) say what it is about and so whose desk it is on; without them, `network`
    does: None for the desk of everywhere. `told` are figures and names of files for its sentence, JSON-ready.
    `assigned` is whoever of the desk has it. Times are UTC.
    """

    id: int
    cause: Cause
    key: str
    raised_at: datetime
    network: int | None = None
    question: int | None = None
    person: int | None = None
    topic: str = ""
    told: Mapping[str, str | int] = field(default_factory=dict)
    state: State = State.OPEN
    assigned: int | None = None
    due_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 0

    def raised(self, told: Mapping[str, str | int], now: datetime) -> "WorkItem":
        """Its cause was found again: anew where it was over, and only told more exactly where it was not."""
        if self.state in STANDING:
            return replace(self, told=told)
        if self.state is State.DONE and self.cause in LASTING:
            return self
        return replace(self, told=told, raised_at=now, state=State.OPEN, assigned=None, due_at=None, closed_at=None)

    def gone(self, now: datetime) -> "WorkItem":
        """Its cause is no more, whatever was done about it."""
        if self.state is State.GONE:
            return self
        return replace(self, state=State.GONE, due_at=None, closed_at=self.closed_at or now)

    def done(self, now: datetime) -> "WorkItem":
        return replace(self._standing(), state=State.DONE, due_at=None, closed_at=now)

    def later(self, until: datetime) -> "WorkItem":
        return replace(self._standing(), state=State.LATER, due_at=until)

    def back(self, now: datetime) -> "WorkItem":
        """Open again once its time has come; before that, as it was."""
        if self.state is not State.LATER or self.due_at is None or self.due_at > now:
            return self
        return replace(self, state=State.OPEN, due_at=None)

    def handed(self, to: int) -> "WorkItem":
        return replace(self._standing(), assigned=to)

    def _standing(self) -> "WorkItem":
        if self.state not in STANDING:
            raise Refusal("work_item.over", work_item=self.id)
        return self
