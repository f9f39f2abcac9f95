"""Which channel reaches several people at once, and the group conversations made there."""

from collections.abc import Collection

from sqlalchemy import Connection, func, select

from storage.schema import conversation


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
