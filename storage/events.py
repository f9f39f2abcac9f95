"""Events, when they take place and who comes, kept."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, literal, or_, select, update

from knowledge.errors import Conflict
from knowledge.event import SHOWN, Change, Event, Kind, State
from knowledge.occurrences import AHEAD, Occurrence, key_of, occurrences, once, wall_of
from knowledge.places import Audience
from knowledge.rsvp import EVERY, Answer, Rsvp
from storage.database import by_dialect
from storage.schema import event, event_occurrence, rsvp

_UID_HOST = "connect.invalid"
"""RFC 7986 wants UIDs that tell nothing: a random one at a name that nobody has (RFC 2606)."""
_EXPANDED_AGAIN = timedelta(days=30)
"""How much of AHEAD may be used up before a series is worked out anew."""

_PUT = by_dialect(
    rsvp,
    lambda first: first.on_conflict_do_update(
        index_elements=["event_id", "person_id", "occurrence"],
        set_={name: first.excluded[name] for name in ("answer", "at", "named", "unsure", "news")},
    ),
)


class Events:
    """`knowledge.ports.Events` on one connection. `now` is the time of the transaction (UTC)."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def add(self, new: Event) -> Event:
        new = replace(new, uid=new.uid or f"{uuid.uuid4()}@{_UID_HOST}")
        row = {"version": 1, **_values(new)}
        number = self._connection.execute(insert(event).returning(event.c.id), row).scalar_one()
        added = replace(new, id=number, version=1)
        self.expand(added)
        return added

    def get(self, number: int) -> Event | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(select(event).where(event.c.id == number)).one_or_none()
        return _event(row) if row else None

    def save(self, moved: Event) -> Event:
        before = self.get(moved.id)
        read = (event.c.id == moved.id) & (event.c.version == moved.version)
        row = {"version": moved.version + 1, **_values(moved)}
        if before is None or self._connection.execute(update(event).where(read).values(row)).rowcount != 1:
            raise Conflict(f"event {moved.id}")
        if before.recurs and moved.recurs and before.start != moved.start:
            self._rekey(before, moved)
        saved = replace(moved, version=moved.version + 1)
        self.expand(saved)
        return saved

    def by_uid(self, source: int, uid: str) -> Event | None:
        rows = select(event).where(event.c.source_id == source, event.c.uid == uid)
        row = self._connection.execute(rows).one_or_none()
        return _event(row) if row else None

    def from_source(self, source: int, states: Sequence[State] = ()) -> list[Event]:
        rows = select(event).where(event.c.source_id == source).order_by(event.c.id)
        if states:
            rows = rows.where(event.c.state.in_([one.value for one in states]))
        return [_event(row) for row in self._connection.execute(rows)]

    def hosted_by(self, person: int) -> list[Event]:
        rows = select(event).where(event.c.host_id == person).order_by(event.c.id.desc())
        return [_event(row) for row in self._connection.execute(rows)]

    def in_states(self, states: Sequence[State], limit: int = 50) -> list[Event]:
        there = event.c.state.in_([one.value for one in states])
        rows = select(event).where(there).order_by(event.c.id.desc()).limit(limit)
        return [_event(row) for row in self._connection.execute(rows)]

    # When

    def expand(self, of: Event) -> None:
        """Works out what takes place from now on; past occurrences stay, so that who came to them stays true."""
        kept = event_occurrence
        mine = kept.c.event_id == of.id
        until = self._now + AHEAD
        shown = of.state in SHOWN
        found = []
        if shown:
            # What takes place once is known however far away it is.
            found = occurrences(of, self._now, until) if of.recurs else [once(of)]
        keys = [one.key for one in found]
        self._connection.execute(delete(kept).where(mine, or_(kept.c.starts_at >= self._now, kept.c.key.in_(keys))))
        if found:
            self._connection.execute(insert(kept), [{"event_id": one.event, **_when(one)} for one in found])
        goes_on = until if of.recurs and shown else None
        self._connection.execute(update(event).where(event.c.id == of.id).values(expanded_until=goes_on))

    def to_expand(self, limit: int) -> list[int]:
        """Numbers of series that have to be worked out further."""
        late = self._now + AHEAD - _EXPANDED_AGAIN
        rows = select(event.c.id).where(event.c.expanded_until < late).order_by(event.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def occurrence(self, number: int, key: str) -> Occurrence | None:
        kept = event_occurrence
        rows = select(kept).where(kept.c.event_id == number, kept.c.key == key)
        row = self._connection.execute(rows).one_or_none()
        return _occurrence(row) if row else None

    def occurrences(self, number: int) -> list[Occurrence]:
        kept = event_occurrence
        rows = select(kept).where(kept.c.event_id == number).order_by(kept.c.starts_at, kept.c.key)
        return [_occurrence(row) for row in self._connection.execute(rows)]

    def starting(self, after: datetime, until: datetime, limit: int = 1000) -> list[Occurrence]:
        return self._between(event_occurrence.c.starts_at, after, until, limit)

    def shown_between(self, since: datetime, until: datetime, limit: int) -> list[int]:
        kept = event_occurrence
        first = func.min(kept.c.starts_at)
        rows = select(kept.c.event_id).where(kept.c.starts_at >= since, kept.c.starts_at < until)
        rows = rows.group_by(kept.c.event_id).order_by(first, kept.c.event_id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def ended(self, after: datetime, until: datetime, limit: int = 1000) -> list[Occurrence]:
        return self._between(event_occurrence.c.ends_at, after, until, limit)

    def _between(self, at: Any, after: datetime, until: datetime, limit: int) -> list[Occurrence]:
        kept = event_occurrence
        rows = (
            select(kept)
            .join(event, event.c.id == kept.c.event_id)
            .where(event.c.state == State.PLANNED.value, ~kept.c.cancelled, at > after, at <= until)
            .order_by(at, kept.c.event_id, kept.c.key)
            .limit(limit)
        )
        return [_occurrence(row) for row in self._connection.execute(rows)]

    # Who comes

    def hold(self, number: int) -> None:
        # In SQLite whoever writes is alone already.
        self._connection.execute(select(event.c.id).where(event.c.id == number).with_for_update())

    def rsvps(self, number: int) -> list[Rsvp]:
        rows = select(rsvp).where(rsvp.c.event_id == number).order_by(rsvp.c.at, rsvp.c.person_id, rsvp.c.occurrence)
        return [_rsvp(row) for row in self._connection.execute(rows)]

    def rsvps_of(self, person: int, number: int) -> list[Rsvp]:
        mine = (rsvp.c.event_id == number) & (rsvp.c.person_id == person)
        return [_rsvp(row) for row in self._connection.execute(select(rsvp).where(mine).order_by(rsvp.c.occurrence))]

    def rsvps_among(self, number: int, people: Sequence[int]) -> list[Rsvp]:
        theirs = (rsvp.c.event_id == number) & rsvp.c.person_id.in_(list(people))
        return [_rsvp(row) for row in self._connection.execute(select(rsvp).where(theirs))]

    def put_rsvp(self, number: int, said: Rsvp) -> None:
        row = {
            "event_id": number,
            "person_id": said.person,
            "occurrence": said.occurrence,
            "answer": said.answer.value,
            "at": said.at,
            "named": said.named,
            "unsure": said.unsure,
            # Whoever says anything has heard what there is.
            "news": "",
        }
        self._connection.execute(_PUT[self._connection.dialect.name], row)

    def drop_rsvp(self, number: int, person: int, occurrence: str) -> None:
        mine = (rsvp.c.event_id == number) & (rsvp.c.person_id == person) & (rsvp.c.occurrence == occurrence)
        self._connection.execute(delete(rsvp).where(mine))

    def attending(
        self, number: int, key: str, answers: Sequence[Answer] = (Answer.YES, Answer.MAYBE), after: int = 0,
        limit: int = 1000,
    ) -> list[Rsvp]:  # fmt: skip
        own = rsvp.alias()
        said_of_it = exists().where(
            own.c.event_id == number, own.c.person_id == rsvp.c.person_id, own.c.occurrence == key
        )
        counts = or_(rsvp.c.occurrence == key, and_(rsvp.c.occurrence == EVERY, ~said_of_it))
        rows = (
            select(rsvp)
            .where(rsvp.c.event_id == number, rsvp.c.person_id > after, counts)
            .where(rsvp.c.answer.in_([one.value for one in answers]))
            .order_by(rsvp.c.person_id)
            .limit(limit)
        )
        return [_rsvp(row) for row in self._connection.execute(rows)]

    def ask_again(self, number: int, key: str, news: str) -> None:
        if key != EVERY:
            self._apart(number, key)
        self._connection.execute(update(rsvp).where(self._coming(number, key)).values(news=news, unsure=True))

    def to_tell(self, number: int, key: str, news: str) -> None:
        if key != EVERY:
            self._apart(number, key)
        self._connection.execute(update(rsvp).where(self._coming(number, key)).values(news=news))

    def untold(self, number: int, limit: int) -> list[tuple[Rsvp, str]]:
        waits = (rsvp.c.event_id == number) & (rsvp.c.news != "")
        rows = select(rsvp).where(waits).order_by(rsvp.c.person_id, rsvp.c.occurrence).limit(limit)
        return [(_rsvp(row), row.news) for row in self._connection.execute(rows)]

    def with_news(self, limit: int) -> list[int]:
        """Numbers of events that not everybody has heard the newest of."""
        rows = select(rsvp.c.event_id).where(rsvp.c.news != "").distinct().order_by(rsvp.c.event_id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def _coming(self, number: int, key: str) -> Any:
        """Answers that a change of the whole event, or of one occurrence, is news for."""
        answers = [Answer.YES.value, Answer.MAYBE.value, Answer.WAITING.value]
        mine = (rsvp.c.event_id == number) & rsvp.c.answer.in_(answers)
        return mine if key == EVERY else mine & (rsvp.c.occurrence == key)

    def _apart(self, number: int, key: str) -> None:
        """Whoever said it of every occurrence says it of this one by itself, too."""
        own = rsvp.alias()
        has = exists().where(own.c.event_id == number, own.c.person_id == rsvp.c.person_id, own.c.occurrence == key)
        names = [column.name for column in rsvp.c]
        copied = [literal(key) if name == "occurrence" else rsvp.c[name] for name in names]
        rows = select(*copied).where(rsvp.c.event_id == number, rsvp.c.occurrence == EVERY, ~has)
        self._connection.execute(insert(rsvp).from_select(names, rows))

    def answered_by(self, person: int) -> list[tuple[int, Rsvp]]:
        rows = select(rsvp).where(rsvp.c.person_id == person).order_by(rsvp.c.at.desc(), rsvp.c.event_id)
        return [(row.event_id, _rsvp(row)) for row in self._connection.execute(rows)]

    def _rekey(self, before: Event, after: Event) -> None:
        """Answers to one occurrence go where the whole series went: first out of the way, since keys may meet."""
        keys = select(rsvp.c.occurrence).where(rsvp.c.event_id == after.id, rsvp.c.occurrence != EVERY).distinct()
        moves = []
        for key in self._connection.execute(keys).scalars().all():
            wall = wall_of(before, key)
            if wall is not None:
                moves.append((key, key_of(after, wall + (after.start - before.start))))
        for aside in (True, False):
            for old, new in moves:
                this = (rsvp.c.event_id == after.id) & (rsvp.c.occurrence == (old if aside else f"~{new}"))
                to = f"~{new}" if aside else new
                self._connection.execute(update(rsvp).where(this).values(occurrence=to))


def _values(of: Event) -> dict[str, Any]:
    return {
        "host_id": of.host,
        "state": of.state.value,
        "kind": of.kind.value,
        "title": of.title,
        "description": of.description,
        "start": of.start.isoformat(timespec="seconds"),
        "zone": of.zone,
        "minutes": of.minutes,
        "all_day": of.all_day,
        "place": of.place,
        "link": of.link,
        "speakers": list(of.speakers),
        "organiser": of.organiser,
        "language": of.language,
        "audience": int(of.audience),
        "network_id": of.network,
        "priority": of.priority,
        "capacity": of.capacity,
        "rule": of.rule,
        "extra": [at.isoformat() for at in of.extra],
        "without": [at.isoformat() for at in of.without],
        "changed": [_change_kept(one) for one in of.changed],
        "uid": of.uid,
        "sequence": of.sequence,
        "source_id": of.source,
        "moderator_id": of.moderator,
        "reason": of.reason,
        "created_at": of.created_at,
    }


def _change_kept(of: Change) -> dict[str, Any]:
    row = asdict(of)
    return {**row, "of": of.of.isoformat(), "start": of.start.isoformat() if of.start else None}


def _change(kept: dict[str, Any]) -> Change:
    start = datetime.fromisoformat(kept["start"]) if kept["start"] else None
    return Change(**{**kept, "of": datetime.fromisoformat(kept["of"]), "start": start})


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        host=row.host_id,
        title=row.title,
        start=datetime.fromisoformat(row.start),
        zone=row.zone,
        minutes=row.minutes,
        created_at=row.created_at,
        kind=Kind(row.kind),
        all_day=row.all_day,
        description=row.description,
        place=row.place,
        link=row.link,
        speakers=tuple(row.speakers),
        organiser=row.organiser,
        language=row.language,
        audience=Audience(row.audience),
        network=row.network_id,
        priority=row.priority,
        capacity=row.capacity,
        rule=row.rule,
        extra=tuple(map(datetime.fromisoformat, row.extra)),
        without=tuple(map(datetime.fromisoformat, row.without)),
        changed=tuple(map(_change, row.changed)),
        uid=row.uid,
        sequence=row.sequence,
        state=State(row.state),
        version=row.version,
        source=row.source_id,
        moderator=row.moderator_id,
        reason=row.reason,
    )


def _when(one: Occurrence) -> dict[str, Any]:
    return {name: value for name, value in asdict(one).items() if name != "event"}


def _occurrence(row: Row[Any]) -> Occurrence:
    return Occurrence(
        event=row.event_id,
        key=row.key,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        title=row.title,
        place=row.place,
        link=row.link,
        all_day=row.all_day,
        moved=row.moved,
        cancelled=row.cancelled,
    )


def _rsvp(row: Row[Any]) -> Rsvp:
    return Rsvp(row.person_id, Answer(row.answer), row.at, row.occurrence, row.named, row.unsure)
