"""Codes that link one person's accounts, and two rows of people that become one."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    String,
    Table,
    UniqueConstraint,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union,
    update,
)

from knowledge.places import Audience
from storage.changes import Kind, raise_version
from storage.outbox import part_from
from storage.people import People
from storage.schema import (
    ANSWERABLE,
    assist,
    block,
    conversation,
    flag,
    identity,
    invitation,
    link_code,
    link_try,
    metadata,
    offer,
    person,
    question,
    reaction,
    relay,
)

# Where people are known by our own number (the try-it page) everybody is shown, and nobody has an account.
_ACCOUNT = identity.c.remote_id != cast(identity.c.person_id, String)


def forget_tries(connection: Connection, before: datetime) -> int:
    """Deletes wrong codes typed before a time, and codes that ran out before it. Returns how many."""
    tries = connection.execute(delete(link_try).where(link_try.c.at < before)).rowcount
    return tries + connection.execute(delete(link_code).where(link_code.c.expires_at < before)).rowcount


class Links:
    """`knowledge.ports.Links` on one connection."""

    def __init__(self, connection: Connection, people: People) -> None:
        self._connection = connection
        self._people = people

    def issue(self, number: int, digest: str, expires_at: datetime) -> None:
        self._connection.execute(delete(link_code).where(link_code.c.person_id == number))
        row = {"person_id": number, "digest": digest, "expires_at": expires_at}
        self._connection.execute(insert(link_code), row)

    def redeem(self, digest: str, now: datetime) -> int | None:
        found = self._connection.execute(
            delete(link_code)
            .where(link_code.c.digest == digest)
            .returning(link_code.c.person_id, link_code.c.expires_at)
        ).one_or_none()
        return found.person_id if found is not None and found.expires_at > now else None

    def tries(self, number: int, since: datetime) -> int:
        theirs = select(func.count()).where(link_try.c.person_id == number, link_try.c.at > since)
        return int(self._connection.execute(theirs).scalar_one())

    def note_try(self, number: int, now: datetime) -> None:
        self._connection.execute(insert(link_try), {"person_id": number, "at": now})

    def is_newcomer(self, number: int) -> bool:
        met = identity.c.channel + ":" + identity.c.remote_id == person.c.key
        known = select(person.c.id).join(identity, identity.c.person_id == person.c.id)
        return self._connection.execute(known.where(person.c.id == number, met)).first() is not None

    def apart(self, one: int, other: int) -> bool:
        if not (self.is_newcomer(one) or self.is_newcomer(other)):
            return True
        return any(self._found(of(one)) & self._found(of(other)) for of in (_channels, _questions, _flags, _assists))

    def channels(self, number: int) -> list[str]:
        names = select(conversation.c.channel).where(_works(number)).distinct().order_by(conversation.c.channel)
        return list(self._connection.execute(names).scalars())

    def places(self, number: int) -> list[int]:
        return list(self._connection.execute(select(conversation.c.id).where(_works(number)).order_by("id")).scalars())

    def merge(self, keeper: int, other: int) -> None:
        touched = self._found(_questions(other))
        shown = select(identity.c.channel).where(identity.c.person_id == other, ~_ACCOUNT)
        lost = (conversation.c.person_id == other) & conversation.c.channel.in_(shown)
        self._connection.execute(update(conversation).where(lost).values(unreachable="gone"))
        self._connection.execute(delete(identity).where(identity.c.person_id == other, ~_ACCOUNT))
        self._connection.execute(update(identity).where(identity.c.person_id == other).values(linked=True))
        for table in metadata.sorted_tables:
            for column in table.columns:
                if any(key.column is person.c.id for key in column.foreign_keys):
                    self._repoint(table, column, keeper, other)
        self._repoint_lists(keeper, other)
        self._connection.execute(delete(person).where(person.c.id == other))
        self._people.forget(keeper, other)
        raise_version(self._connection, Kind.QUESTION, *touched)

    def split(self, keeper: int, reach: Audience, now: datetime) -> bool:
        linked = select(identity).where(identity.c.person_id == keeper, identity.c.linked)
        rows = self._connection.execute(linked).all()
        known = self._people.get(keeper)
        for row in rows:
            key = f"{row.channel}:{row.remote_id}"
            new = self._people.add(key, known.name, known.language, known.time_zone, reach, now)
            same = (identity.c.channel == row.channel) & (identity.c.remote_id == row.remote_id)
            self._connection.execute(update(identity).where(same).values(person_id=new.id, linked=False))
            # Nobody has two accounts on one channel, so a channel tells whose a conversation is.
            there = (conversation.c.person_id == keeper) & (conversation.c.channel == row.channel)
            self._connection.execute(update(conversation).where(there).values(person_id=new.id))
            moved = select(conversation.c.id).where(conversation.c.person_id == new.id)
            part_from(self._connection, keeper, self._connection.execute(moved).scalars().all(), now)
            blocked = select(block.c.question_id, block.c.by_id, block.c.at).where(block.c.person_id == keeper)
            for one in self._connection.execute(blocked).all():
                self._connection.execute(insert(block), {"person_id": new.id, **one._mapping})
            self._people.forget(keeper, new.id)
        return bool(rows)

    def _found(self, ids: Any) -> set[Any]:
        return set(self._connection.execute(ids).scalars())

    def _repoint(self, table: Table, column: Any, keeper: int, other: int) -> None:
        """Rows of the other become the keeper's; where the keeper has that very row already, theirs stays."""
        twin = table.alias()
        unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
        for constraint in (table.primary_key, *unique):
            if column.name in constraint.columns:
                rest = [one for one in constraint.columns if one is not column]
                has = exists().where(
                    twin.c[column.name] == keeper, *(twin.c[one.name] == table.c[one.name] for one in rest)
                )
                self._connection.execute(delete(table).where(column == other, has))
        self._connection.execute(update(table).where(column == other).values({column.name: keeper}))

    def _repoint_lists(self, keeper: int, other: int) -> None:
        """Questions name people within two of their columns, too."""
        some = select(question.c.id, question.c.helped, question.c.wishes).where(
            or_(question.c.helped.is_not(None), question.c.wishes.is_not(None))
        )
        for row in self._connection.execute(some).all():
            helped, wishes = row.helped, row.wishes or {}
            if other in (helped or ()) or other in wishes.get("excluded", ()):
                now = [keeper if one == other else one for one in helped] if helped else helped
                if "excluded" in wishes:
                    kept = {keeper if one == other else one for one in wishes["excluded"]}
                    wishes = {**wishes, "excluded": sorted(kept)}
                moved = {"helped": now, "wishes": wishes if row.wishes is not None else None}
                self._connection.execute(update(question).where(question.c.id == row.id).values(moved))


def _works(number: int) -> Any:
    return (conversation.c.person_id == number) & (conversation.c.unreachable == "") & ANSWERABLE


def _channels(number: int) -> Any:
    return select(identity.c.channel).where(identity.c.person_id == number, _ACCOUNT)


def _questions(number: int) -> Any:
    return union(
        select(question.c.id).where(or_(question.c.asker_id == number, question.c.expert_id == number)),
        select(offer.c.question_id).where(offer.c.person_id == number),
        select(relay.c.question_id).where(relay.c.author_id == number),
    )


def _flags(number: int) -> Any:
    return union(
        select(flag.c.id).where(or_(flag.c.flagger_id == number, flag.c.moderator_id == number)),
        select(reaction.c.flag_id).where(reaction.c.author_id == number),
    )


def _assists(number: int) -> Any:
    return union(
        select(assist.c.id).where(or_(assist.c.asker_id == number, assist.c.note_taker_id == number)),
        select(invitation.c.assist_id).where(invitation.c.person_id == number),
    )
