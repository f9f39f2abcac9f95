"""What was heard, from whom, and where they can be reached."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from knowledge.mail import EMAIL
from storage.changes import Kind, raise_version
from storage.database import by_dialect
from storage.people import People, bind_identity, by_identity
from storage.schema import ANSWERABLE, conversation, heard, preference, sent

_newer = conversation.alias("newer")
_BY_REMOTE = (
    select(conversation)
    # Whether its person has another one that they used since, or at the same moment.
    .add_columns(
        exists()
        .where(
            _newer.c.person_id == conversation.c.person_id,
            _newer.c.id != conversation.c.id,
            _newer.c.used_at >= conversation.c.used_at,
        )
        .label("overtaken")
    )
    .where(conversation.c.channel == bindparam("channel"), conversation.c.remote_id == bindparam("remote_id"))
)
_ANSWERABLE = (
    select(conversation.c.id)
    .outerjoin(
        preference,
        (preference.c.person_id == conversation.c.person_id) & (preference.c.channel == conversation.c.channel),
    )
    .where(ANSWERABLE)
    # Where it still works, then where they would rather be written to, then where they last were.
    .order_by(conversation.c.unreachable != "", preference.c.person_id.is_(None), conversation.c.used_at.desc())
)
_OF_PEOPLE = _ANSWERABLE.add_columns(conversation.c.person_id).where(
    conversation.c.person_id.in_(bindparam("people", expanding=True))
)
_ELSEWHERE = _ANSWERABLE.where(
    conversation.c.person_id == bindparam("person"),
    conversation.c.id != bindparam("here"),
    conversation.c.unreachable == "",
).limit(1)
_TWIN = (
    select(heard.c.key)
    .where(
        heard.c.channel == bindparam("channel"),
        heard.c.twin == bindparam("twin"),
        heard.c.done_at >= bindparam("since"),
    )
    .limit(1)
)
_SHOWS = select(sent.c.card).where(
    sent.c.conversation_id == bindparam("conversation"), sent.c.card == bindparam("card")
)
_TOUCH = (
    update(conversation)
    .where(conversation.c.id == bindparam("number"))
    .values(address=bindparam("new_address"), used_at=bindparam("new_used_at"), unreachable="")
)
_NEW = insert(conversation).returning(conversation.c.id)
_HEARD = by_dialect(heard, lambda new: new.on_conflict_do_nothing().returning(heard.c.key))

# An address is written again when it changed, or after this long, so that "where the person last was" stays true.
_STALE = timedelta(minutes=10)


class Conversations:
    """The inbox and the address book on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def first_hearing(self, channel: str, key: str, twin: str, arrived_at: datetime, now: datetime) -> bool:
        """Notes that something was heard; False when it, or its twin, was already.

        A twin is a redelivery under a new id. A channel sends one only while we have not acknowledged, so it
        arrives before the first one was done; the same words said again later are heard again.
        """
        if twin and self._connection.execute(_TWIN, {"channel": channel, "twin": twin, "since": arrived_at}).first():
            return False
        noted = self._connection.execute(
            _HEARD[self._connection.dialect.name],
            {"channel": channel, "key": key, "twin": twin, "arrived_at": arrived_at, "done_at": now},
        )
        return noted.first() is not None

    def person_known_as(self, channel: str, remote_id: str) -> int | None:
        return by_identity(self._connection, channel, remote_id)

    def bind(self, channel: str, remote_id: str, person: int) -> None:
        bind_identity(self._connection, channel, remote_id, person)

    def works(self, channel: str, remote_id: str) -> bool:
        """Whether the channel's conversation is known to us, and nothing says that it no longer works."""
        row = self._connection.execute(_BY_REMOTE, {"channel": channel, "remote_id": remote_id}).one_or_none()
        return row is not None and not row.unreachable

    def at(self, channel: str, remote_id: str, person: int | None, address: Mapping[str, Any], now: datetime) -> int:
        """Our id of the channel's conversation, with its address kept current. `person` None: a group."""
        row = self._connection.execute(_BY_REMOTE, {"channel": channel, "remote_id": remote_id}).one_or_none()
        if row is None:
            new = {
                "channel": channel,
                "remote_id": remote_id,
                "person_id": person,
                "address": dict(address),
                "used_at": now,
            }
            number = int(self._connection.execute(_NEW, new).scalar_one())
            self._can_be_reached(person)
            return number
        begun_anew = person is not None and row.person_id != person
        if begun_anew:
            # Whoever it was is forgotten.
            self._connection.execute(update(conversation).where(conversation.c.id == row.id).values(person_id=person))
        if begun_anew or row.overtaken or row.unreachable or row.address != address or now - row.used_at > _STALE:
            self._connection.execute(_TOUCH, {"number": row.id, "new_address": dict(address), "new_used_at": now})
        if begun_anew or row.unreachable:
            self._can_be_reached(person)
        return int(row.id)

    def shows(self, conversation: int, card: str) -> bool:
        """Whether a card of that name was delivered there."""
        found = self._connection.execute(_SHOWS, {"conversation": conversation, "card": card})
        return found.first() is not None

    def _can_be_reached(self, person: int | None) -> None:
        """Matchers offer nothing to people whom nobody can reach; a group is nobody."""
        if person is not None:
            raise_version(self._connection, Kind.PERSON, person)

    def of_people(self, people: Sequence[int]) -> Mapping[int, int]:
        """Where each is written to: the working conversation they last used. Whoever never wrote to us is left out."""
        found: dict[int, int] = {}
        for row in self._connection.execute(_OF_PEOPLE, {"people": list(people)}) if people else ():
            found.setdefault(row.person_id, row.id)
        return found

    def mailbox(self, person: int, now: datetime) -> int | None:
        known = select(conversation.c.id).where(conversation.c.person_id == person, conversation.c.channel == EMAIL)
        found = self._connection.execute(known.order_by(conversation.c.id).limit(1)).scalar()
        address = People(self._connection).address(person)
        if found is not None or not address:
            return found
        # The name is all that whoever holds a letter needs to stop the next ones: nobody guesses it.
        new = {"channel": EMAIL, "remote_id": secrets.token_urlsafe(24), "person_id": person}
        return int(self._connection.execute(_NEW, {**new, "address": {"to": address}, "used_at": now}).scalar_one())

    def whose(self, channel: str, remote_id: str) -> int | None:
        row = self._connection.execute(_BY_REMOTE, {"channel": channel, "remote_id": remote_id}).one_or_none()
        return None if row is None else row.person_id


def elsewhere(connection: Connection, person: int, here: int) -> int | None:
    """Where a person is written to instead of one conversation; None when they have no other that works."""
    return connection.execute(_ELSEWHERE, {"person": person, "here": here}).scalar_one_or_none()


def forget_heard(connection: Connection, before: datetime) -> int:
    """Deletes what was heard before a time: no channel delivers again after that long. Returns the number of rows."""
    return connection.execute(delete(heard).where(heard.c.done_at < before)).rowcount


def shut(connection: Connection, channel: str, remote_id: str, reason: str) -> None:
    """The channel says that nothing arrives there any more; a new word from the person opens it again."""
    ours = (conversation.c.channel == channel) & (conversation.c.remote_id == remote_id)
    whose = connection.execute(select(conversation.c.person_id).where(ours)).scalars()
    people = [person for person in whose if person is not None]
    connection.execute(update(conversation).where(ours).values(unreachable=reason))
    raise_version(connection, Kind.PERSON, *people)
