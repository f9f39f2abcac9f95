"""What the framework's fourth domain is read from: whole windows at once, without a word anybody wrote."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import BindParameter, Connection, bindparam, case, func, or_, select, union

from knowledge.measurement.activity import Given, Passage
from knowledge.question import LIVE, OfferState, Outcome
from storage.schema import offer, person, question, relay

_SINCE: BindParameter[datetime] = bindparam("since")
_UNTIL: BindParameter[datetime] = bindparam("until")
_BEGAN = or_(
    (question.c.sent_at >= _SINCE) & (question.c.sent_at < _UNTIL),
    question.c.sent_at.is_(None) & question.c.item_id.is_not(None) & (question.c.closed_at >= _SINCE)
    & (question.c.closed_at < _UNTIL),
)  # fmt: skip
_QUESTIONS = (
    select(
        question.c.id,
        question.c.sent_at,
        case((question.c.item_id.is_not(None), question.c.closed_at)).label("settled_at"),
        person.c.region,
        question.c.outcome,
        question.c.used,
        question.c.minutes_saved,
    )
    .join(person, person.c.id == question.c.asker_id)
    .where(_BEGAN)
    .order_by(question.c.id)
)
_ENDED = offer.c.state.not_in([state.value for state in sorted(LIVE | {OfferState.WITHHELD})])
_OFFERS = (
    select(
        offer.c.question_id,
        func.count().label("offers"),
        func.sum(case((offer.c.state == OfferState.DECLINED.value, 1), else_=0)).label("declined"),
        func.sum(case((_ENDED, 1), else_=0)).label("ended"),
    )
    .join(question, question.c.id == offer.c.question_id)
    .where(_BEGAN)
    .group_by(offer.c.question_id)
)
_ANSWERS = (
    select(relay.c.question_id, relay.c.author_id, person.c.region, func.min(relay.c.at).label("at"))
    .join(question, question.c.id == relay.c.question_id)
    .join(person, person.c.id == relay.c.author_id)
    .where(_BEGAN, relay.c.side == "expert")
    .group_by(relay.c.question_id, relay.c.author_id, person.c.region)
    .order_by(func.min(relay.c.at), relay.c.author_id)
)
_JOINED = select(person.c.created_at)
_ACTIVE = union(
    select(question.c.asker_id).where(_BEGAN),
    select(relay.c.author_id).where(relay.c.at >= _SINCE, relay.c.at < _UNTIL),
)


class Measurement:
    """`knowledge.ports.Measurement` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def passages(self, since: datetime, until: datetime) -> list[Passage]:
        window = {"since": since, "until": until}
        answers: defaultdict[int, list[Given]] = defaultdict(list)
        for number, author, region, at in self._connection.execute(_ANSWERS, window):
            answers[number].append(Given(author, region, at))
        offers = {row.question_id: row for row in self._connection.execute(_OFFERS, window)}
        found = []
        for row in self._connection.execute(_QUESTIONS, window):
            offered = offers.get(row.id)
            found.append(
                Passage(
                    sent_at=row.sent_at,
                    settled_at=row.settled_at,
                    answers=tuple(answers.get(row.id, ())),
                    asker_region=row.region,
                    outcome=Outcome(row.outcome) if row.outcome else None,
                    offers=int(offered.offers) if offered else 0,
                    declined=int(offered.declined) if offered else 0,
                    ended=int(offered.ended) if offered else 0,
                    used=row.used,
                    minutes_saved=row.minutes_saved,
                )
            )
        return found

    def joined(self) -> list[datetime]:
        return list(self._connection.execute(_JOINED).scalars())

    def active(self, since: datetime, until: datetime) -> set[int]:
        return set(self._connection.execute(_ACTIVE, {"since": since, "until": until}).scalars())
