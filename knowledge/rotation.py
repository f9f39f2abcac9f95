"""Whose turn it is, with which item, and when: planned missing data, of which each member answers a part."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from knowledge.hours import Hours, works_on, zone_of
from knowledge.ledger import Turn
from knowledge.people import Person
from knowledge.survey import BETWEEN, Survey


def order(items: Sequence[str], seed: int, person: int, cycle: int) -> list[str]:
    """The items in one member's own order for one time round: the same whenever it is asked for.

    Over many members every item is as likely at every place, so that early closing loses no item more than another.
    """
    return Random(f"{seed}:{person}:{cycle}").sample(list(items), len(items))


def next_item(
    items: Sequence[str], seed: int, turn: Turn, asked: Collection[str], wanted: Collection[str] = ()
) -> tuple[str, int]:
    """The next item for a member and the cycle it belongs to. `asked` are those of the present cycle.

    `wanted` are items that fit what the member has just done: the first of them not yet asked comes before its turn.
    Raises ValueError without items.
    """
    if not items:
        raise ValueError("a survey without items")
    cycle = turn.cycle
    left = [item for item in order(items, seed, turn.person, cycle) if item not in asked]
    if not left:
        cycle += 1
        left = order(items, seed, turn.person, cycle)
    return next((item for item in left if item in wanted), left[0]), cycle


def first_due(survey: Survey, turn: Turn, now: datetime) -> datetime:
    """When a member is first looked at after a survey started: spread over all, not all on one morning.

    A wave reaches everybody within a quarter of its days, so that there is time for an answer; other surveys within
    two weeks, and nobody within two weeks of their last pulse.
    """
    span = timedelta(days=survey.days) / 4 if survey.is_wave else min(BETWEEN, timedelta(days=survey.days) / 2)
    at = now + span * Random(f"{survey.seed}:{turn.person}").random()
    if not survey.is_wave and turn.asked_at is not None:
        at = max(at, turn.asked_at + BETWEEN)
    return at.replace(microsecond=0)


def asking_time(hours: Hours, now: datetime, person: Person) -> datetime:
    """The earliest moment from `now` on (UTC) at which a member may be asked: back, awake, and within working hours of
    a working day by their own clock. `now` itself when that is already so."""
    at = hours.heard_from(max(now, person.away_until or now), person)
    opens, closes = hours.working
    zone = zone_of(person.time_zone)
    day = at.astimezone(zone).date()
    for _ in range(400):
        begins, ends = (datetime.combine(day, wall, zone).astimezone(UTC) for wall in (opens, closes))
        if at < ends and works_on(day, person.time_zone):
            heard = hours.heard_from(max(at, begins), person)
            if heard < ends:
                return heard
        day += timedelta(days=1)
    return at
