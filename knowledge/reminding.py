"""Reminders of events: planned page by page, sent once each, stopped and gone on with; and what people choose.

The plan of an occurrence is written when its time comes near; a page is one transaction, and so is a batch that is
sent: whatever is killed in between is done again, and nothing twice. What is true when a reminder is sent decides: who
no longer comes, what was moved or called off, and what the hour is where its reader is by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from knowledge.audit import Entry
from knowledge.errors import Refusal
from knowledge.event import Event
from knowledge.event import State as EventState
from knowledge.event_facts import Fact, Happened, listens
from knowledge.eventing import looks_after, may_see, seen
from knowledge.notices import Notice
from knowledge.occurrences import Occurrence
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.reminder import LONGEST_LEAD, STILL_USEFUL, USUAL, Plan, Reminder, State, due_at, spread, when
from knowledge.rsvp import COMING, Rsvp, at_occurrence

PAGE = 500
"""People whose reminders are written in one transaction."""
PER_SECOND = 20.0
"""Reminders of one event that leave in a second at most: less than any channel bears, so that answers are not held up
behind them."""
MOST_SHOWN = 10
AHEAD = timedelta(minutes=LONGEST_LEAD) + timedelta(days=3)
"""How long before it begins an occurrence is planned: longer than any reminder comes before, with the evenings that are
days off."""


# Planning


def begin(work: Work, number: int, key: str) -> None:
    """Plans an occurrence, or plans it anew because it was moved. Doing it twice changes nothing."""
    found = _takes_place(work, number, key)
    if found is None:
        return
    event, occurrence = found
    plan = Plan(
        number,
        key,
        occurrence.starts_at,
        occurrence.ends_at,
        made_at=work.now,
        total=work.reminders.expected(number, key),
        home_at=_home_at(work, event, occurrence),
    )
    before = next((one for one in work.reminders.hold(number) if one.occurrence == key), None)
    if before is None:
        # As if it had been made when its time came near: what fell due while nobody was at work may still help.
        work.reminders.add_plan(replace(plan, made_at=min(work.now, occurrence.starts_at - AHEAD)))
    elif before.starts_at != occurrence.starts_at:
        work.reminders.save_plan(replace(plan, version=before.version, stopped=before.stopped))


def _home_at(work: Work, event: Event, occurrence: Occurrence) -> datetime | None:
    """A day before it begins, or now where that is past and it still helps."""
    if event.network is None or not work.flags.home(event.network):
        return None
    if occurrence.starts_at - STILL_USEFUL <= work.now:
        return None
    return max(work.now, occurrence.starts_at - timedelta(minutes=USUAL[0]))


def write(work: Work, number: int, key: str) -> None:
    """Writes the reminders of the next page of people, unless another replica is at it."""
    plan = work.reminders.to_write(number, key)
    if plan is None:
        return
    found = _takes_place(work, number, key)
    if found is None:
        work.reminders.save_plan(replace(plan, cursor=None))
        return
    _, occurrence = found
    page = work.events.attending(number, key, after=plan.cursor or 0, limit=PAGE)
    people = {one.id: one for one in work.people.of_ids([one.person for one in page])}
    leads = _leads(work, number, list(people))
    rows = [
        row
        for place, rsvp in enumerate(page, plan.written)
        if rsvp.person in people
        for row in _planned(
            work, occurrence, people[rsvp.person], leads[rsvp.person], max(plan.made_at, rsvp.at), place, plan.total
        )
    ]
    work.reminders.put(rows)
    last = page[-1].person if len(page) == PAGE else None
    work.reminders.save_plan(replace(plan, cursor=last, written=plan.written + len(page)))


def _planned(
    work: Work, occurrence: Occurrence, person: Person, leads: Sequence[int], since: datetime, place: int = 0,
    total: int = 1,
) -> list[Reminder]:  # fmt: skip
    """What is to come for one person after a moment: of what was past then they heard otherwise, or came too late."""
    rows = []
    for lead in leads:
        due = due_at(work.policy.hours, occurrence.starts_at, lead, person.time_zone)
        if due > since:
            at = spread(due, place, total, PER_SECOND)
            rows.append(
                Reminder(
                    0, occurrence.event, occurrence.key, person.id, lead, occurrence.starts_at, at, person.time_zone
                )
            )
    return rows


def _leads(work: Work, event: int, people: Sequence[int]) -> Mapping[int, tuple[int, ...]]:
    """How long before, in minutes: as each chose for the event, or for all, or as its host set it, or as usual."""
    chosen = work.reminders.chosen_by(event, people)
    usual = work.reminders.usual(event)
    return {one: chosen.get(one, USUAL if usual is None else usual) for one in people}


@listens(Fact.MOVED)
def moved(work: Work, happened: Happened) -> list[Notice]:
    """What is planned for another time is planned anew; what is left of the old is dropped when it is due."""
    for plan in work.reminders.hold(happened.event.id):
        if plan.starts_at > work.now:
            begin(work, happened.event.id, plan.occurrence)
    return []


@listens(Fact.ANSWERED)
def answered(work: Work, happened: Happened) -> list[Notice]:
    """Whoever joins late gets what is still to come; whoever no longer comes nothing more."""
    replan(work, work.people.get(happened.person), happened.event)
    return []


def replan(work: Work, person: Person, event: Event) -> None:
    """The reminders of one person of an event as they ought to be now. Where its plan is still to be written, that
    writes them."""
    rsvps = work.events.rsvps_of(person.id, event.id)
    leads = _leads(work, event.id, [person.id])[person.id]
    for plan in work.reminders.plans(event.id):
        occurrence = work.events.occurrence(event.id, plan.occurrence)
        if occurrence is None or occurrence.starts_at <= work.now:
            continue
        said = at_occurrence(rsvps, plan.occurrence).get(person.id)
        coming = said is not None and said.answer in COMING
        work.reminders.drop(event.id, person.id, plan.occurrence, leads if coming else ())
        if coming and not occurrence.cancelled:
            work.reminders.put(_planned(work, occurrence, person, leads, work.now))


def rezone(work: Work, limit: int) -> int:
    """Those whose reader's clock is another since they were planned, by that clock. Returns how many."""
    found = work.reminders.rezoned(work.now, limit)
    for one in found:
        zone = work.people.get(one.person).time_zone
        work.reminders.rezone(one, zone, due_at(work.policy.hours, one.starts_at, one.lead, zone))
    return len(found)


# Sending


@dataclass(frozen=True, slots=True)
class Batch:
    """What was taken: how many, and those to be sent, each with its words."""

    taken: int
    sent: Sequence[tuple[Reminder, Notice]]


def take(work: Work, limit: int) -> Batch:
    """The next that are due. Those that are of no use are settled; the others count as sent, in this transaction, which
    is the one that puts them in the outbox."""
    found = work.reminders.take(work.now, limit)
    work.people.of_ids({one.person for one in found})
    sent = []
    settled: dict[State, list[int]] = {State.OFF: [], State.PAST: []}
    for here in dict.fromkeys((one.event, one.occurrence) for one in found):
        there = [one for one in found if (one.event, one.occurrence) == here]
        people = [one.person for one in there]
        takes_place = _takes_place(work, *here)
        said = at_occurrence(work.events.rsvps_among(here[0], people), here[1])
        leads = _leads(work, here[0], people)
        for one in there:
            outcome = _due(work, one, takes_place, said.get(one.person), leads[one.person])
            if isinstance(outcome, Notice):
                sent.append((one, outcome))
            elif isinstance(outcome, datetime):
                work.reminders.put_off(one, work.people.get(one.person).time_zone, outcome)
            else:
                settled[outcome].append(one.id)
    for state, numbers in settled.items():
        work.reminders.settle(numbers, state)
    return Batch(len(found), sent)


def _due(
    work: Work, one: Reminder, found: tuple[Event, Occurrence] | None, rsvp: Rsvp | None, leads: Sequence[int]
) -> Notice | datetime | State:
    """The words of one that is due; when it is, where it is not yet; OFF or PAST where it is not to be sent at all."""
    person = work.people.get(one.person)
    if found is None or found[1].starts_at != one.starts_at or rsvp is None or rsvp.answer not in COMING:
        return State.OFF
    event, occurrence = found
    if one.lead not in leads or person.forgotten or not person.reachable or not may_see(person, event):
        return State.OFF
    at = when(work.policy.hours, max(work.now, one.due_at), one.starts_at, one.lead, person.time_zone)
    if at is None:
        return State.PAST
    # What was spread over the time before its own moment is due now all the same.
    planned = due_at(work.policy.hours, one.starts_at, one.lead, person.time_zone)
    if at > work.now and (one.zone != person.time_zone or at > planned):
        return at
    minutes = round((one.starts_at - work.now).total_seconds() / 60)
    values = {"event": event, "occurrence": occurrence, "rsvp": rsvp, "zone": person.time_zone, "minutes": minutes}
    return Notice(
        person.id, "event.reminder", values, card=f"reminder:{one.id}:{one.starts_at:%Y%m%dT%H%M}", about=one.id
    )


def at_home(work: Work, number: int, key: str) -> list[Notice]:
    """The announcement where the event's network reads together, once."""
    plan = work.reminders.plan(number, key)
    found = _takes_place(work, number, key)
    if plan is None or plan.home_at is None or plan.home_at > work.now:
        return []
    work.reminders.save_plan(replace(plan, home_at=None))
    if found is None or found[1].starts_at != plan.starts_at or plan.starts_at - STILL_USEFUL <= work.now:
        return []
    event, occurrence = found
    home = work.flags.home(event.network) if event.network is not None else 0
    values = {"event": event, "occurrence": occurrence, "language": event.language}
    return [Notice(0, "event.at_home", values, place=home)] if home else []


def failed(work: Work, number: int) -> None:
    """A channel gave one up."""
    work.reminders.fail(number)


def _takes_place(work: Work, number: int, key: str) -> tuple[Event, Occurrence] | None:
    """The event and its occurrence, None where it is called off or gone."""
    event = work.events.get(number)
    occurrence = work.events.occurrence(number, key)
    if event is None or occurrence is None or event.state is not EventState.PLANNED or occurrence.cancelled:
        return None
    return event, occurrence


# Whoever looks after the event


@dataclass(frozen=True, slots=True)
class Progress:
    """How the reminders of one occurrence stand. `writing`: not all are planned yet."""

    plan: Plan
    sent: int
    waiting: int
    failed: int
    past: int
    next_at: datetime | None

    @property
    def writing(self) -> bool:
        return self.plan.cursor is not None


def progress(work: Work, person: Person, number: int) -> list[Notice]:
    """How the reminders of an event stand, to whoever looks after it."""
    event = _cared_for(work, person, number)
    return [_progress(work, person, event)]


def stop(work: Work, person: Person, number: int) -> list[Notice]:
    """Nothing more is sent; what is in the outbox already arrives."""
    return _switch(work, person, number, stopped=True)


def resume(work: Work, person: Person, number: int) -> list[Notice]:
    """It goes on with what is still of use."""
    return _switch(work, person, number, stopped=False)


def _switch(work: Work, person: Person, number: int, *, stopped: bool) -> list[Notice]:
    event = _cared_for(work, person, number)
    for plan in work.reminders.hold(number):
        if plan.stopped is not stopped and plan.starts_at > work.now:
            work.reminders.save_plan(replace(plan, stopped=stopped))
    _written_down(work, person, event, "stop reminders" if stopped else "resume reminders")
    return [_progress(work, person, event)]


def set_usual(work: Work, person: Person, number: int, leads: Sequence[int]) -> list[Notice]:
    """How long before the people of this event are reminded who chose nothing themselves; none at all for no times."""
    event = _cared_for(work, person, number)
    plans = work.reminders.hold(number)
    work.reminders.set_usual(number, leads)
    _written_down(work, person, event, "set reminders")
    for plan in plans:
        if plan.starts_at > work.now:
            # Written anew, page by page; what is no longer wanted is found out when it is due.
            total = work.reminders.expected(number, plan.occurrence)
            work.reminders.save_plan(replace(plan, cursor=0, written=0, total=total, made_at=work.now))
    return [_progress(work, person, event)]


def _progress(work: Work, person: Person, event: Event) -> Notice:
    found = []
    for plan in work.reminders.plans(event.id):
        if plan.ends_at > work.now:
            counts = work.reminders.counts(event.id, plan.occurrence)
            found.append(
                Progress(
                    plan,
                    counts.get(State.SENT, 0),
                    counts.get(State.WAITING, 0),
                    counts.get(State.FAILED, 0),
                    counts.get(State.PAST, 0),
                    work.reminders.next_due(event.id, plan.occurrence),
                )
            )
    usual = work.reminders.usual(event.id)
    values = {
        "event": event,
        "found": found[:MOST_SHOWN],
        "leads": USUAL if usual is None else usual,
        "stopped": any(one.plan.stopped for one in found),
    }
    return Notice(person.id, "reminder.progress", values, card=f"reminders:{event.id}")


def _written_down(work: Work, person: Person, event: Event, action: str) -> None:
    """Whoever does it with the privilege of a role is written down; a host is not."""
    if event.host != person.id:
        work.audit.note(Entry(person.id, action, f"event:{event.id}", work.now))


def _cared_for(work: Work, person: Person, number: int) -> Event:
    event = work.events.get(number)
    if event is None or event.state is not EventState.PLANNED or not looks_after(person, event):
        raise Refusal("event.unknown", event=number)
    return event


# What each chooses


def choose(work: Work, person: Person, leads: Sequence[int] | None, number: int = 0) -> list[Notice]:
    """How long before this person is reminded, of one event or with 0 of all; of none for no times; None: as usual."""
    if number:
        seen(work, person, number)
    work.reminders.choose(person.id, number, leads)
    numbers = {number} if number else {one for one, _ in work.events.answered_by(person.id)}
    for each in sorted(numbers):
        event = work.events.get(each)
        if event is not None and event.state is EventState.PLANNED:
            replan(work, person, event)
    return mine(work, person, number)


def mine(work: Work, person: Person, number: int = 0) -> list[Notice]:
    """What this person chose, and what is to come."""
    chosen = work.reminders.chosen_by(number, [person.id]).get(person.id)
    coming = work.reminders.coming(person.id, MOST_SHOWN)
    shown = [(one, work.events.get(one.event)) for one in coming if not number or one.event == number]
    event = work.events.get(number) if number else None
    values = {
        "leads": USUAL if chosen is None else chosen,
        "chosen": chosen is not None,
        "coming": shown,
        "event": event,
    }
    return [Notice(person.id, "reminder.mine", values)]
