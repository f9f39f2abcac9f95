"""What comes to a desk beside questions: raised once for each cause, closed by somebody of the desk or by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from knowledge import routing, undoing
from knowledge.desk_work import Move
from knowledge.errors import Refusal
from knowledge.load import NOTHING, WEEK
from knowledge.notices import Notice
from knowledge.people import DESK, Grant, Person, Role
from knowledge.places import Network
from knowledge.ports import Work
from knowledge.question import OVER
from knowledge.work_item import STANDING, Cause, State, WorkItem

CHECKED_EVERY = timedelta(hours=1)
PUT_OFF_DAYS = 3
MOST_DAYS = 60
_SHUT = ("blocked", "gone", "not_allowed", "no_conversation")
"""Reasons for which nobody can be written to any more, until they write themselves."""
ENOUGH = 10
"""Work items on one page."""


def raise_(
    work: Work,
    cause: Cause,
    key: str,
    *,
    network: int | None = None,
    question: int | None = None,
    person: int | None = None,
    topic: str = "",
    told: Mapping[str, str | int] | None = None,
) -> tuple[WorkItem, bool]:
    """The work item of this cause, and whether the desk has to hear of it: it is new, or back after it was over.

    `key` tells one cause from another of its kind, for good. Whose desk it is on follows from what it is about
    (`knowledge.work_item`).
    """
    facts = told or {}
    before = work.work_items.of(cause, key)
    if before is None:
        new = WorkItem(0, cause, key, work.now, network, question, person, topic, facts)
        added = work.work_items.add(new)
        if added is not None:
            return added, True
        before = work.work_items.of(cause, key)
        assert before is not None, "another replica was first"
    now = before.raised(facts, work.now)
    if now != before:
        now = work.work_items.save(now)
    return now, now.state is State.OPEN and now.raised_at != before.raised_at


def gone(work: Work, cause: Cause, key: str) -> None:
    """Says that a cause is no more; nothing where there was none."""
    item = work.work_items.of(cause, key)
    if item is not None and item.state is not State.GONE:
        work.work_items.save(item.gone(work.now))


# Whose it is


def places(work: Work, item: WorkItem) -> set[int]:
    """The networks whose desks have it; empty for the desk of everywhere."""
    if item.question is not None:
        question = work.questions.get(item.question)
        return set(routing.places(work, question)) if question is not None else set()
    if item.topic:
        return {one.id for one in work.catalogue.networks if item.topic in one.topics}
    if item.person is not None:
        return set(work.people.get(item.person).networks)
    return {item.network} if item.network is not None else set()


def desk_of(work: Work, item: WorkItem) -> list[Person]:
    """Who hears of it: the facilitators of its place, else those of everywhere, else any, else the KM team."""
    question = work.questions.get(item.question) if item.question is not None else None
    if question is not None:
        return routing.facilitators(work, question)
    if _of_everybody(item):
        return work.people.having(Role.KM_TEAM, None)
    return (
        routing.caretakers(work, sorted(places(work, item)))
        or work.people.having_somewhere(Role.FACILITATOR)
        or work.people.having_somewhere(Role.KM_TEAM)
    )


def may_see_to(work: Work, person: Person, item: WorkItem) -> bool:
    """Whether it is on this person's desk. About a question it is for whoever may look after that."""
    if item.question is not None:
        question = work.questions.get(item.question)
        return question is not None and routing.may_look_after(work, person, question)
    if _of_everybody(item):
        return Grant(Role.KM_TEAM) in person.grants
    if not person.has_somewhere(*DESK):
        return False
    there = {None, *places(work, item)}
    if any(grant.role in DESK and grant.network in there for grant in person.grants):
        return True
    return person.id in {one.id for one in desk_of(work, item)}


def _of_everybody(item: WorkItem) -> bool:
    """About a file with people of every network: for the KM team of all of them, as importing it is."""
    return item.cause is Cause.REJECTED_IMPORT and item.network is None


def _found(work: Work, person: Person, number: int) -> WorkItem:
    """Raises Refusal in the same words for one that is not theirs as for one that does not exist."""
    item = work.work_items.get(number)
    if item is None or not may_see_to(work, person, item):
        raise Refusal("work_item.unknown", work_item=number)
    return item


# The desk


@dataclass(frozen=True, slots=True)
class Listed:
    """One work item as its desk reads it: with the names it needs."""

    item: WorkItem
    name: str
    """Of the person it is about; "" where there is none, or where it would name an asker."""
    assigned: str
    networks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Page:
    """What is open, oldest first, then what was put off. `total` counts all of it; pages count from 1."""

    shown: Sequence[Listed]
    total: int
    put_off: int
    network: Network | None
    page: int
    pages: int


def listed(work: Work, item: WorkItem) -> Listed:
    name = work.people.get(item.person).name if item.person is not None else ""
    assigned = work.people.get(item.assigned).name if item.assigned is not None else ""
    return Listed(item, name, assigned, sorted(places(work, item)))


def of_desk(work: Work, person: Person, network: Network | None = None) -> list[WorkItem]:
    """All that stands on this person's desk, open ones first, each kind oldest first."""
    mine = [one for one in work.work_items.in_states(STANDING) if may_see_to(work, person, one)]
    if network is not None:
        mine = [one for one in mine if network.id in places(work, one)]
    return sorted(mine, key=lambda one: (one.state is State.LATER, one.raised_at, one.id))


def page(work: Work, person: Person, network: Network | None = None, number: int = 1) -> Page:
    mine = of_desk(work, person, network)
    pages = max(-(-len(mine) // ENOUGH), 1)
    number = min(max(number, 1), pages)
    shown = [listed(work, one) for one in mine[(number - 1) * ENOUGH : number * ENOUGH]]
    put_off = sum(one.state is State.LATER for one in mine)
    return Page(shown, len(mine), put_off, network, number, pages)


def card(work: Work, to: Person, item: WorkItem) -> Notice:
    return Notice(to.id, "work_item.card", {"listed": listed(work, item)}, card=f"work_item:{item.id}")


def show(work: Work, person: Person, number: int) -> list[Notice]:
    return [card(work, person, _found(work, person, number))]


def done(work: Work, person: Person, number: int) -> list[Notice]:
    return _moved(work, person, "done", before := _found(work, person, number), before.done(work.now))


def later(work: Work, person: Person, number: int, days: int = PUT_OFF_DAYS) -> list[Notice]:
    """Off the desk for some days, counted from now."""
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("work_item.days", most=MOST_DAYS)
    before = _found(work, person, number)
    return _moved(work, person, "later", before, before.later(work.now + timedelta(days=days)))


def hand(work: Work, person: Person, number: int, to: Person) -> list[Notice]:
    """To somebody of the same desk, or to oneself."""
    before = _found(work, person, number)
    if not may_see_to(work, to, before):
        raise Refusal("work_item.not_theirs", name=to.name, work_item=number)
    notices = _moved(work, person, "hand", before, before.handed(to.id))
    if to.id == person.id:
        return notices
    handed = work.work_items.get(number)
    assert handed is not None
    return [*notices, replace(card(work, to, handed), key="work_item.handed")]


def _moved(work: Work, person: Person, action: str, before: WorkItem, after: WorkItem) -> list[Notice]:
    kept = work.work_items.save(after)
    stood = {
        "version": kept.version,
        "state": before.state.value,
        "assigned": before.assigned,
        "due_at": _said(before.due_at),
        "closed_at": _said(before.closed_at),
    }
    work.moves.put(Move(person.id, action, f"work_item:{before.id}", work.now, stood))
    return [card(work, person, kept)]


@undoing.undoes("done", "later", "hand")
def _take_back(work: Work, person: Person, move: Move) -> list[Notice]:
    assert move.before is not None
    number = int(move.about.partition(":")[2])
    now = _found(work, person, number)
    if now.version != move.before["version"]:
        raise Refusal("work_item.moved_on", work_item=number)
    kept = work.work_items.save(
        replace(
            now,
            state=State(move.before["state"]),
            assigned=move.before["assigned"],
            due_at=_time(move.before["due_at"]),
            closed_at=_time(move.before["closed_at"]),
        )
    )
    return [card(work, person, kept)]


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


# The clock


def check(work: Work, _number: int = 0) -> list[Notice]:
    """Once an hour, whoever is first: finds experts who have had enough and topics that nobody knows, closes what is
    no more, brings back what was put off. Says nothing by itself: the morning's summary does."""
    if not work.chores.claim("work_items", work.now, work.now + CHECKED_EVERY):
        return []
    found = {*_overloaded(work), *_without_expert(work)}
    for item in work.work_items.in_states(frozenset(State) - {State.GONE}):
        now = item.back(work.now)
        if _is_over(work, item, found):
            now = item.gone(work.now)
        if now != item:
            work.work_items.save(now)
    return []


def _overloaded(work: Work) -> list[tuple[Cause, str]]:
    """Who can be asked nothing more this week, and took half of what came or more: who lets it all pass carries
    nothing."""
    carried = work.questions.carried(work.now - WEEK)
    allowance = work.policy.allowance
    found = []
    for expert in work.catalogue.experts:
        one = carried.get(expert.id, NOTHING)
        if one.taken and 2 * one.taken >= one.offers and allowance.full(expert, one):
            key = f"person:{expert.id}"
            told = {"offers": one.offers, "taken": one.taken}
            raise_(work, Cause.OVERLOADED, key, person=expert.id, told=told)
            found.append((Cause.OVERLOADED, key))
    return found


def _without_expert(work: Work) -> list[tuple[Cause, str]]:
    known = {topic for expert in work.catalogue.experts for topic in expert.topics}
    alone = [topic.key for topic in work.catalogue.topics if topic.key not in known]
    for key in alone:
        raise_(work, Cause.NO_EXPERT, key, topic=key)
    return [(Cause.NO_EXPERT, key) for key in alone]


def _is_over(work: Work, item: WorkItem, found: set[tuple[Cause, str]]) -> bool:
    match item.cause:
        case Cause.OVERLOADED | Cause.NO_EXPERT:
            return (item.cause, item.key) not in found
        case Cause.UNDELIVERABLE:
            question = work.questions.get(item.question) if item.question is not None else None
            if question is not None and question.state in OVER:
                return True
            unreached = item.person if question is None or item.person is not None else question.asker
            if item.told["reason"] not in _SHUT or unreached is None:
                return False
            return work.people.get(unreached).reachable
        case Cause.REJECTED_IMPORT:
            # A later import says so.
            return False
