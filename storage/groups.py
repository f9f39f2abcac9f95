"""Which channel reaches several people at once, and the group conversations made there."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from knowledge.assist import Place, State
from storage.schema import assist, conversation, identity


class Groups:
    """`knowledge.ports.Groups` on one connection; `channels` can make group conversations."""

    def __init__(self, connection: Connection, channels: frozenset[str]) -> None:
        self._connection = connection
        self._channels = channels

    def common(self, people: Collection[int]) -> str:
        wanted = set(people)
        there = (
            conversation.c.person_id.in_(wanted),
            conversation.c.channel.in_(self._channels),
            conversation.c.unreachable == "",
        )
        number = func.count(conversation.c.person_id.distinct())
        rows = select(conversation.c.channel).where(*there).group_by(conversation.c.channel)
        found = self._connection.execute(rows.having(number == len(wanted)).order_by(conversation.c.channel))
        return found.scalars().first() or "" if self._channels else ""


def addresses(connection: Connection, channel: str, people: Collection[int]) -> list[Mapping[str, Any]]:
    """Where each of these people is on a channel, the last used first where they have several: one for each."""
    there = (conversation.c.channel == channel, conversation.c.person_id.in_(people), conversation.c.unreachable == "")
    rows = (
        select(conversation.c.person_id, conversation.c.address, identity.c.remote_id)
        .join(identity, (identity.c.person_id == conversation.c.person_id) & (identity.c.channel == channel))
        .where(*there)
        .order_by(conversation.c.used_at)
    )
    found = {row.person_id: {**row.address, "sender": row.remote_id} for row in connection.execute(rows)}
    return [found[person] for person in sorted(found)]


def waiting(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Peer assists whose group conversation is to be made, and is not being made by anybody."""
    rows = select(assist.c.id).where(*_waits(now)).order_by(assist.c.id).limit(limit)
    return list(connection.execute(rows).scalars())


def claim(connection: Connection, number: int, now: datetime, until: datetime) -> bool:
    """Whether it is ours to make, until then; another replica may try again after."""
    mine = update(assist).where(assist.c.id == number, *_waits(now)).values(opening_until=until)
    return connection.execute(mine).rowcount == 1


def _waits(now: datetime) -> tuple[Any, ...]:
    free = or_(assist.c.opening_until.is_(None), assist.c.opening_until <= now)
    return assist.c.place == Place.OPENING.value, assist.c.state == State.MEETING.value, free
