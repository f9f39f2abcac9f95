"""Reminders of events."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from knowledge.reminder import Plan, Reminder, State


class Reminders(Protocol):
    def plan(self, event: int, occurrence: str) -> Plan | None: ...

    def plans(self, event: int) -> list[Plan]:
        """Those of one event, earliest first."""
        ...

    def hold(self, event: int) -> list[Plan]:
        """The same, for changing them: nobody else does until this transaction ends."""
        ...

    def to_write(self, event: int, occurrence: str) -> Plan | None:
        """A plan with people left to write down, held as by `hold`; None where there are none, it is stopped, or
        another replica is at it."""
        ...

    def add_plan(self, plan: Plan) -> bool:
        """False when there is one already."""
        ...

    def save_plan(self, plan: Plan) -> Plan:
        """Raises Conflict when another replica was first."""
        ...

    def put(self, reminders: Sequence[Reminder]) -> None:
        """Writes new ones; of those there are, only what was planned for another beginning is planned anew, even where
        it was sent."""
        ...

    def take(self, now: datetime, limit: int) -> list[Reminder]:
        """Takes reminders that are due, the longest due first, unless their plan is stopped. Nobody else gets them, as
        long as this transaction is not undone; they count as sent until `settle` says otherwise."""
        ...

    def settle(self, reminders: Sequence[int], state: State) -> None:
        """How some that were taken stand instead, by their ids."""
        ...

    def put_off(self, reminder: Reminder, zone: str, due_at: datetime) -> None:
        """One that was taken waits again, by the clock of a zone."""
        ...

    def rezoned(self, now: datetime, limit: int) -> list[Reminder]:
        """Waiting ones of the next day whose reader's zone is another than when they were planned."""
        ...

    def rezone(self, reminder: Reminder, zone: str, due_at: datetime) -> None:
        """In another zone, unless it was sent meanwhile."""
        ...

    def drop(self, event: int, person: int, occurrence: str, keep: Sequence[int] = ()) -> None:
        """What waits for a person of an occurrence is no longer wanted, but for these leads."""
        ...

    def fail(self, reminder: int) -> None:
        """Its channel gave it up."""
        ...

    def coming(self, person: int, limit: int) -> list[Reminder]:
        """What waits for a person, earliest first."""
        ...

    def expected(self, event: int, occurrence: str) -> int:
        """About how many are to be reminded: whoever said yes or maybe to it or to every one."""
        ...

    def counts(self, event: int, occurrence: str) -> Mapping[State, int]: ...

    def next_due(self, event: int, occurrence: str) -> datetime | None:
        """The next that waits."""
        ...

    def chosen_by(self, event: int, people: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
        """What each of these chose for an event, or else for all; whoever chose nothing is left out. Event 0: for all
        alone."""
        ...

    def choose(self, person: int, event: int, leads: Sequence[int] | None) -> None:
        """None: as usual again."""
        ...

    def usual(self, event: int) -> tuple[int, ...] | None:
        """What was set for an event, None for nothing."""
        ...

    def set_usual(self, event: int, leads: Sequence[int]) -> None: ...
