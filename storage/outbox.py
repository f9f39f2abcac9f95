"""The outbox: messages written in the transaction that caused them, claimed and finished by postmen.

A row is waiting, then leased to one postman, then done or dead. It can be claimed only while its conversation has no
older unfinished row, which keeps the order within a conversation with any number of postmen. Whoever finishes a row
names owner and attempt: a postman whose lease ran out can no longer touch what another has claimed since.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, literal_column, or_, select, update

from knowledge.mail import EMAIL
from knowledge.notices import Post
from storage.changes import Kind, raise_version
from storage.conversations import elsewhere
from storage.database import Database, by_dialect
from storage.schema import conversation, outbox, sent

WAITING, LEASED, DONE, DEAD = "waiting", "leased", "done", "dead"

# Reasons that hold for the whole conversation: nothing else will arrive there either.
CLOSED_DOORS = frozenset({"blocked", "gone", "no_conversation", "not_allowed"})

_NEXT_NUMBER = (
    update(conversation)
    .where(conversation.c.id == bindparam("in_conversation"))
    .values(last_number=conversation.c.last_number + 1)
    .returning(conversation.c.last_number, conversation.c.unreachable)
)
_PUT = insert(outbox)
# In the order of their ids: two that write to the same conversations never wait for each other.
_HELD = (
    select(conversation.c.id, conversation.c.last_number, conversation.c.unreachable)
    .where(conversation.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(conversation.c.id)
    .with_for_update(key_share=True)
)
_FURTHER = (
    update(conversation)
    .where(conversation.c.id.in_(bindparam("ids", expanding=True)))
    .values(last_number=conversation.c.last_number + bindparam("by"))
)
_AT_ONCE = 500


def put(
    connection: Connection,
    *,
    conversation_id: int | None,
    person_id: int | None,
    kind: str,
    about: int,
    card: str,
    only_edit: bool,
    payload: Mapping[str, Any],
    now: datetime,
    anew: bool = False,
) -> None:
    """Writes one message in the caller's transaction, in the place after all earlier ones of its conversation.

    Without a conversation, or in one that is known not to work, the row waits all the same: a postman finds it
    undeliverable, and whoever must know of that hears of it.
    """
    number, unreachable = 0, "no_conversation"
    if conversation_id is not None:
        number, unreachable = connection.execute(_NEXT_NUMBER, {"in_conversation": conversation_id}).one()
    connection.execute(
        _PUT,
        {
            "conversation_id": conversation_id,
            "person_id": person_id,
            "number": number,
            "kind": kind,
            "about": about,
            "card": card,
            "only_edit": only_edit,
            "anew": anew,
            "payload": payload,
            "state": WAITING,
            "reason": unreachable,
            "due_at": now,
            "created_at": now,
        },
    )


def put_all(connection: Connection, posts: Sequence[Post], now: datetime) -> None:
    """`put` for each, in this order; of several some four statements in all, where each by itself takes two."""
    if len(posts) == 1:
        (one,) = posts
        put(
            connection,
            conversation_id=one.conversation,
            person_id=one.person,
            kind=one.kind,
            about=one.about,
            card=one.payload.get("card", ""),
            only_edit=one.only_edit,
            payload=one.payload,
            now=now,
            anew=one.anew,
        )
        return
    for first in range(0, len(posts), _AT_ONCE):
        _put_some(connection, posts[first : first + _AT_ONCE], now)


def _put_some(connection: Connection, posts: Sequence[Post], now: datetime) -> None:
    wanted = Counter(one.conversation for one in posts if one.conversation is not None)
    places: dict[int | None, tuple[int, str]] = {None: (0, "no_conversation")}
    if wanted:
        held = connection.execute(_HELD, {"ids": sorted(wanted)}).all()
        places |= {row.id: (row.last_number, row.unreachable) for row in held}
        for many in sorted(set(wanted.values())):
            ids = [place for place, count in sorted(wanted.items()) if count == many]
            connection.execute(_FURTHER, {"ids": ids, "by": many})
    rows = []
    for one in posts:
        number, unreachable = places[one.conversation]
        if one.conversation is not None:
            number += 1
            places[one.conversation] = number, unreachable
        rows.append(
            {
                "conversation_id": one.conversation,
                "person_id": one.person,
                "number": number,
                "kind": one.kind,
                "about": one.about,
                "card": one.payload.get("card", ""),
                "only_edit": one.only_edit,
                "anew": one.anew,
                "payload": one.payload,
                "state": WAITING,
                "reason": unreachable,
                "due_at": now,
                "created_at": now,
            }
        )
    connection.execute(_PUT, rows)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased message and all a postman needs to deliver it.

    `replaces` is the channel's id of the card it edits, "" when there is none or it is sent anew. `door` is why its
    conversation is known not to work, "" while it does; without a conversation `channel` is "". `followed` when more
    waits behind it.
    """

    id: int
    attempts: int
    created_at: datetime
    conversation_id: int | None
    person_id: int | None
    channel: str
    remote_id: str
    address: Mapping[str, Any]
    payload: Mapping[str, Any]
    kind: str
    about: int
    card: str
    only_edit: bool
    replaces: str
    door: str
    followed: bool = False


_older = outbox.alias("older")
_newer = outbox.alias("newer")


def unfinished(rows: Any) -> Any:
    """The condition that a row of the outbox is neither done nor dead."""
    # Spelt out as in the partial index, which serves only the same words.
    return rows.c.state.in_([literal_column(f"'{WAITING}'"), literal_column(f"'{LEASED}'")])


# Not NOT EXISTS: with statistics from a moment when nothing waited, PostgreSQL joins all that waits with all that waits
# (200 ms a claim at 1,000 messages, four times that at 2,000). This is one look into the index for each.
_oldest = (
    select(_older.c.number)
    .where(_older.c.conversation_id == outbox.c.conversation_id, unfinished(_older))
    .order_by(_older.c.number)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_claimable = (
    select(outbox.c.id)
    .where(
        unfinished(outbox),
        # What is leased was due when it was claimed: one range holds both. With two, an analysed SQLite reads all rows.
        outbox.c.due_at <= bindparam("now"),
        or_(outbox.c.state == literal_column(f"'{WAITING}'"), outbox.c.lease_until <= bindparam("now")),
        or_(outbox.c.conversation_id.is_(None), outbox.c.number == _oldest),
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(bindparam("most"))
)


def _claim(found: Any) -> Any:
    return (
        update(outbox)
        .where(outbox.c.id.in_(found))
        .values(
            state=LEASED,
            owner=bindparam("new_owner"),
            attempts=outbox.c.attempts + 1,
            lease_until=bindparam("new_lease"),
        )
        .returning(outbox.c.id)
    )


_locked = _claimable.with_for_update(skip_locked=True, of=outbox).cte("claimable")
_CLAIM = {"sqlite": _claim(_claimable), "postgresql": _claim(select(_locked.c.id))}
_READ = (
    select(outbox, conversation.c.channel, conversation.c.remote_id, conversation.c.address)
    .add_columns(conversation.c.unreachable, sent.c.remote_id.label("replaces"))
    .add_columns(
        exists()
        .where(
            _newer.c.conversation_id == outbox.c.conversation_id,
            _newer.c.number > outbox.c.number,
            unfinished(_newer),
        )
        .label("followed")
    )
    .select_from(
        outbox.outerjoin(conversation, conversation.c.id == outbox.c.conversation_id).outerjoin(
            sent,
            and_(sent.c.conversation_id == outbox.c.conversation_id, sent.c.card == outbox.c.card, outbox.c.card != ""),
        )
    )
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.id)
)


def claim(connection: Connection, *, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
    """Leases up to `limit` messages, at most one of each conversation, the longest due first."""
    values = {"now": now, "most": limit, "new_owner": owner, "new_lease": now + lease}
    ids = list(connection.execute(_CLAIM[connection.dialect.name], values).scalars())
    if not ids:
        return []
    return [
        Claimed(
            id=row.id,
            attempts=row.attempts,
            created_at=row.created_at,
            conversation_id=row.conversation_id,
            person_id=row.person_id,
            channel=row.channel or "",
            remote_id=row.remote_id or "",
            address=row.address or {},
            payload=row.payload,
            kind=row.kind,
            about=row.about,
            card=row.card,
            only_edit=row.only_edit,
            replaces="" if row.anew else row.replaces or "",
            followed=bool(row.followed),
            door=row.unreachable if row.conversation_id is not None else "no_conversation",
        )
        for row in connection.execute(_READ, {"ids": ids})
    ]


def _mine(**values: Any) -> Any:
    return (
        update(outbox)
        .where(
            outbox.c.id == bindparam("row"),
            outbox.c.owner == bindparam("by"),
            outbox.c.attempts == bindparam("attempt"),
            # Joined to nothing, so that no index of states looks quicker than the one of ids.
            outbox.c.state.concat(literal_column("''")) == LEASED,
        )
        .values(owner="", lease_until=None, **values)
    )


# What was delivered has no reason to stay: its words are dropped at once.
_DONE = _mine(state=DONE, payload={}, reason="", ended_at=bindparam("at"))
_RETRY = _mine(state=WAITING, due_at=bindparam("at"), reason=bindparam("why"))
_MOVE = _mine(
    state=WAITING,
    reason="",
    **{name: bindparam(f"new_{name}") for name in ("conversation_id", "number", "attempts", "due_at")},
)
_DEAD = _mine(state=DEAD, payload={}, ended_at=bindparam("at"), reason=bindparam("why"))
_SENT = by_dialect(
    sent,
    lambda upsert: upsert.on_conflict_do_update(
        index_elements=["conversation_id", "card"], set_={"remote_id": upsert.excluded.remote_id}
    ),
)
_SHUT = (
    update(conversation)
    .where(conversation.c.id == bindparam("number"))
    .values(unreachable=bindparam("why"))
    .returning(conversation.c.person_id)
)


def _fence(claimed: Claimed, owner: str) -> dict[str, Any]:
    return {"row": claimed.id, "by": owner, "attempt": claimed.attempts}


def done(connection: Connection, claimed: Claimed, owner: str, remote_id: str, now: datetime) -> bool:
    """Delivered, as `remote_id` if the channel has ids. False when the lease was no longer ours."""
    if connection.execute(_DONE, {**_fence(claimed, owner), "at": now}).rowcount != 1:
        return False
    if claimed.card and remote_id and claimed.conversation_id is not None and remote_id != claimed.replaces:
        place = {"conversation_id": claimed.conversation_id, "card": claimed.card, "remote_id": remote_id}
        connection.execute(_SENT[connection.dialect.name], place)
    return True


def retry(connection: Connection, claimed: Claimed, owner: str, due_at: datetime, reason: str) -> bool:
    """Not now: claimable again from `due_at`. False when the lease was no longer ours."""
    values = {**_fence(claimed, owner), "at": due_at, "why": reason[:200]}
    return connection.execute(_RETRY, values).rowcount == 1


def _at_the_end_of(connection: Connection, place: int, now: datetime) -> dict[str, Any]:
    """What a message becomes that is to be brought in another conversation, after all that waits there."""
    number, _ = connection.execute(_NEXT_NUMBER, {"in_conversation": place}).one()
    return {"conversation_id": place, "number": number, "attempts": 0, "due_at": now}


def part_from(connection: Connection, person: int, conversations: Sequence[int], now: datetime) -> None:
    """What waits for somebody in conversations that are no longer theirs goes to one that is, or nowhere. What a
    postman is bringing just now arrives."""
    waits = (outbox.c.person_id == person) & outbox.c.conversation_id.in_(conversations) & (outbox.c.state == WAITING)
    rows = connection.execute(select(outbox.c.id, outbox.c.conversation_id).where(waits).order_by(outbox.c.id)).all()
    for row in rows:
        place = elsewhere(connection, person, row.conversation_id)
        if place is None:
            connection.execute(delete(outbox).where(outbox.c.id == row.id))
        else:
            values = _at_the_end_of(connection, place, now)
            connection.execute(update(outbox).where(outbox.c.id == row.id).values(values))


def dead(connection: Connection, claimed: Claimed, owner: str, reason: str, now: datetime) -> bool:
    """Not here. A reason that holds for the whole conversation marks it; what still waits there follows one by one, to
    another conversation of the person if there is one that works. False when the lease was no longer ours, or when the
    message is on its way elsewhere: it is given up only where nothing is left."""
    here, whom = claimed.conversation_id if reason in CLOSED_DOORS else None, claimed.person_id
    # A letter is worded as one, and chat has its own.
    moves = here is not None and whom is not None and claimed.channel != EMAIL
    place = elsewhere(connection, whom, here) if moves and whom is not None and here is not None else None
    if place is None:
        ours = connection.execute(_DEAD, {**_fence(claimed, owner), "at": now, "why": reason[:200]})
    else:
        # Its card stands there or is sent anew: what stood here cannot be edited there.
        values = {f"new_{name}": value for name, value in _at_the_end_of(connection, place, now).items()}
        ours = connection.execute(_MOVE, {**_fence(claimed, owner), **values})
    if ours.rowcount != 1:
        return False
    # A door known to be shut at the claim is not shut again: the person may have opened it since.
    if here is not None and not claimed.door:
        whose = connection.execute(_SHUT, {"number": here, "why": reason}).scalar()
        if whose is not None:
            raise_version(connection, Kind.PERSON, whose)  # Matchers offer nothing to people whom nobody can reach.
    return place is None


def prune(connection: Connection, before: datetime) -> int:
    """Deletes finished rows older than a date; returns how many."""
    old = delete(outbox).where(outbox.c.ended_at < before, outbox.c.state.in_([DONE, DEAD]))
    return connection.execute(old).rowcount


def counts(connection: Connection) -> dict[str, int]:
    """How many rows wait, are leased, or are dead; states without any are left out, and so is what was delivered."""
    found = connection.execute(
        select(outbox.c.state, func.count()).where(outbox.c.state.in_([WAITING, LEASED, DEAD])).group_by(outbox.c.state)
    )
    return {row.state: row[1] for row in found}


OnDead = Callable[[Connection, Claimed, str], None]


class Outbox:
    """The outbox as `bot.postman` uses it: each call is one transaction on the database's threads.

    `on_dead` runs in the transaction that gives a message up, so that what follows from it happens once.
    """

    def __init__(self, database: Database, on_dead: OnDead | None = None) -> None:
        self._database = database
        self._on_dead = on_dead

    async def claim(self, *, owner: str, now: datetime, lease: timedelta, limit: int) -> list[Claimed]:
        return await self._database.run(
            lambda connection: claim(connection, owner=owner, now=now, lease=lease, limit=limit)
        )

    async def done(self, claimed: Claimed, owner: str, remote_id: str, now: datetime) -> bool:
        return await self._database.run(lambda connection: done(connection, claimed, owner, remote_id, now))

    async def retry(self, claimed: Claimed, owner: str, due_at: datetime, reason: str) -> bool:
        return await self._database.run(lambda connection: retry(connection, claimed, owner, due_at, reason))

    async def dead(self, claimed: Claimed, owner: str, reason: str, now: datetime) -> bool:
        def give_up(connection: Connection) -> bool:
            ours = dead(connection, claimed, owner, reason, now)
            if ours and self._on_dead is not None:
                self._on_dead(connection, claimed, reason)
            return ours

        return await self._database.run(give_up)
