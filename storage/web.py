"""The try-it page's memory: who can be played, and what each sees. Development mode only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, cast, exists, func, insert, select, update

from knowledge.people import Role
from knowledge.text import plain
from storage.changes import Kind, raise_version
from storage.database import Database, by_dialect
from storage.schema import conversation, identity, person, role_grant, web_message

CHANNEL = "web"


@dataclass(frozen=True, slots=True)
class Profile:
    """Somebody a pane can be; `roles` are all they hold anywhere."""

    id: int
    name: str
    language: str
    region: str
    office: str
    time_zone: str
    sample: bool
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation: a delivered message (`Message.to_json`), or what was typed."""

    id: int
    revision: int
    at: datetime
    message: Mapping[str, Any] | None = None
    typed: str = ""
    key: str = ""
    failed: bool = False


class WebStore:
    """`bot.web.ports.Store` in the database.

    A row's payload is {"message": …, "edits": [outbox ids]} or {"typed": …, "key": …, "failed": …}.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def settle(self) -> None:
        if await self._database.look(lambda connection: connection.execute(_UNSETTLED.limit(1)).first() is not None):
            await self._database.run(_settle)

    async def people(self, search: str = "", limit: int = 50) -> Sequence[Profile]:
        return await self._database.look(lambda connection: _people(connection, search, limit))

    async def person(self, number: int) -> Profile | None:
        found = await self._database.look(lambda connection: _profiles(connection, [number]))
        return found[0] if found else None

    async def lines(self, number: int, limit: int = 200) -> Sequence[Line]:
        newest = _of(number).order_by(web_message.c.id.desc()).limit(limit)
        return (await self._lines(newest))[::-1]

    async def changes(self, number: int, since: int, limit: int = 100) -> Sequence[Line]:
        return await self._lines(
            _of(number).where(web_message.c.revision > since).order_by(web_message.c.revision).limit(limit)
        )

    async def revision(self, number: int) -> int:
        return await self._database.look(lambda connection: _last_revision(connection, _there(number)))

    async def append(self, number: int, key: str, text: str, at: datetime) -> None:
        def work(connection: Connection) -> None:
            place = _locked(connection, number)
            row = _typed(connection, place, key)
            if row is None:
                _add(connection, place, {"typed": text, "key": key, "failed": False}, at)
            elif row.payload["failed"]:
                _change(connection, place, row.id, {**row.payload, "failed": False})

        await self._database.run(work)

    async def fail(self, number: int, key: str) -> None:
        def work(connection: Connection) -> None:
            place = _locked(connection, number)
            row = _typed(connection, place, key)
            if row is not None:
                _change(connection, place, row.id, {**row.payload, "failed": True})

        await self._database.run(work)

    async def deliver(
        self, number: int, delivery: int, message: Mapping[str, Any], replaces: str, at: datetime
    ) -> str | None:
        def work(connection: Connection) -> str | None:
            place = _locked(connection, number)
            again = connection.execute(
                select(web_message.c.id).where(web_message.c.delivery == delivery)
            ).scalar_one_or_none()
            if again is not None:
                return str(again)
            if not replaces:
                return str(_add(connection, place, {"message": message, "edits": []}, at, delivery))
            return _replace(connection, place, delivery, message, replaces)

        return await self._database.run(work)

    async def _lines(self, query: Any) -> list[Line]:
        rows = await self._database.look(lambda connection: connection.execute(query).all())
        return [_line(row) for row in rows]


def _replace(
    connection: Connection, place: int, delivery: int, message: Mapping[str, Any], replaces: str
) -> str | None:
    if not replaces.isdecimal() or len(replaces) > 18:
        return None
    row = connection.execute(
        select(web_message).where(web_message.c.id == int(replaces), web_message.c.conversation_id == place)
    ).one_or_none()
    if row is None or "message" not in row.payload:
        return None
    edits = row.payload["edits"]
    if delivery not in edits:
        _change(connection, place, row.id, {"message": message, "edits": [*edits, delivery]})
    return replaces


def _of(number: int) -> Any:
    return select(web_message).where(_there(number))


def _there(number: int) -> ColumnElement[bool]:
    return web_message.c.conversation_id.in_(_conversation(number))


def _conversation(number: int) -> Any:
    return select(conversation.c.id).where(
        conversation.c.channel == CHANNEL, conversation.c.remote_id == f"{CHANNEL}:{number}"
    )


def _locked(connection: Connection, number: int) -> int:
    """The person's conversation, held until the commit: revisions then appear in their order, with no gap that
    a reader could step over. Raises KeyError when there is none."""
    found = connection.execute(_conversation(number).with_for_update()).scalar_one_or_none()
    if found is None:
        raise KeyError(number)
    return int(found)


def _last_revision(connection: Connection, where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.max(web_message.c.revision)).where(where)).scalar() or 0


def _next_revision(connection: Connection, place: int) -> int:
    return _last_revision(connection, web_message.c.conversation_id == place) + 1


def _add(
    connection: Connection, place: int, payload: Mapping[str, Any], at: datetime, delivery: int | None = None
) -> int:
    row = {
        "conversation_id": place,
        "delivery": delivery,
        "revision": _next_revision(connection, place),
        "payload": payload,
        "at": at,
    }
    return int(connection.execute(insert(web_message).returning(web_message.c.id), row).scalar_one())


def _change(connection: Connection, place: int, line: int, payload: Mapping[str, Any]) -> None:
    connection.execute(
        update(web_message)
        .where(web_message.c.id == line)
        .values(payload=payload, revision=_next_revision(connection, place))
    )


def _typed(connection: Connection, place: int, key: str) -> Row[Any] | None:
    return connection.execute(
        select(web_message).where(
            web_message.c.conversation_id == place,
            web_message.c.delivery.is_(None),
            web_message.c.payload["key"].as_string() == key,
        )
    ).one_or_none()


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        revision=row.revision,
        at=row.at,
        message=row.payload.get("message"),
        typed=row.payload.get("typed", ""),
        key=row.payload.get("key", ""),
        failed=row.payload.get("failed", False),
    )


_UNSETTLED = select(person.c.id, person.c.created_at).where(
    ~exists().where(
        conversation.c.channel == CHANNEL,
        conversation.c.remote_id == CHANNEL + ":" + cast(person.c.id, String),
    )
)

_KNOWN = by_dialect(identity, lambda new: new.on_conflict_do_nothing())
_PLACES = by_dialect(conversation, lambda new: new.on_conflict_do_nothing())


def _settle(connection: Connection) -> None:
    rows = connection.execute(_UNSETTLED).all()
    if not rows:
        return
    connection.execute(
        _KNOWN[connection.dialect.name],
        [{"channel": CHANNEL, "remote_id": str(row.id), "person_id": row.id} for row in rows],
    )
    connection.execute(
        _PLACES[connection.dialect.name],
        [
            {
                "channel": CHANNEL,
                "remote_id": f"{CHANNEL}:{row.id}",
                "person_id": row.id,
                "address": {},
                # Never used yet: a conversation they did use elsewhere comes before it.
                "used_at": row.created_at,
            }
            for row in rows
        ],
    )
    # Matchers offer nothing to people whom nobody can reach: these now can be.
    raise_version(connection, Kind.PERSON, *(row.id for row in rows))


def _people(connection: Connection, search: str, limit: int) -> list[Profile]:
    words = plain(search).split()
    rows = connection.execute(
        select(person.c.id, person.c.name, person.c.office).order_by(person.c.sample.desc(), person.c.name, person.c.id)
    )
    found = [row.id for row in rows if all(word in plain(f"{row.name} {row.office}") for word in words)]
    return _profiles(connection, found[:limit])


def _profiles(connection: Connection, numbers: Sequence[int]) -> list[Profile]:
    """Those that exist, in the order of `numbers`."""
    roles: dict[int, list[Role]] = {}
    for row in connection.execute(
        select(role_grant.c.person_id, role_grant.c.role)
        .where(role_grant.c.person_id.in_(numbers), role_grant.c.role != Role.MEMBER.value)
        .distinct()
    ):
        roles.setdefault(row.person_id, []).append(Role(row.role))
    order = list(Role)
    rows = {found.id: found for found in connection.execute(select(person).where(person.c.id.in_(numbers)))}
    return [
        Profile(
            id=row.id,
            name=row.name,
            language=row.language,
            region=row.region,
            office=row.office,
            time_zone=row.time_zone,
            sample=row.sample,
            roles=tuple(sorted(roles.get(row.id, ()), key=order.index)),
        )
        for row in (rows[number] for number in numbers if number in rows)
    ]
