"""What matchers are built from, and how they follow what changes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Row, Select, Table, and_, bindparam, func, select

from knowledge import places
from knowledge.matching.port import Answered, Catalogue, Delta, Ended, Matcher, Offered, Reused
from knowledge.people import Person, Role
from knowledge.places import Audience, Network, Topic
from knowledge.question import OfferState, Outcome, Side
from storage import changes, schema
from storage.changes import Kind
from storage.items import VISIBLE_ITEMS, item_of
from storage.people import People

T = TypeVar("T")

_WANTED: BindParameter[Any] = bindparam("wanted", expanding=True)
_TOPICS = select(schema.topic).order_by(schema.topic.c.id)
_NETWORKS = select(schema.network).order_by(schema.network.c.id)
# What a matcher may know of a question. Each names `question.id`, by which a delta narrows it.
_ASKED = (schema.question.c.id, schema.question.c.text, schema.question.c.language)
_HISTORY: Select[Any] = (
    select(
        *_ASKED, schema.question.c.expert_id, schema.question.c.outcome, schema.question.c.helped,
        schema.relay.c.author_id, func.max(schema.offer.c.state).label("offered"),
        func.min(schema.relay.c.at).label("first"),
    )
    .join(schema.relay, schema.relay.c.question_id == schema.question.c.id)
    .join(
        schema.offer,
        and_(schema.offer.c.question_id == schema.question.c.id, schema.offer.c.person_id == schema.relay.c.author_id),
        isouter=True,
    )
    .where(schema.relay.c.side == Side.EXPERT.value)
    .group_by(schema.question.c.id, schema.relay.c.author_id)
    .order_by(schema.question.c.id, schema.relay.c.author_id)
)  # fmt: skip
_OFFERS: Select[Any] = (
    select(schema.question.c.id, schema.offer)
    .join(schema.offer, schema.offer.c.question_id == schema.question.c.id)
    # What was withheld never was an offer. One that could not be delivered was: it is open until it is known to be
    # lost, and must then be told as such, since a delta takes no offer away.
    .where(schema.offer.c.state != OfferState.WITHHELD.value)
    .order_by(schema.question.c.id, schema.offer.c.person_id)
)
_REUSED: Select[Any] = (
    select(*_ASKED, schema.question.c.item_id, schema.question.c.closed_at, schema.question.c.audience)
    .join(schema.item, schema.item.c.id == schema.question.c.item_id)
    # A question's words stay in its circle: they teach nothing of an item that is read beyond it.
    .where(schema.item.c.audience <= schema.question.c.audience)
    .order_by(schema.question.c.id)
)


def load(connection: Connection) -> Catalogue:
    """Everything a matcher may learn from, as of now."""
    return Catalogue(
        version=changes.version(connection),
        topics=_topics(connection),
        networks=tuple(map(_network, connection.execute(_NETWORKS))),
        experts=tuple(People(connection).having_somewhere(Role.EXPERT)),
        items=tuple(map(item_of, connection.execute(VISIBLE_ITEMS))),
        history=tuple(map(_answered, connection.execute(_HISTORY))),
        offers=tuple(map(_offered, connection.execute(_OFFERS))),
        reused=tuple(map(_reused, connection.execute(_REUSED))),
    )


def _topics(connection: Connection) -> tuple[Topic, ...]:
    """Those that stand. What a merged one is called finds the one it went into, whatever an import writes over that."""
    rows = connection.execute(_TOPICS).all()
    words: dict[int, list[str]] = {}
    for row in rows:
        if row.into_id is not None:
            words.setdefault(row.into_id, []).extend([*(name.lower() for name in row.names.values()), *row.aliases])
    return tuple(
        Topic(row.key, row.names, tuple(dict.fromkeys([*row.aliases, *words.get(row.id, ())])))
        for row in rows
        if row.into_id is None and not row.retired
    )


def delta(connection: Connection, before: Catalogue) -> Delta | None:
    """What changed since a catalogue, read row by row. None when it must be loaded anew: topics changed, or the log
    does not reach back."""
    number = changes.version(connection)
    changed = changes.since(connection, before.version)
    if changed is None:
        return None
    items = _changed(connection, VISIBLE_ITEMS, schema.item, changed.get(Kind.ITEM, set()), item_of)
    circles = {one.id: one.audience for one in before.items if one.id in items}
    if any(now is not None and now.audience is not circles.get(now.id, now.audience) for now in items.values()):
        # For whom an item is decides which words said of it may count.
        return None
    experts: dict[int, Person | None] = dict.fromkeys(changed.get(Kind.PERSON, ()))
    experts |= {one.id: one for one in People(connection).of_ids(experts) if one.has_somewhere(Role.EXPERT)}
    questions = changed.get(Kind.QUESTION, set())

    def said(statement: Select[Any], make: Callable[[Row[Any]], T]) -> Sequence[T]:
        if not questions:
            return ()
        rows = connection.execute(statement.where(schema.question.c.id.in_(_WANTED)), {"wanted": sorted(questions)})
        return tuple(map(make, rows))

    return Delta(
        version=number,
        items=items,
        experts=experts,
        networks=_changed(connection, _NETWORKS, schema.network, changed.get(Kind.NETWORK, set()), _network),
        history=said(_HISTORY, _answered),
        offers=said(_OFFERS, _offered),
        reused=said(_REUSED, _reused),
    )


def _changed(
    connection: Connection, statement: Select[Any], table: Table, wanted: set[int], make: Callable[[Row[Any]], T]
) -> dict[int, T | None]:
    """The rows of those ids, by id; None for what is gone."""
    found: dict[int, T | None] = dict.fromkeys(sorted(wanted))
    if wanted:
        rows = connection.execute(statement.where(table.c.id.in_(_WANTED)), {"wanted": sorted(wanted)})
        found |= {row.id: make(row) for row in rows}
    return found


def _network(row: Row[Any]) -> Network:
    return Network(
        row.id, row.key, row.names, places.Kind(row.kind), Audience(row.audience), row.region, tuple(row.topics),
        row.about, row.url,
    )  # fmt: skip


def _answered(row: Row[Any]) -> Answered:
    return Answered(
        question=row.id,
        expert=row.author_id,
        text=row.text,
        language=row.language,
        at=row.first,
        helped=_helped(row),
    )


def _helped(row: Row[Any]) -> bool | None:
    """Whether the asker says that this person's answer helped; None as long as they say nothing of it."""
    if row.outcome is None:
        # Of an answer that was no help, nobody hears any more.
        return None if row.offered in (OfferState.TAKEN.value, OfferState.ANSWERED.value) else False
    if row.helped:
        return bool(row.author_id in row.helped)
    # Questions from before answers were picked: the outcome was said of whoever held it.
    return bool(row.outcome != Outcome.NO.value and row.author_id == row.expert_id)


_ENDED = {
    OfferState.OPEN: Ended.OPEN,
    OfferState.BESIDE: Ended.OPEN,
    OfferState.TAKEN: Ended.TAKEN,
    OfferState.ANSWERED: Ended.TAKEN,
    OfferState.DECLINED: Ended.DECLINED,
    OfferState.PASSED: Ended.PASSED,
    OfferState.CLOSED: Ended.EXPIRED,
    # Who rests has said nothing of the question.
    OfferState.SNOOZED: Ended.UNREACHED,
    OfferState.UNREACHED: Ended.UNREACHED,
}
assert _ENDED.keys() == set(OfferState) - {OfferState.WITHHELD}, "what is withheld was never brought"


def _offered(row: Row[Any]) -> Offered:
    return Offered(row.id, row.person_id, row.offered_at, _ENDED[OfferState(row.state)], row.ended_at)


def _reused(row: Row[Any]) -> Reused:
    return Reused(row.id, row.item_id, row.text, row.language, row.closed_at, Audience(row.audience))


class Matchers:
    """The matcher of the newest catalogue, kept in memory, which follows the version in the database.

    One for all threads. Whoever first sees a new version brings the matcher there, others go on with the one there
    is; while there is none yet they wait.
    """

    def __init__(self, build: Callable[[Catalogue], Matcher]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._current: tuple[Catalogue, Matcher] | None = None

    @property
    def latest(self) -> Matcher | None:
        """The newest there is in memory, None before the first look; the database may be further on."""
        return self._current[1] if self._current is not None else None

    def current(self, connection: Connection) -> tuple[Catalogue, Matcher]:
        """The catalogue and its matcher, of one and the same version: the connection's, or a newer one that another
        thread has seen already."""
        current = self._current
        if changes.raised_here(connection):
            # What this transaction wrote itself may yet be undone: it is for nobody else.
            return self._next(connection, current)
        number = changes.version(connection)
        if current is not None and current[0].version >= number:
            return current
        if not self._lock.acquire(blocking=current is None):
            assert current is not None
            return current
        try:
            current = self._current
            if current is None or current[0].version < number:
                with _one_moment(connection) as steady:
                    current = self._current = self._next(steady, current)
            return current
        finally:
            self._lock.release()

    def _next(self, connection: Connection, before: tuple[Catalogue, Matcher] | None) -> tuple[Catalogue, Matcher]:
        if before is not None:
            changed = delta(connection, before[0])
            if changed is not None:
                return before[0].after(changed), before[1].after(changed)
        catalogue = load(connection)
        return catalogue, self._build(catalogue)


@contextmanager
def _one_moment(connection: Connection) -> Iterator[Connection]:
    """A view in which nothing moves from one statement to the next.

    On SQLite every transaction is one. On PostgreSQL a writing one sees what others commit meanwhile: half of a change.
    """
    if connection.dialect.name == "sqlite":
        yield connection
    else:
        steady = connection.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with steady.connect() as other:
            yield other
