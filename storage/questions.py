"""Questions, their offers and what crossed, kept."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, delete, func, insert, or_, select, update

from knowledge.contributions import Contributions, Impact
from knowledge.errors import Conflict
from knowledge.load import Carried
from knowledge.matching.port import Reason
from knowledge.places import Audience
from knowledge.question import HELD, Offer, OfferState, Outcome, Question, Relay, Side, State
from knowledge.wishes import Wishes
from storage.changes import Kind, raise_version
from storage.schema import impact, offer, question, relay

# Built once: SQLAlchemy then compiles each of them once.
_COLUMNS = [column for column in question.c if column.name not in ("id", "version")]
_INSERT = insert(question).returning(question.c.id)
_GET = select(question).where(question.c.id == bindparam("number"))
_OFFERS = select(offer).where(offer.c.question_id.in_(bindparam("numbers", expanding=True))).order_by(
    offer.c.question_id, offer.c.offered_at, offer.c.person_id
)  # fmt: skip
_SAVE = (
    update(question)
    .where(question.c.id == bindparam("number"), question.c.version == bindparam("read_version"))
    .values({column.name: bindparam(f"new_{column.name}") for column in (*_COLUMNS, question.c.version)})
)
_BETWEEN = (
    select(question)
    .where(
        or_(question.c.expert_id == bindparam("person"), question.c.asker_id == bindparam("person")),
        question.c.state.in_([state.value for state in sorted(HELD)]),
    )
    .order_by(question.c.id)
)
_OFFERED_TO = (
    select(question)
    .join(offer, offer.c.question_id == question.c.id)
    .where(offer.c.person_id == bindparam("person"), offer.c.state == OfferState.OPEN.value)
    .order_by(question.c.id)
)
_NEW_OFFER = insert(offer)
_END_OFFER = (
    update(offer)
    .where(offer.c.question_id == bindparam("of_question"), offer.c.person_id == bindparam("of_person"))
    .values(state=bindparam("new_state"), ended_at=bindparam("new_ended_at"))
)
_NEW_RELAY = insert(relay)
_ANSWERS = (
    select(relay)
    .where(relay.c.question_id == bindparam("number"), relay.c.side == Side.EXPERT.value)
    .order_by(relay.c.number)
)
_DROP_IMPACT = delete(impact).where(
    impact.c.question_id == bindparam("question"), impact.c.person_id == bindparam("person")
)
_NEW_IMPACT = insert(impact)
_IMPACTS = select(impact).where(impact.c.person_id == bindparam("person")).order_by(impact.c.at, impact.c.question_id)
_GIVEN = select(question).where(
    question.c.id.in_(
        select(relay.c.question_id).where(relay.c.side == Side.EXPERT.value, relay.c.author_id == bindparam("person"))
    )
)
_LAST_ANSWER = select(func.max(relay.c.number)).where(
    relay.c.question_id == bindparam("number"), relay.c.side == Side.EXPERT.value
)

_HELD_OFFERS = (OfferState.TAKEN.value, OfferState.ANSWERED.value)
_CARRIED = (
    select(offer.c.person_id, func.count(), func.sum(case((offer.c.state.in_(_HELD_OFFERS), 1), else_=0)))
    .where(offer.c.offered_at >= bindparam("since"), offer.c.state != OfferState.WITHHELD.value)
    .group_by(offer.c.person_id)
)


class Questions:
    """`knowledge.ports.Questions` on one connection. `shut` is told of words in which nobody else may read one any
    more, by the opening's number."""

    def __init__(self, connection: Connection, shut: Callable[[int], None] = lambda _opening: None) -> None:
        self._connection = connection
        self._shut = shut
        self._read: dict[int, Question] = {}

    def add(self, new: Question) -> Question:
        number = self._connection.execute(_INSERT, {"version": 1, **_values(new)}).scalar_one()
        return self._keep(replace(new, id=number, version=1))

    def get(self, number: int) -> Question | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(_GET, {"number": number}).one_or_none()
        return self._with_offers([row])[0] if row else None

    def save(self, moved: Question) -> Question:
        before = self._read[moved.id]
        values = {f"new_{name}": value for name, value in _values(moved).items()}
        changed = self._connection.execute(
            _SAVE,
            {"number": moved.id, "read_version": before.version, "new_version": before.version + 1, **values},
        )
        if changed.rowcount != 1:
            raise Conflict(f"question {moved.id}")
        self._save_offers(before, moved)
        if before.opening is not None and before.opening != moved.opening:
            self._shut(before.opening)
        if _taught(before) != _taught(moved):
            raise_version(self._connection, Kind.QUESTION, moved.id)
        return self._keep(replace(moved, version=before.version + 1))

    def add_relay(self, number: int, crossed: Relay) -> None:
        self._connection.execute(
            _NEW_RELAY,
            {
                "question_id": number,
                "number": crossed.number,
                "side": crossed.side.value,
                "author_id": crossed.author,
                "text": crossed.text,
                "at": crossed.at,
            },
        )
        if crossed.side is Side.EXPERT:
            raise_version(self._connection, Kind.QUESTION, number)

    def answers(self, number: int) -> list[Relay]:
        return [
            Relay(row.number, Side(row.side), row.author_id, row.text, row.at)
            for row in self._connection.execute(_ANSWERS, {"number": number})
        ]

    def last_answer(self, number: int) -> int:
        return self._connection.execute(_LAST_ANSWER, {"number": number}).scalar() or 0

    def asked_by(self, person: int, limit: int = 20) -> list[Question]:
        rows = select(question).where(question.c.asker_id == person).order_by(question.c.id.desc()).limit(limit)
        return self._with_offers(self._connection.execute(rows))

    def of(self, person: int) -> list[Question]:
        brought = select(offer.c.question_id).where(offer.c.person_id == person)
        rows = select(question).where(or_(question.c.asker_id == person, question.c.id.in_(brought)))
        return self._with_offers(self._connection.execute(rows.order_by(question.c.id)))

    def offered_to(self, person: int) -> list[Question]:
        return self._with_offers(self._connection.execute(_OFFERED_TO, {"person": person}))

    def between(self, person: int) -> list[Question]:
        return self._with_offers(self._connection.execute(_BETWEEN, {"person": person}))

    def due(self, now: datetime, limit: int) -> list[int]:
        rows = (
            select(question.c.id)
            .where(question.c.due_at <= now)
            .order_by(question.c.due_at, question.c.id)
            .limit(limit)
        )
        return list(self._connection.execute(rows).scalars())

    def add_impact(self, number: int, person: int, text: str, at: datetime) -> None:
        key = {"question": number, "person": person}
        self._connection.execute(_DROP_IMPACT, key)
        self._connection.execute(_NEW_IMPACT, {"question_id": number, "person_id": person, "text": text, "at": at})

    def contributions(self, person: int) -> Contributions:
        given = Contributions(
            impacts=tuple(
                Impact(row.question_id, row.text, row.at)
                for row in self._connection.execute(_IMPACTS, {"person": person})
            )
        )
        for row in self._connection.execute(_GIVEN, {"person": person}):
            helped = person in (row.helped or ())
            given = replace(
                given,
                answered=given.answered + 1,
                solved=given.solved + (helped and row.outcome == Outcome.SOLVED.value),
                partly=given.partly + (helped and row.outcome == Outcome.PARTLY.value),
                used=given.used + bool(helped and row.used),
                changed=given.changed + bool(helped and row.changed),
                minutes=given.minutes + (row.minutes_saved or 0 if helped else 0),
            )
        return given

    def carried(self, since: datetime) -> dict[int, Carried]:
        return {row.person_id: Carried(row[1], row[2]) for row in self._connection.execute(_CARRIED, {"since": since})}

    def in_states(self, states: Collection[State]) -> list[Question]:
        there = select(question).where(question.c.state.in_([state.value for state in states]))
        return self._with_offers(self._connection.execute(there.order_by(question.c.asked_at, question.c.id)))

    def opened(self) -> list[Question]:
        there = select(question).where(question.c.opening_id.is_not(None)).order_by(question.c.id)
        return self._with_offers(self._connection.execute(there))

    def unanswered(self, since: datetime, until: datetime) -> list[Question]:
        sent = (question.c.sent_at >= since) & (question.c.sent_at < until) & (question.c.text != "")
        none_came = question.c.answered_at.is_(None) & question.c.item_id.is_(None)
        gone = question.c.state.in_([State.WITHDRAWN.value, State.MERGED.value])
        no_help = question.c.outcome == Outcome.NO.value
        rows = select(question).where(sent, or_(none_came & ~gone, no_help)).order_by(question.c.id)
        return self._with_offers(self._connection.execute(rows).all())

    def solved(self, since: datetime, until: datetime) -> list[Question]:
        helped = question.c.outcome.in_([Outcome.SOLVED.value, Outcome.PARTLY.value])
        then = (question.c.closed_at >= since) & (question.c.closed_at < until)
        rows = select(question).where(question.c.state == State.CLOSED.value, helped, then)
        return self._with_offers(self._connection.execute(rows.order_by(question.c.id)))

    def merged_into(self, number: int) -> list[Question]:
        followers = select(question).where(question.c.merged_into_id == number, question.c.state == State.MERGED.value)
        return self._with_offers(self._connection.execute(followers.order_by(question.c.id)))

    def _save_offers(self, before: Question, moved: Question) -> None:
        known = {offer.person: offer for offer in before.offers}
        for now in moved.offers:
            earlier = known.get(now.person)
            if earlier is None:
                self._connection.execute(
                    _NEW_OFFER,
                    {
                        "question_id": moved.id,
                        "person_id": now.person,
                        "state": now.state.value,
                        "reasons": [_reason_json(reason) for reason in now.reasons],
                        "offered_at": now.offered_at,
                        "ended_at": now.ended_at,
                    },
                )
            elif earlier != now:
                self._connection.execute(
                    _END_OFFER,
                    {
                        "of_question": moved.id,
                        "of_person": now.person,
                        "new_state": now.state.value,
                        "new_ended_at": now.ended_at,
                    },
                )

    def _with_offers(self, rows: Iterable[Row[Any]]) -> list[Question]:
        found = list(rows)
        if not found:
            return []
        offers: dict[int, list[Offer]] = {}
        for row in self._connection.execute(_OFFERS, {"numbers": [row.id for row in found]}):
            offers.setdefault(row.question_id, []).append(_offer(row))
        return [self._keep(_question(row, tuple(offers.get(row.id, ())))) for row in found]

    def _keep(self, read: Question) -> Question:
        self._read[read.id] = read
        return read


def _taught(of: Question) -> tuple[Any, ...]:
    """What matchers learn from a question, its relays aside."""
    return of.offers, of.expert, of.outcome, of.helped, of.item


def _values(of: Question) -> dict[str, Any]:
    return {
        "asker_id": of.asker,
        "text": of.text,
        "language": of.language,
        "audience": int(of.audience),
        "state": of.state.value,
        "expert_id": of.expert,
        "wishes": of.wishes.to_json(),
        "asker_named": of.asker_named,
        "expert_named": of.expert_named,
        "asker_asks": of.asker_asks,
        "expert_asks": of.expert_asks,
        "network_id": of.network,
        "merged_into_id": of.merged_into,
        "opening_id": of.opening,
        "outcome": of.outcome.value if of.outcome else None,
        "item_id": of.item,
        "helped": list(of.helped),
        "minutes_saved": of.minutes_saved,
        "used": of.used,
        "changed": of.changed,
        "followed_up": of.followed_up,
        "coached": of.coached,
        "relayed": of.relayed,
        "reminded": of.reminded,
        "asked_at": of.asked_at,
        "sent_at": of.sent_at,
        "waiting_since": of.waiting_since,
        "taken_at": of.taken_at,
        "answered_at": of.answered_at,
        "closed_at": of.closed_at,
        "due_at": of.due_at,
    }


def _question(row: Row[Any], offers: tuple[Offer, ...]) -> Question:
    return Question(
        id=row.id,
        asker=row.asker_id,
        text=row.text,
        language=row.language,
        audience=Audience(row.audience),
        asked_at=row.asked_at,
        state=State(row.state),
        version=row.version,
        offers=offers,
        expert=row.expert_id,
        wishes=Wishes.from_json(row.wishes or {}),
        asker_named=row.asker_named,
        expert_named=row.expert_named,
        asker_asks=row.asker_asks,
        expert_asks=row.expert_asks,
        outcome=Outcome(row.outcome) if row.outcome else None,
        network=row.network_id,
        merged_into=row.merged_into_id,
        opening=row.opening_id,
        item=row.item_id,
        helped=tuple(row.helped or ()),
        minutes_saved=row.minutes_saved,
        used=row.used,
        changed=row.changed,
        followed_up=row.followed_up,
        coached=row.coached,
        relayed=row.relayed,
        reminded=row.reminded,
        sent_at=row.sent_at,
        waiting_since=row.waiting_since,
        taken_at=row.taken_at,
        answered_at=row.answered_at,
        closed_at=row.closed_at,
        due_at=row.due_at,
    )


def _offer(row: Row[Any]) -> Offer:
    return Offer(
        person=row.person_id,
        state=OfferState(row.state),
        offered_at=row.offered_at,
        reasons=tuple(Reason(kind, values) for kind, values in row.reasons),
        ended_at=row.ended_at,
    )


def _reason_json(reason: Reason) -> list[Any]:
    """JSON-ready: [kind, values], with times as ISO 8601."""
    return [
        reason.kind,
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in reason.values.items()},
    ]
