"""The monthly report: once a month, on a morning of their own, to whoever looks after the community."""

from dataclasses import replace
from datetime import datetime

from knowledge import reporting, rotation
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.ports import Work


def due(work: Work, number: int) -> list[Notice]:
    """Sends the report of the last month that is over, or finds their next working morning for it. Called early, late
    or twice it sends one. Nothing of a month in which nobody was here when it began: there is nothing to compare."""
    turn = work.report_turns.get(number)
    month = reporting.last_over(work.now)
    name = f"{month:%Y-%m}"
    person = work.people.get(number)
    if turn.stopped or turn.month >= name or not person.has_somewhere(*DESK):
        return []
    at = rotation.asking_time(work.policy.hours, work.now, person)
    if at > work.now:
        work.report_turns.save(turn, replace(turn, due_at=at))
        return []
    work.report_turns.save(turn, replace(turn, month=name, due_at=_next(work.now)))
    began = work.measurement.first_joined()
    if began is None or began >= month or not person.reachable:
        return []
    return [replace(one, values={**one.values, "monthly": True}) for one in reporting.report(work, person, month)]


def stop(work: Work, person: Person) -> list[Notice]:
    turn = work.report_turns.get(person.id)
    work.report_turns.save(turn, replace(turn, stopped=True))
    return [Notice(person.id, "report.off")]


def go_on(work: Work, person: Person) -> list[Notice]:
    """From the next month on: what was not sent meanwhile can be read with `results`."""
    turn = work.report_turns.get(person.id)
    month = f"{reporting.last_over(work.now):%Y-%m}"
    work.report_turns.save(turn, replace(turn, stopped=False, month=month, due_at=_next(work.now)))
    return [Notice(person.id, "report.on")]


def _next(now: datetime) -> datetime:
    """The first moment of the next month, UTC."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
