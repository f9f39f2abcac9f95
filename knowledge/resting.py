"""How much may come to somebody: away, a cap of their own, and how it is spread over all."""

from datetime import datetime, timedelta

from knowledge.errors import Refusal
from knowledge.load import WEEK, share_of_top
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work

LONGEST = timedelta(days=366)
"""Who is away for longer is better taken out of the directory."""
MOST_SHOWN = 20


def away(work: Work, person: Person, until: datetime) -> list[Notice]:
    """No offers before that moment. What somebody has taken stays theirs."""
    if until <= work.now:
        raise Refusal("away.past")
    if until - work.now > LONGEST:
        raise Refusal("away.too_long", days=LONGEST.days)
    work.people.prefer(person.id, away_until=until)
    return [Notice(person.id, "away.set", {"until": until})]


def back(work: Work, person: Person) -> list[Notice]:
    work.people.prefer(person.id, away_until=None)
    return [Notice(person.id, "away.back")]


def cap(work: Work, person: Person, offers: int) -> list[Notice]:
    """At most so many offers in seven days; 0 is none at all."""
    if offers > 100:
        raise Refusal("cap.too_many")
    work.people.prefer(person.id, weekly_cap=offers)
    return [Notice(person.id, "cap.set", {"offers": offers})]


def spread(work: Work, person: Person) -> list[Notice]:
    """Who carried what in the last seven days, most first, and which part lies with five of them."""
    carried = work.questions.carried(work.now - WEEK)
    minutes = work.policy.allowance.minutes
    people = sorted(carried.items(), key=lambda one: (-minutes(one[1]), one[0]))[:MOST_SHOWN]
    told = [(work.people.get(number).name, one, minutes(one)) for number, one in people]
    return [Notice(person.id, "load.spread", {"people": told, "top": share_of_top(carried)})]
