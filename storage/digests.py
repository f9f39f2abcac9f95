"""The weekly top 5, kept."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, String, bindparam, cast, delete, exists, func, select, tuple_, update

from knowledge.digest import OUT, Digest, Pick, Progress, Sending, State, Way
from knowledge.errors import Conflict
from knowledge.mail import EMAIL
from storage.database import by_dialect
from storage.outbox import WAITING
from storage.people import People
from storage.schema import (
    conversation,
    digest,
    digest_reminder,
    digest_rule,
    digest_sending,
    digest_taken_back,
    membership,
    outbox,
    preference,
)
from storage.schema import person as person_table

_WAY = select(preference.c.digest)
_WAYS = select(preference.c.person_id, preference.c.digest).where(
    preference.c.person_id.in_(bindparam("people", expanding=True)), preference.c.digest.is_not(None)
)
_BEGIN = by_dialect(digest, lambda new: new.on_conflict_do_nothing(index_elements=["network_id", "week"]))
_PLAN = by_dialect(digest_sending, lambda new: new.on_conflict_do_nothing())
_REMIND = by_dialect(digest_reminder, lambda new: new.on_conflict_do_nothing().returning(digest_reminder.c.week))
_RULE = by_dialect(
    digest_rule, lambda new: new.on_conflict_do_update(index_elements=["name"], set_={"set": new.excluded["set"]})
)
_TAKE_BACK = by_dialect(
    digest_taken_back, lambda new: new.on_conflict_do_update(index_elements=["key"], set_={"at": new.excluded["at"]})
)
_SECOND = "second"
_KEY = (digest_sending.c.digest_id, digest_sending.c.person_id, digest_sending.c.channel)
_DUE = (
    select(*_KEY)
    .where(
        digest_sending.c.digest_id == bindparam("number"),
        digest_sending.c.done_at.is_(None),
        digest_sending.c.due_at <= bindparam("now"),
    )
    .order_by(digest_sending.c.due_at, digest_sending.c.person_id, digest_sending.c.channel)
    .limit(bindparam("most"))
)

_LOOKED_FOR = timedelta(hours=1)


def _names(picks: Any, key: Any) -> Any:
    """By the text of the JSON list, which both databases can search: keys hold nothing that JSON would write otherwise,
    and within words that were written a quotation mark is escaped."""
    return cast(picks, String).contains('"' + key + '"')


_SHOWS_WHAT_IS_GONE = (
    digest_sending.c.sent
    & (digest_sending.c.channel != EMAIL)
    & exists().where(_names(digest_sending.c.picks, digest_taken_back.c.key))
)


def _claim(found: Any) -> Any:
    return (
        update(digest_sending)
        .where(tuple_(*_KEY).in_(found))
        .values(done_at=bindparam("at"))
        .returning(*_KEY, digest_sending.c.due_at)
    )


_locked = _DUE.with_for_update(skip_locked=True).cte("due")
_CLAIM = {"sqlite": _claim(_DUE), "postgresql": _claim(select(*_locked.c))}


def digests_due(connection: Connection, now: datetime, batch: int, most: int) -> list[int]:
    """The number of each digest with sendings that are due, once for each `batch` of them, at most `most` in all; and
    of each that was brought to everybody but not ended: two replicas that bring the last batches at the same moment
    both see the other's as still to come."""
    waits = digest_sending.c.done_at.is_(None) & (digest_sending.c.due_at <= now)
    rows = select(digest_sending.c.digest_id, func.count()).where(waits).group_by(digest_sending.c.digest_id)
    found = connection.execute(rows.order_by(digest_sending.c.digest_id)).all()
    left = exists().where(digest_sending.c.digest_id == digest.c.id, digest_sending.c.done_at.is_(None))
    brought = select(digest.c.id).where(digest.c.state == State.APPROVED, digest.c.planned.is_(True), ~left)
    ended = connection.execute(brought.order_by(digest.c.id).limit(most)).scalars()
    return [*([number for number, count in found for _ in range(-(-count // batch))][:most]), *ended]


def digests_taken_back(connection: Connection, now: datetime) -> list[int]:
    """The number of each digest of which readers by chat are shown anew, now that something of it was taken back. What
    goes out at that very moment is found by a later look: for an hour."""
    lately = select(digest_taken_back.c.key).where(digest_taken_back.c.at >= now - _LOOKED_FOR)
    if not connection.execute(lately.limit(1)).first():
        return []
    brought = select(digest.c.id).where(exists().where(_names(digest.c.picks, digest_taken_back.c.key)))
    rows = select(digest_sending.c.digest_id).where(digest_sending.c.digest_id.in_(brought), _SHOWS_WHAT_IS_GONE)
    return list(connection.execute(rows.distinct().order_by(digest_sending.c.digest_id)).scalars())


class Digests:
    """`knowledge.ports.Digests` on one connection. `by_email` is whether letters can be sent."""

    def __init__(self, connection: Connection, people: People, *, by_email: bool) -> None:
        self._connection = connection
        self._people = people
        self.by_email = by_email

    def way(self, person: int) -> Way | None:
        chosen = self._connection.execute(_WAY.where(preference.c.person_id == person)).scalar()
        return Way(chosen) if chosen else None

    def choose(self, person: int, way: Way) -> None:
        self._people.prefer(person, digest=way.value)
        if way.by_email:
            # They say that letters arrive: what an earlier one met no longer counts.
            mine = (conversation.c.person_id == person) & (conversation.c.channel == EMAIL)
            self._connection.execute(update(conversation).where(mine).values(unreachable=""))

    def drop_waiting(self, person: int, *, letters: bool) -> None:
        is_letter = conversation.c.channel == EMAIL
        there = select(conversation.c.id).where(
            conversation.c.person_id == person, is_letter if letters else ~is_letter
        )
        waits = (outbox.c.state == WAITING) & outbox.c.kind.startswith("digest.")
        self._connection.execute(delete(outbox).where(waits, outbox.c.conversation_id.in_(there)))

    def ways(self, people: Sequence[int]) -> Mapping[int, Way]:
        rows = self._connection.execute(_WAYS, {"people": list(people)})
        return {row.person_id: Way(row.digest) for row in rows}

    # Digests

    def of_week(self, network: int, week: str) -> Digest | None:
        return self._one((digest.c.network_id == network) & (digest.c.week == week))

    def get(self, number: int) -> Digest | None:
        return self._one(digest.c.id == number) if 0 < number < 2**63 else None

    def begin(self, network: int, week: str, now: datetime) -> Digest:
        row = {"network_id": network, "week": week, "version": 1, "state": State.DRAFT.value, "picks": []}
        self._connection.execute(_BEGIN[self._connection.dialect.name], {**row, "created_at": now})
        found = self.of_week(network, week)
        assert found is not None
        return found

    def save(self, moved: Digest) -> Digest:
        read = (digest.c.id == moved.id) & (digest.c.version == moved.version)
        row = {
            "version": moved.version + 1,
            "state": moved.state.value,
            "picks": [[one.key, one.title, one.summary] for one in moved.picks],
            "approved_by_id": moved.approved_by,
            "second_by_id": moved.second_by,
            "approved_at": moved.approved_at,
        }
        if self._connection.execute(update(digest).where(read).values(row)).rowcount != 1:
            raise Conflict(f"digest {moved.id}")
        return replace(moved, version=moved.version + 1)

    def past(self, networks: Sequence[int], limit: int = 26) -> list[Digest]:
        theirs = digest.c.network_id.in_(list(networks)) & digest.c.state.in_([state.value for state in OUT])
        rows = select(digest).where(theirs).order_by(digest.c.approved_at.desc(), digest.c.id.desc()).limit(limit)
        return [_digest(row) for row in self._connection.execute(rows)]

    # Sending

    def to_plan(self) -> list[int]:
        rows = select(digest.c.id).where(digest.c.state == State.APPROVED.value, ~digest.c.planned)
        return list(self._connection.execute(rows.order_by(digest.c.id)).scalars())

    def readers(self, network: int | None, after: int, limit: int) -> list[int]:
        rows = select(person_table.c.id).where(person_table.c.id > after)
        if network is not None:
            there = select(membership.c.person_id).where(membership.c.network_id == network)
            rows = rows.where(person_table.c.id.in_(there))
        return list(self._connection.execute(rows.order_by(person_table.c.id).limit(limit)).scalars())

    def planned_up_to(self, number: int) -> int:
        return int(self._connection.execute(select(digest.c.planned_up_to).where(digest.c.id == number)).scalar_one())

    def plan(self, number: int, sendings: Sequence[Sending], up_to: int, *, last: bool) -> None:
        rows = [
            {
                "digest_id": one.digest,
                "person_id": one.person,
                "channel": one.channel,
                "due_at": one.due_at,
                "sent": False,
                "picks": [],
            }
            for one in sendings
        ]
        if rows:
            self._connection.execute(_PLAN[self._connection.dialect.name], rows)
        now = {"planned_up_to": up_to, "planned": last}
        self._connection.execute(update(digest).where(digest.c.id == number).values(now))

    def unplan(self, number: int) -> None:
        self._connection.execute(
            delete(digest_sending).where(digest_sending.c.digest_id == number, digest_sending.c.done_at.is_(None))
        )
        now = {"planned_up_to": 0, "planned": False}
        self._connection.execute(update(digest).where(digest.c.id == number).values(now))

    def claim(self, number: int, now: datetime, limit: int) -> list[Sending]:
        values = {"number": number, "now": now, "most": limit, "at": now}
        rows = self._connection.execute(_CLAIM[self._connection.dialect.name], values).all()
        found = [Sending(row.digest_id, row.person_id, row.channel, row.due_at) for row in rows]
        return sorted(found, key=lambda one: (one.due_at, one.person, one.channel))

    def note(self, sending: Sending, picks: Sequence[str]) -> None:
        mine = (
            (digest_sending.c.digest_id == sending.digest)
            & (digest_sending.c.person_id == sending.person)
            & (digest_sending.c.channel == sending.channel)
        )
        self._connection.execute(update(digest_sending).where(mine).values(picks=list(picks), sent=True))

    def got(self, people: Sequence[int], since: datetime, but: int) -> Mapping[int, frozenset[str]]:
        rows = self._connection.execute(
            select(digest_sending.c.person_id, digest_sending.c.picks).where(
                digest_sending.c.person_id.in_(list(people)),
                digest_sending.c.done_at >= since,
                digest_sending.c.digest_id != but,
            )
        )
        found: dict[int, set[str]] = {}
        for row in rows:
            found.setdefault(row.person_id, set()).update(row.picks)
        return {person: frozenset(keys) for person, keys in found.items()}

    def take_back(self, key: str, now: datetime) -> None:
        out = digest.c.state.in_([state.value for state in OUT])
        if not self._connection.execute(select(digest.c.id).where(out, _names(digest.c.picks, key)).limit(1)).first():
            return
        self._connection.execute(delete(digest_taken_back).where(digest_taken_back.c.at < now - _LOOKED_FOR))
        self._connection.execute(_TAKE_BACK[self._connection.dialect.name], {"key": key, "at": now})

    def taken_back(self, number: int, limit: int) -> list[tuple[Sending, Sequence[str]]]:
        rows = (
            select(digest_sending)
            .where(digest_sending.c.digest_id == number, _SHOWS_WHAT_IS_GONE)
            .order_by(digest_sending.c.person_id)
            .limit(limit)
        )
        found = self._connection.execute(rows.with_for_update(skip_locked=True, of=digest_sending))
        return [(Sending(row.digest_id, row.person_id, row.channel, row.due_at), row.picks) for row in found]

    def waits(self, number: int) -> bool:
        planned = select(digest.c.planned).where(digest.c.id == number)
        if not self._connection.execute(planned).scalar_one():
            return True
        left = select(digest_sending.c.person_id).where(
            digest_sending.c.digest_id == number, digest_sending.c.done_at.is_(None)
        )
        return self._connection.execute(left.limit(1)).first() is not None

    def progress(self, number: int) -> Progress:
        is_done = digest_sending.c.done_at.is_not(None)
        rows = self._connection.execute(
            select(is_done.label("done"), digest_sending.c.sent, func.count().label("many"))
            .where(digest_sending.c.digest_id == number)
            .group_by(is_done, digest_sending.c.sent)
        )
        found = {(bool(row.done), bool(row.sent)): row.many for row in rows}
        return Progress(found.get((False, False), 0), found.get((True, True), 0), found.get((True, False), 0))

    # Rules and reminders

    def second_yes(self) -> bool:
        return bool(
            self._connection.execute(select(digest_rule.c["set"]).where(digest_rule.c.name == _SECOND)).scalar()
        )

    def set_second_yes(self, wanted: bool) -> None:
        self._connection.execute(_RULE[self._connection.dialect.name], {"name": _SECOND, "set": wanted})

    def remind(self, person: int, week: str) -> bool:
        row = {"person_id": person, "week": week}
        return self._connection.execute(_REMIND[self._connection.dialect.name], row).first() is not None

    def _one(self, condition: Any) -> Digest | None:
        row = self._connection.execute(select(digest).where(condition)).one_or_none()
        return _digest(row) if row is not None else None


def _digest(row: Row[Any]) -> Digest:
    return Digest(
        id=row.id,
        network=row.network_id,
        week=row.week,
        created_at=row.created_at,
        picks=tuple(Pick(*one) for one in row.picks),
        state=State(row.state),
        version=row.version,
        approved_by=row.approved_by_id,
        second_by=row.second_by_id,
        approved_at=row.approved_at,
    )
