"""People, and how each channel knows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, or_, select, update

from knowledge.mail import address_of
from knowledge.people import FORGOTTEN, Grant, Person, Role
from knowledge.places import Audience
from knowledge.text import clean, plain
from storage.changes import Kind, raise_version
from storage.database import by_dialect
from storage.schema import ANSWERABLE, block, conversation, identity, membership, person, preference, role_grant

_REACHABLE = (
    exists()
    .where(conversation.c.person_id == person.c.id, conversation.c.unreachable == "", ANSWERABLE)
    .label("reachable")
)  # fmt: skip
_CHOSEN = [
    preference.c.supervisor_id, preference.c.away_until, preference.c.weekly_cap, preference.c.connector,
    preference.c.quiet, preference.c.listed, preference.c.interests, preference.c.helps,
]  # fmt: skip
_BLOCKED = (
    select(func.min(block.c.question_id)).where(block.c.person_id == person.c.id).scalar_subquery().label("blocked_for")
)
_PEOPLE = select(person, *_CHOSEN, _BLOCKED, _REACHABLE).outerjoin(preference, preference.c.person_id == person.c.id)
_BY_ID = _PEOPLE.where(person.c.id.in_(bindparam("ids", expanding=True))).order_by(person.c.id)
_NETWORKS = select(membership).where(membership.c.person_id.in_(bindparam("ids", expanding=True)))
_GRANTS = select(role_grant).where(role_grant.c.person_id.in_(bindparam("ids", expanding=True)))
_BLOCK = by_dialect(block, lambda new: new.on_conflict_do_nothing().returning(block.c.person_id))
_NAMES = select(person.c.id, person.c.name).order_by(person.c.id)


class People:
    """`knowledge.ports.People` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[int, Person] = {}

    def get(self, number: int) -> Person:
        if number not in self._known:
            self.of_ids([number])
        return self._known[number]

    def of_ids(self, ids: Iterable[int]) -> list[Person]:
        """Those that exist, sorted by id."""
        wanted = sorted(set(ids))
        unread = [one for one in wanted if one not in self._known]
        if unread:
            self._read(self._connection.execute(_BY_ID, {"ids": unread}).all())
        return [self._known[one] for one in wanted if one in self._known]

    def everybody(self) -> list[Person]:
        return self._read(self._connection.execute(_PEOPLE.order_by(person.c.id)).all())

    def anybody(self) -> bool:
        """Whether anybody is known at all."""
        return self._connection.execute(select(person.c.id).limit(1)).first() is not None

    def with_key(self, key: str) -> Person | None:
        """Whoever an import knows by that key (an address), case aside; None when nobody is."""
        number = self._connection.execute(select(person.c.id).where(person.c.key == key.strip().lower())).scalar()
        return None if number is None else self.get(number)

    def address(self, number: int) -> str:
        return address_of(self._connection.execute(select(person.c.key).where(person.c.id == number)).scalar_one())

    def having(self, role: Role, network: int | None = None) -> list[Person]:
        everywhere = role_grant.c.network_id.is_(None)
        there = everywhere if network is None else or_(everywhere, role_grant.c.network_id == network)
        return self._with_grant((role_grant.c.role == role.value) & there)

    def having_somewhere(self, role: Role) -> list[Person]:
        return self._with_grant(role_grant.c.role == role.value)

    def members(self, network: int, after: int, limit: int) -> list[int]:
        there = (membership.c.network_id == network) & (membership.c.person_id > after)
        rows = select(membership.c.person_id).where(there).order_by(membership.c.person_id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def in_network(self, network: int) -> list[Person]:
        ids = self._connection.execute(select(membership.c.person_id).where(membership.c.network_id == network))
        return self.of_ids(ids.scalars())

    def named(self, text: str, limit: int = 5) -> list[Person]:
        words = plain(text).split()
        if not words:
            return []
        names = [(row.id, plain(row.name)) for row in self._connection.execute(_NAMES)]
        exact = [number for number, name in names if name == " ".join(words)]
        partly = [number for number, name in names if all(f" {word}" in f" {name}" for word in words)]
        return self.of_ids((exact if len(exact) == 1 else partly)[:limit])

    def set_language(self, number: int, language: str) -> None:
        self._connection.execute(update(person).where(person.c.id == number).values(language=language))
        self._changed(number)

    def prefer(self, number: int, /, **preferences: Any) -> None:
        """Columns of `preference` by name."""
        chosen = {"person_id": number, **preferences}
        insert_or_change = by_dialect(
            preference,
            lambda new: new.values(chosen).on_conflict_do_update(index_elements=["person_id"], set_=preferences),
        )
        self._connection.execute(insert_or_change[self._connection.dialect.name])
        self._changed(number)

    def describe_self(self, number: int, part: str, value: Any) -> None:
        """A column of theirs as they say it, which no import changes any more."""
        self._connection.execute(update(person).where(person.c.id == number).values({part: value}))
        said = self._connection.execute(select(preference.c.own).where(preference.c.person_id == number)).scalar() or []
        self.prefer(number, own=sorted({*said, part}))

    def toured(self, number: int) -> dict[str, int]:
        """How far they came in the welcome of each role: the card they saw last, one more than there are for done."""
        reached = select(preference.c.tour).where(preference.c.person_id == number)
        return dict(self._connection.execute(reached).scalar() or {})

    def listed(self) -> list[Person]:
        """Those who agreed to be found by what they know. Sorted by id."""
        ids = select(preference.c.person_id).where(preference.c.listed)
        return self.of_ids(self._connection.execute(ids).scalars())

    def block(self, number: int, question: int, by: int, now: datetime) -> bool:
        values = {"person_id": number, "question_id": question, "by_id": by, "at": now}
        new = self._connection.execute(_BLOCK[self._connection.dialect.name], values).first()
        self._changed(number)
        return new is not None

    def unblock(self, number: int, question: int) -> bool:
        ours = (block.c.person_id == number) & (block.c.question_id == question)
        done = self._connection.execute(delete(block).where(ours))
        self._changed(number)
        return done.rowcount == 1

    def grant(self, number: int, role: Role, network: int | None, by: int) -> None:
        row = {"person_id": number, "role": role.value, "network_id": network, "by_id": by}
        self._connection.execute(insert(role_grant), row)
        self._changed(number)

    def revoke(self, number: int, role: Role, network: int | None) -> None:
        there = role_grant.c.network_id.is_(None) if network is None else role_grant.c.network_id == network
        held = (role_grant.c.person_id == number) & (role_grant.c.role == role.value) & there
        self._connection.execute(delete(role_grant).where(held))
        self._changed(number)

    def add(self, key: str, name: str, language: str, time_zone: str, reach: Audience, now: datetime) -> Person:
        """Somebody first met in a channel: a member, until an import says more."""
        number = self._connection.execute(
            insert(person).returning(person.c.id),
            {
                "key": key,
                "name": name,
                "language": language,
                "speaks": [language],
                "time_zone": time_zone,
                "region": "global",
                "reach": int(reach),
                "topics": [],
                "created_at": now,
            },
        ).scalar_one()
        return self.get(number)

    def forget(self, *numbers: int) -> None:
        """What was read of these people no longer holds."""
        for number in numbers:
            self._changed(number)

    def _changed(self, number: int) -> None:
        self._known.pop(number, None)
        raise_version(self._connection, Kind.PERSON, number)

    def _with_grant(self, condition: Any) -> list[Person]:
        ids = self._connection.execute(select(role_grant.c.person_id).where(condition).distinct()).scalars()
        return self.of_ids(ids)

    def _read(self, rows: Iterable[Row[Any]]) -> list[Person]:
        found = list(rows)
        ids = [row.id for row in found]
        networks: dict[int, set[int]] = {}
        grants: dict[int, set[Grant]] = {}
        if ids:
            for row in self._connection.execute(_NETWORKS, {"ids": ids}):
                networks.setdefault(row.person_id, set()).add(row.network_id)
            for row in self._connection.execute(_GRANTS, {"ids": ids}):
                grants.setdefault(row.person_id, set()).add(Grant(Role(row.role), row.network_id))
        people = [
            Person(
                id=row.id,
                name=row.name,
                language=row.language,
                speaks=tuple(row.speaks),
                time_zone=row.time_zone,
                region=row.region,
                office=row.office,
                reach=Audience(row.reach),
                topics=tuple(row.topics),
                about=row.about,
                networks=frozenset(networks.get(row.id, ())),
                grants=frozenset(grants.get(row.id, ())),
                reachable=bool(row.reachable),
                supervisor=row.supervisor_id,
                away_until=row.away_until,
                weekly_cap=row.weekly_cap,
                blocked_for=row.blocked_for,
                connector=bool(row.connector),
                leaving=row.leaving,
                listed=bool(row.listed),
                interests=tuple(row.interests or ()),
                helps=tuple(row.helps or ()),
                quiet=row.quiet or "",
                forgotten=row.key.startswith(f"{FORGOTTEN}:"),
            )
            for row in found
        ]
        self._known.update((known.id, known) for known in people)
        return people


def by_identity(connection: Connection, channel: str, remote_id: str) -> int | None:
    """The person a channel knows by that id, None when we do not."""
    return connection.execute(_BY_IDENTITY, {"channel": channel, "remote_id": remote_id}).scalar_one_or_none()


_BY_IDENTITY = select(identity.c.person_id).where(
    identity.c.channel == bindparam("channel"), identity.c.remote_id == bindparam("remote_id")
)


def bind_identity(connection: Connection, channel: str, remote_id: str, number: int) -> None:
    connection.execute(insert(identity), {"channel": channel, "remote_id": remote_id, "person_id": number})


def describe(connection: Connection, channel: str, remote_id: str, name: str, language: str, time_zone: str) -> None:
    """Keeps what a channel says of somebody first met there, "" of nothing. An import knows better, and so does
    whoever has a name already."""
    number = by_identity(connection, channel, remote_id)
    if number is None:
        return
    said = {"name": clean(name)[:200], "time_zone": time_zone}
    told = {part: value for part, value in said.items() if value}
    # Their language is theirs to choose once they are known.
    ours = (person.c.id == number) & (person.c.key == f"{channel}:{remote_id}")
    if language:
        connection.execute(
            update(person).where(ours, person.c.name == "?").values(language=language, speaks=[language])
        )
    if told:
        connection.execute(update(person).where(ours).values(**told))
    raise_version(connection, Kind.PERSON, number)
