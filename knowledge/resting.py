"""How much may come to somebody: away, a cap of their own, and how it is spread over all."""

from datetime import datetime, timedelta

from knowledge import moving_on
from knowledge.errors import Refusal
from knowledge.load import WEEK, share_of_top
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.question import OfferState

LONGEST = timedelta(days=366)
"""Who is away for longer is better taken out of the directory."""
MOST_SHOWN = 20


def away(work: Work, person: Person, until: datetime) -> list[Notice]:
    """No offers before that moment; what waits for them goes on to the next. What somebody has taken stays theirs."""
    if until <= work.now:
        raise Refusal("away.past")
    if until - work.now > LONGEST:
        raise Refusal("away.too_long", days=LONGEST.days)
    work.people.prefer(person.id, away_until=until)
    notices = [Notice(person.id, "away.set", {"until": until})]
    for question in work.questions.offered_to(person.id):
        back = question.given_back(person.id, OfferState.SNOOZED, work.now, question.due_at)
        told = {"question": question.id}
        card = f"offer:{question.id}"
        notices.append(Notice(person.id, "offer.snoozed", told, card=card, about=question.id, only_edit=True))
        notices += moving_on.next_or_wait(work, back)
    return notices


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
