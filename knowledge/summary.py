"""Each morning, to each of a desk and each who moderates: what waits, what got late, what was solved. Counts only."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge import curating, flagging, queueing, routing, work_items
from knowledge.hours import quiet_of, works_on, zone_of
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.queueing import Standing


@dataclass(frozen=True, slots=True)
class Place:
    """One network, None for what fits none. `waiting` counts all under way there; `late` (ageing) and `escalated` are
    among them. `solved` are those that helped, at least in part, since the reader's last working day."""

    network: Network | None
    waiting: int
    late: int
    escalated: int
    solved: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What one person has before them. `since` is their last working day. `flags` wait for their decision, `wider` for
    their yes to a wider circle; `drafts` of answers for their review; `work_items` are open."""

    since: date
    yesterday: bool
    places: Sequence[Place]
    flags: int
    wider: int
    drafts: int
    work_items: int
    off: bool

    @property
    def waits(self) -> bool:
        return bool(
            self.flags or self.wider or self.drafts or self.work_items or any(one.waiting for one in self.places)
        )


def of(work: Work, person: Person) -> Summary:
    """As of now; nothing in it says who asked, or when to the hour."""
    today = work.now.astimezone(zone_of(person.time_zone)).date()
    since = _working_day_before(today, person.time_zone)
    waiting = Counter[int | None]()
    late, escalated, solved = Counter[int | None](), Counter[int | None](), Counter[int | None]()
    for lies, standing in queueing.standings(work, person):
        waiting[lies] += 1
        late[lies] += standing is Standing.AGEING
        escalated[lies] += standing is Standing.ESCALATED
    for question in work.questions.solved(_midnight(since, person), _midnight(today, person)):
        if routing.may_watch(work, person, question):
            solved[routing.lies_with(work, question)] += 1
    lying = sorted({*waiting, *solved}, key=lambda one: (-waiting[one], one is None, one or 0))
    return Summary(
        since=since,
        yesterday=since == today - timedelta(days=1),
        places=[
            Place(routing.network_of(work, one), waiting[one], late[one], escalated[one], solved[one]) for one in lying
        ],
        flags=len(flagging.to_decide(work, person)),
        wider=queueing.wanting_wider(work, person),
        drafts=len(curating.to_decide(work, person)),
        work_items=len([one for one in work_items.of_desk(work, person) if one.due_at is None]),
        off=work.mornings.off(person.id),
    )


def due(work: Work, number: int) -> list[Notice]:
    """The morning of one person: claimed once for each of their days, and said only where something waits."""
    person = work.people.get(number)
    day = morning_of(person, work.now, work.policy.summary_at, work.policy.hours.working[1])
    if day is None or person.forgotten or not work.mornings.claim(number, day.isoformat()):
        return []
    summary = of(work, person)
    return [Notice(number, "summary.morning", {"summary": summary})] if summary.waits else []


def morning_of(person: Person, now: datetime, begins: time | None, ends: time) -> date | None:
    """The day whose summary may be brought now: a working day of theirs, from its morning, or from the end of their own
    quiet hours, until work ends, and they are there. None at any other time."""
    here = now.astimezone(zone_of(person.time_zone))
    quiet = quiet_of(person.quiet) if person.quiet else None
    if quiet is not None and begins is not None:
        quiet_from, awake = quiet
        # Who is quiet until after work has ended still has a morning, before it is quiet again.
        begins, ends = max(begins, awake), ends if awake < ends else quiet_from
    away = person.away_until is not None and person.away_until > now
    if begins is None or away or not begins <= here.time() < max(ends, begins):
        return None
    return here.date() if works_on(here.date(), person.time_zone) else None


def now(work: Work, person: Person) -> list[Notice]:
    """The same on demand, also where nothing waits."""
    return [Notice(person.id, "summary.now", {"summary": of(work, person)})]


def switch(work: Work, person: Person, on: bool) -> list[Notice]:
    work.mornings.switch(person.id, off=not on)
    at = work.policy.summary_at
    if on and at is None:
        return [Notice(person.id, "summary.nowhere")]
    return [Notice(person.id, "summary.on" if on else "summary.off", {"at": f"{at:%H:%M}" if at else "–"})]


def _working_day_before(day: date, time_zone: str) -> date:
    found = (day - timedelta(days=back) for back in range(1, 15))
    return next((one for one in found if works_on(one, time_zone)), day - timedelta(days=1))


def _midnight(day: date, person: Person) -> datetime:
    return datetime.combine(day, time(), zone_of(person.time_zone))
