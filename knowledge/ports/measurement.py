"""Surveys, the ledger, sealed answers, and what the community did."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from knowledge.ledger import Asked, ReportTurn, Turn
from knowledge.measurement.activity import Window
from knowledge.measurement.findings import Finding
from knowledge.measurement.releasing import Release
from knowledge.measurement.results import Result
from knowledge.mixing import Kept, Remark, Response
from knowledge.survey import Survey


class Surveys(Protocol):
    """Those of events are kept like any other, and are not among `running`, `of_framework`, `newest` and `last_closed`,
    nor in `usual_rate`."""

    def add(self, survey: Survey) -> Survey:
        """Keeps a new survey and returns it with its number."""
        ...

    def get(self, survey: int) -> Survey | None: ...

    def save(self, before: Survey, survey: Survey) -> Survey:
        """Raises Conflict when somebody changed it first."""
        ...

    def running(self) -> list[Survey]: ...

    def of_framework(self, version: str) -> list[Survey]:
        """Those of that version of the framework that were ever started, oldest first."""
        ...

    def results(self, survey: Survey) -> list[Result]:
        """What may be told of a closed survey; nothing of one that is open."""
        ...

    def remarks(self, survey: Survey) -> dict[str, list[str]]:
        """The comments that may be read of a closed survey, by item, in an order that says nothing."""
        ...

    def newest(self, limit: int = 10) -> list[Survey]: ...

    def last_closed(self) -> Survey | None: ...

    def usual_rate(self) -> float | None:
        """Of those who were asked in closed surveys, the part that answered; None while none was closed."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """Running or paused surveys whose days are over."""
        ...

    def keep(self, survey: Survey, kept: Kept) -> None:
        """Writes what remains of a closed survey, empties its box, and forgets who answered."""
        ...


class Pulses(Protocol):
    """The ledger."""

    def turn(self, person: int) -> Turn | None: ...

    def save_turn(self, turn: Turn) -> None:
        """Raises Conflict when another replica, or the member, was first."""
        ...

    def turns(self) -> list[Turn]:
        """The turn of everybody who can be reached, new ones among them."""
        ...

    def enrol(self, turns: Sequence[Turn]) -> None:
        """Keeps when each is looked at next."""
        ...

    def members(self) -> int:
        """How many can be reached and have not stopped."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """People whose turn has come, the longest waiting first."""
        ...

    def reminders(self, now: datetime, limit: int) -> list[int]:
        """Numbers of open pulses whose reminder is due."""
        ...

    def ask(self, asked: Asked) -> Asked | None:
        """Writes the line and returns it with its number; None when the same was asked before."""
        ...

    def get(self, pulse: int) -> Asked | None: ...

    def save(self, before: Asked, asked: Asked) -> Asked:
        """Raises Conflict when it has changed since it was read."""
        ...

    def open_of(self, person: int) -> list[Asked]:
        """Oldest first."""
        ...

    def begun(self, survey: int, person: int) -> bool:
        """Whether a member was asked anything of a survey."""
        ...

    def to_come(self, survey: Survey, person: int) -> list[str]:
        """The items of a survey a member was not asked yet, in its order."""
        ...

    def asked_in_cycle(self, person: int, cycle: int) -> Collection[str]: ...

    def turnout(self, survey: Survey) -> tuple[int, int] | None:
        """How many pulses were sent and how many of them answered: while it runs in steps of the least that is told of,
        or whoever looks again and again would see who answers; None where it may not be told of a closed one."""
        ...


class Box(Protocol):
    """Where answers lie sealed until their survey closes."""

    @property
    def mark(self) -> str:
        """Recognises the key; "" when there is none, and nothing can be sealed."""
        ...

    def put(self, survey: int, what: Response | Remark) -> None: ...

    def opened(self, survey: int) -> Iterable[Response | Remark]:
        """In no order. Raises ValueError when one was sealed with another key."""
        ...

    def blind(self, text: str) -> str:
        """A keyed digest: equal for equal texts, and nobody can try out which text it was."""
        ...


class Measurement(Protocol):
    """What the community did, window by window."""

    def window(self, since: datetime, until: datetime, follow_up: timedelta) -> Window:
        """All that is counted of the time from `since` to before `until`: the questions that were sent, or settled
        unsent, in it, and those closed so long before that their follow-up came in it."""
        ...

    def seen(self, person: int, now: datetime) -> None:
        """Notes that somebody was here this month, once."""
        ...

    def kept(self, since: datetime) -> Release | None:
        """What was told of the month that began then; None while nobody counted it."""
        ...

    def keep(self, found: Release, brokers: Sequence[int], now: datetime) -> Release:
        """Keeps it, and which of the brokers agreed to be named, unless it is kept already; returns what is kept. Where
        this transaction may only read, nothing is."""
        ...

    def connectors(self, since: datetime) -> list[int]:
        """Who lay on most ways between others in the month that began then and still agrees to be named, most first."""
        ...

    def first_joined(self) -> datetime | None:
        """When the first member came."""
        ...


class Evidence(Protocol):
    """What evaluations and interviews say of the framework's items."""

    def add(self, one: Finding) -> Finding:
        """Keeps it and returns it with its number."""
        ...

    def get(self, number: int) -> Finding | None: ...

    def retract(self, number: int, *, retracted: bool) -> None:
        """Takes it back, or brings it back."""
        ...

    def of_framework(self, version: str, until: datetime | None = None) -> list[Finding]:
        """Those not taken back, entered before then, the newest day first."""
        ...


class ReportTurns(Protocol):
    """Whom the monthly report was sent, and when to look at them again."""

    def get(self, person: int) -> ReportTurn: ...

    def save(self, before: ReportTurn, now: ReportTurn) -> None:
        """Raises Conflict when another replica was first."""
        ...
