"""What the clock rings for: how to find what is due, and what is done about each."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

from bot.failing import log_failure
from house.ground import Ground, Move
from knowledge import (
    after_events,
    assisting,
    calling,
    curating,
    digesting,
    event_moves,
    flagging,
    monthly,
    moving_on,
    pulse,
    sending_digests,
    summary,
    surveying,
    tending,
    work_items,
)
from knowledge.held import ASKED_AFTER, STILL_ASKED
from knowledge.notices import Notice
from storage import mornings
from storage.assists import Assists
from storage.digests import Digests, digests_due, digests_taken_back
from storage.drafts import Drafts
from storage.events import Events
from storage.flags import Flags
from storage.held import HeldEvents
from storage.items import Items
from storage.monthly import ReportTurns
from storage.people import People
from storage.proposals import Calls
from storage.pulse import Pulses
from storage.questions import Questions
from storage.surveys import Surveys
from storage.work import Work
from storage.work_items import chore_due

log = logging.getLogger("connect")

TOLD_AFTER = 200
"""People who are asked about an event, and who get what is left of one, at one tick: no answer has to wait behind
them."""

T = TypeVar("T")
Ring = tuple[Callable[..., list[int]], Move]
"""How to find what is due, and what is done about each."""


async def ring(ground: Ground) -> int:
    """Moves on all that is due, each in its own transaction. Returns how many."""
    now = ground.now()
    moved = 0
    policy = ground.settings.policy
    mornings_due = partial(mornings.due, begins=policy.summary_at, ends=policy.hours.working[1])
    rings: Sequence[Ring] = (*RINGS, (mornings_due, summary.due))
    for find, move in rings:
        name = f"{move.__module__} {getattr(move, '__name__', '')}".strip()
        for number in await tried(name, ground.database.look(partial(find, now=now))) or ():
            moved += await tried(f"{name} {number}", ground.move(number, move)) is not None
    return moved


async def tried(what: str, work: Awaitable[T]) -> T | None:
    """What came of a part of a tick; None when it failed."""
    try:
        return await work
    except Exception as error:
        log_failure(log, f"due: {what}", error)
        return None


def _numbers_due(
    connection: Connection,
    *,
    kept: type[Questions | Assists | Flags | Surveys | Calls | Drafts | Items],
    now: datetime,
) -> list[int]:
    return kept(connection).due(now, 500)


def _chore_due(connection: Connection, *, name: str, now: datetime) -> list[int]:
    return [0] if chore_due(connection, name, now) else []


def _pulses_due(connection: Connection, *, now: datetime) -> list[int]:
    return Pulses(connection).due(now, 200)


def _reminders_due(connection: Connection, *, now: datetime) -> list[int]:
    return Pulses(connection).reminders(now, 200)


def _reports_due(connection: Connection, *, now: datetime) -> list[int]:
    return ReportTurns(connection).due(now, 200)


def _digests_to_plan(connection: Connection, *, now: datetime) -> list[int]:
    return Digests(connection, People(connection), by_email=False).to_plan()


def _digests_due(connection: Connection, *, now: datetime) -> list[int]:
    # In batches: what people say in between must not wait for a whole community's letters.
    return digests_due(connection, now, sending_digests.SENT_AT_ONCE, 4)


def _calls_to_tell(connection: Connection, *, now: datetime) -> list[int]:
    return Calls(connection).telling(50)


def _events_due(connection: Connection, *, now: datetime, news: bool) -> list[int]:
    """Events whose change not everybody has heard of, or series to be worked out further."""
    events = Events(connection, now)
    return events.with_news(50) if news else events.to_expand(200)


def _held_due(connection: Connection, *, now: datetime, step: str) -> list[int]:
    """What comes after events: numbers of events, or as often 0 as there are batches of people to be told something."""
    held = HeldEvents(connection)
    match step:
        case "begin":
            return held.unopened(now - STILL_ASKED, now - ASKED_AFTER, 50)
        case "write":
            return held.unwritten(20)
        case "wake":
            return held.lacking(now - after_events.FRESH, 50)
    due = held.due(now, TOLD_AFTER) if step == "ask" else held.wishes_due(now, TOLD_AFTER)
    return [0] * -(-due // after_events.BATCH)


def _worked_out(work: Work, number: int) -> list[Notice]:
    work.events.hold(number)
    event = work.events.get(number)
    if event is not None:
        work.events.expand(event)
    return []


# In this order: surveys close before anybody is asked.
RINGS: Sequence[Ring] = (
    (partial(_numbers_due, kept=Questions), moving_on.due),
    (partial(_numbers_due, kept=Assists), assisting.due),
    (partial(_numbers_due, kept=Flags), flagging.due),
    (partial(_numbers_due, kept=Surveys), surveying.due),
    (partial(_numbers_due, kept=Drafts), curating.due),
    (partial(_numbers_due, kept=Items), tending.due),
    (partial(_chore_due, name="work_items"), work_items.check),
    (partial(_numbers_due, kept=Calls), calling.due),
    (_calls_to_tell, calling.tell),
    (partial(_chore_due, name="digests"), digesting.remind),
    (_digests_to_plan, sending_digests.plan),
    (_digests_due, sending_digests.send),
    (digests_taken_back, sending_digests.mend),
    (partial(_events_due, news=True), event_moves.news),
    (partial(_events_due, news=False), _worked_out),
    (partial(_held_due, step="begin"), after_events.begin),
    (partial(_held_due, step="write"), after_events.write),
    (partial(_held_due, step="ask"), after_events.ask),
    (partial(_held_due, step="wake"), after_events.wake),
    (partial(_held_due, step="give"), after_events.give),
    (_pulses_due, pulse.due),
    (_reminders_due, pulse.remind),
    (_reports_due, monthly.due),
)
