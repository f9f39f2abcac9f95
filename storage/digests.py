"""The weekly top 5, kept."""

from sqlalchemy import Connection, delete, select, update

from knowledge.digest import Way
from knowledge.mail import EMAIL
from storage.outbox import WAITING
from storage.people import People
from storage.schema import conversation, outbox, preference

_WAY = select(preference.c.digest)


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
