"""The ledgers: of surveys, who was asked what and whether that is done, never what they answered; and of reports."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Pulse(StrEnum):
    """OVER is all that is left of it when its survey has closed."""

    OPEN = "open"
    ANSWERED = "answered"
    SKIPPED = "skipped"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the ledger: that somebody was asked an item. `due_at` (UTC) is the reminder's, None = none any more.

    `cycle` is set in a rotation alone. `unclear` once a typed answer was not understood, `remarked` once a comment
    came.
    """

    id: int
    person: int
    survey: int
    item: str
    asked_at: datetime
    cycle: int | None = None
    state: Pulse = Pulse.OPEN
    due_at: datetime | None = None
    reminded: bool = False
    unclear: bool = False
    remarked: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One member's place in the rotation: `due_at` (UTC) is when to look whether to ask them, None = not before the
    next survey. `asked_at` is the last pulse. Within a `cycle` no item comes twice. Who `stopped` is asked nothing."""

    person: int
    due_at: datetime | None = None
    asked_at: datetime | None = None
    cycle: int = 0
    stopped: bool = False
    version: int = 0

    def asked(self, now: datetime, next_at: datetime | None) -> "Turn":
        return replace(self, asked_at=now, due_at=next_at)


@dataclass(frozen=True, slots=True)
class ReportTurn:
    """The monthly report of one person: the last `month` ("2026-10") it was sent for, "" for none; `due_at` (UTC) is
    their next morning, None = not looked at yet. Who `stopped` gets none."""

    person: int
    month: str = ""
    due_at: datetime | None = None
    stopped: bool = False
