"""What the framework's fourth domain is read from: whole windows at once, without a word anybody wrote."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BindParameter, Connection, bindparam, case, delete, func, insert, or_, select

from knowledge.event import State as EventState
from knowledge.measurement.activity import EventsHeld, Followed, Given, Member, Passage, Window
from knowledge.measurement.profiles import Seen
from knowledge.measurement.releasing import Release
from knowledge.question import LIVE, OfferState, Outcome
from knowledge.survey import Kind as SurveyKind
from storage.database import by_dialect
from storage.schema import (
    attendance,
    connector,
    event,
    event_occurrence,
    item,
    membership,
    month_release,
    offer,
    person,
    preference,
    presence,
    question,
    relay,
    survey,
)
from storage.surveys import Surveys

_SINCE: BindParameter[datetime] = bindparam("since")
_UNTIL: BindParameter[datetime] = bindparam("until")
_BEGAN = or_(
    (question.c.sent_at >= _SINCE) & (question.c.sent_at < _UNTIL),
    question.c.sent_at.is_(None) & question.c.item_id.is_not(None) & (question.c.closed_at >= _SINCE)
    & (question.c.closed_at < _UNTIL),
)  # fmt: skip
_CLOSED = question.c.closed_at < _UNTIL
_QUESTIONS = (
    select(
        question.c.id,
        question.c.asker_id,
        question.c.asker_named,
        question.c.network_id,
        question.c.sent_at,
        case((question.c.item_id.is_not(None), question.c.closed_at)).label("settled_at"),
        person.c.region,
        person.c.time_zone,
        # As it stood then: what came later would be a difference between two looks at one closed window.
        case((_CLOSED, question.c.outcome)).label("outcome"),
        case((_CLOSED, question.c.minutes_saved)).label("minutes_saved"),
    )
    .join(person, person.c.id == question.c.asker_id)
    .where(_BEGAN)
    .order_by(question.c.id)
)
_ENDED = offer.c.state.not_in([state.value for state in sorted(LIVE | {OfferState.WITHHELD})]) & (
    offer.c.ended_at < _UNTIL
)
_OFFERS = (
    select(
        offer.c.question_id,
        func.count().label("offers"),
        func.sum(case((_ENDED & (offer.c.state == OfferState.DECLINED.value), 1), else_=0)).label("declined"),
        func.sum(case((_ENDED, 1), else_=0)).label("ended"),
    )
    .join(question, question.c.id == offer.c.question_id)
    .where(_BEGAN, offer.c.offered_at < _UNTIL)
    .group_by(offer.c.question_id)
)
_ANSWERS = (
    select(relay.c.question_id, relay.c.author_id, person.c.region, func.min(relay.c.at).label("at"))
    .join(question, question.c.id == relay.c.question_id)
    .join(person, person.c.id == relay.c.author_id)
    .where(_BEGAN, relay.c.side == "expert", relay.c.at < _UNTIL)
    .group_by(relay.c.question_id, relay.c.author_id, person.c.region)
    .order_by(func.min(relay.c.at), relay.c.author_id)
)
_FOLLOWED = (
    select(question.c.used, question.c.asker_id, person.c.region, question.c.network_id)
    .join(person, person.c.id == question.c.asker_id)
    .where(
        question.c.used.is_not(None),
        question.c.closed_at >= bindparam("closed_since"),
        question.c.closed_at < bindparam("closed_until"),
    )
)
_MEMBERS = select(person.c.id, person.c.region, person.c.created_at).where(person.c.created_at < _UNTIL)
_HELPED = select(relay.c.author_id).where(relay.c.side == "expert", relay.c.at >= _SINCE, relay.c.at < _UNTIL)
_TIES_BEFORE = (
    select(question.c.asker_id, relay.c.author_id)
    .join(question, question.c.id == relay.c.question_id)
    .where(relay.c.side == "expert", relay.c.at < _SINCE, question.c.asker_named)
    .distinct()
)
_MEMBERSHIPS = select(membership.c.person_id, membership.c.network_id)
_ITEMS = select(func.count()).select_from(item).where(item.c.created_at >= _SINCE, item.c.created_at < _UNTIL)
_SHARED = (
    select(func.count())
    .select_from(preference)
    .where(preference.c.shared_at >= _SINCE, preference.c.shared_at < _UNTIL)
)
_ENDED_EVENTS = (
    (event_occurrence.c.ends_at >= _SINCE)
    & (event_occurrence.c.ends_at < _UNTIL)
    & ~event_occurrence.c.cancelled
    & (event.c.state == EventState.PLANNED.value)
)
_HELD = (
    select(func.count())
    .select_from(event_occurrence)
    .join(event, event.c.id == event_occurrence.c.event_id)
    .where(_ENDED_EVENTS)
)
_ATTENDED = (
    select(func.count(), func.count(attendance.c.person_id.distinct()))
    .select_from(attendance)
    .join(
        event_occurrence,
        (event_occurrence.c.event_id == attendance.c.event_id) & (event_occurrence.c.key == attendance.c.occurrence),
    )
    .join(event, event.c.id == event_occurrence.c.event_id)
    .where(_ENDED_EVENTS)
)
_COUNTED = select(survey.c.id).where(
    survey.c.kind == SurveyKind.EVENT.value, survey.c.closes_at >= _SINCE, survey.c.closes_at < _UNTIL
)
_HERE = select(presence.c.person_id).where(presence.c.month == bindparam("month"))
_SEE = by_dialect(presence, lambda new: new.on_conflict_do_nothing())
_KEPT = select(month_release.c.told).where(month_release.c.month == bindparam("month"))
_KEEP = by_dialect(month_release, lambda new: new.on_conflict_do_nothing().returning(month_release.c.month))
_CONNECTORS = (
    select(connector.c.person_id)
    .join(preference, preference.c.person_id == connector.c.person_id)
    .where(connector.c.month == bindparam("month"), preference.c.connector)
    .order_by(connector.c.place)
)
_TOLD = TypeAdapter(Release)


def month_of(at: datetime) -> str:
    return f"{at:%Y-%m}"


class Measurement:
    """`knowledge.ports.Measurement` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def window(self, since: datetime, until: datetime, follow_up: timedelta) -> Window:
        of_it = {"since": since, "until": until}
        rows = self._connection.execute(_QUESTIONS, of_it).all()
        # Who asked is told apart by a number that means nothing elsewhere.
        numbers: dict[int, int] = {}
        answers = self._answers(of_it)
        offers = {row.question_id: row for row in self._connection.execute(_OFFERS, of_it)}
        passages = []
        for row in rows:
            offered = offers.get(row.id)
            passages.append(
                Passage(
                    sent_at=row.sent_at,
                    settled_at=row.settled_at,
                    answers=tuple(
                        Given(by, region, at, _home(homes, row.network_id)) for by, region, at, homes in answers[row.id]
                    )
                    if row.id in answers
                    else (),
                    asker=numbers.setdefault(row.asker_id, len(numbers)),
                    asker_region=row.region,
                    outcome=Outcome(row.outcome) if row.outcome else None,
                    offers=int(offered.offers) if offered else 0,
                    declined=int(offered.declined) if offered else 0,
                    ended=int(offered.ended) if offered else 0,
                    minutes_saved=row.minutes_saved,
                    tie=row.asker_id if row.asker_named else None,
                    network=row.network_id,
                    asker_zone=row.time_zone,
                )
            )
        closed = {"closed_since": since - follow_up, "closed_until": until - follow_up}
        followed = [
            Followed(used, numbers.setdefault(asker, len(numbers)), region, network)
            for used, asker, region, network in self._connection.execute(_FOLLOWED, closed)
        ]
        return Window(
            since=since,
            until=until,
            passages=passages,
            members=[Member(*row) for row in self._connection.execute(_MEMBERS, {"until": until})],
            seen=Seen(
                asked=frozenset(row.asker_id for row in rows if row.sent_at is not None),
                helped=frozenset(self._connection.execute(_HELPED, of_it).scalars()),
                settled=frozenset(row.asker_id for row in rows if row.sent_at is None),
                met=frozenset(row.asker_id for row in rows if row.id in answers)
                | {by for found in answers.values() for by, *_ in found},
                here=self._here(since, until),
            ),
            followed=followed,
            ties_before={(asker, by) for asker, by in self._connection.execute(_TIES_BEFORE, of_it)},
            items=self._connection.execute(_ITEMS, of_it).scalar_one(),
            shared=self._connection.execute(_SHARED, of_it).scalar_one(),
            events=self._events(of_it),
        )

    def _events(self, of_it: Mapping[str, datetime]) -> EventsHeld:
        """Of answers only what is told of single events anyway: a sum of those tells nothing more."""
        surveys = Surveys(self._connection)
        found = [surveys.get(number) for number in self._connection.execute(_COUNTED, of_it).scalars().all()]
        told = [result.together.favourable for one in found if one is not None for result in surveys.results(one)]
        attended, people = self._connection.execute(_ATTENDED, of_it).one()
        return EventsHeld(
            held=self._connection.execute(_HELD, of_it).scalar_one(),
            attended=attended,
            people=people,
            agreed=sum(one.count for one in told),
            answered=sum(one.n for one in told),
        )

    def seen(self, number: int, now: datetime) -> None:
        row = {"person_id": number, "month": month_of(now)}
        self._connection.execute(_SEE[self._connection.dialect.name], row)

    def kept(self, since: datetime) -> Release | None:
        told = self._connection.execute(_KEPT, {"month": month_of(since)}).scalar()
        return None if told is None else _TOLD.validate_python(told)

    def keep(self, found: Release, brokers: Sequence[int], now: datetime) -> Release:
        if not self._writes():
            return found
        row = {"month": month_of(found.since), "told": _TOLD.dump_python(found, mode="json"), "at": now}
        if self._connection.execute(_KEEP[self._connection.dialect.name], row).first() is None:
            return self.kept(found.since) or found
        agreed = select(preference.c.person_id).where(preference.c.connector, preference.c.person_id.in_(brokers))
        willing = set(self._connection.execute(agreed).scalars())
        named = [
            {"month": row["month"], "person_id": number, "place": place}
            for place, number in enumerate(brokers, 1)
            if number in willing
        ]
        if named:
            self._connection.execute(insert(connector), named)
        return found

    def connectors(self, since: datetime) -> list[int]:
        return list(self._connection.execute(_CONNECTORS, {"month": month_of(since)}).scalars())

    def _writes(self) -> bool:
        if self._connection.dialect.name == "sqlite":
            return not self._connection.exec_driver_sql("PRAGMA query_only").scalar()
        return not self._connection.get_execution_options().get("postgresql_readonly", False)

    def _here(self, since: datetime, until: datetime) -> frozenset[int] | None:
        """Who was here in a month; None of another window, and of a month in which nobody's coming was noted."""
        if (since.day, since.hour, until.day) != (1, 0, 1) or (until - since).days > 31:
            return None
        found = frozenset(self._connection.execute(_HERE, {"month": month_of(since)}).scalars())
        return found or None

    def first_joined(self) -> datetime | None:
        return self._connection.execute(select(func.min(person.c.created_at))).scalar()

    def _answers(self, of_it: Mapping[str, Any]) -> Mapping[int, list[tuple[int, str, datetime, list[int]]]]:
        """By question; with the networks of whoever answered, the smallest first."""
        homes: defaultdict[int, list[int]] = defaultdict(list)
        for number, network in self._connection.execute(_MEMBERSHIPS):
            homes[number].append(network)
        sizes = Counter(network for networks in homes.values() for network in networks)
        for networks in homes.values():
            networks.sort(key=lambda network: (sizes[network], network))
        found: defaultdict[int, list[tuple[int, str, datetime, list[int]]]] = defaultdict(list)
        for number, author, region, at in self._connection.execute(_ANSWERS, of_it):
            found[number].append((author, region, at, homes.get(author, [])))
        return found


def _home(homes: list[int], network: int | None) -> int | None:
    return network if network in homes else homes[0] if homes else None


def forget_presence(connection: Connection, before: datetime) -> int:
    """Deletes who was here in months that ended before then. Returns how many."""
    return connection.execute(delete(presence).where(presence.c.month < month_of(before))).rowcount
