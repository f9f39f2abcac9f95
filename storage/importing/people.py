"""People of a batch: the person, their networks, their roles, and their ids on the channels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, true, tuple_, update

from knowledge.places import Audience
from storage.importing.batch import Batch, Line
from storage.importing.problems import Problems, quoted
from storage.importing.tally import Tally
from storage.schema import identity, membership, person, role_grant

Roles = set[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database has of the people of some lines; `owners` are the people behind the channels' ids, `roles` what
    imports gave, `granted` what was given in chat."""

    people: Mapping[str, RowMapping]
    owners: Mapping[tuple[str, str], RowMapping]
    networks: Mapping[int, set[int]]
    roles: Mapping[int, Roles]
    granted: Mapping[int, Roles]
    ids: Mapping[int, set[tuple[str, str]]]


def save_people(
    connection: Connection,
    batch: Batch,
    lines: list[Line],
    numbers: Mapping[str, int],
    now: datetime | None,
    tally: Tally,
    problems: Problems,
) -> None:
    """Writes the people of some lines; with `now` None only counts.

    Somebody met on a channel before the import, and unknown by e-mail address, is recognised by their id there
    and keeps their conversations and questions. An id that is somebody else's is told to `problems`.
    """
    known = _look_up(connection, lines)
    recognised: set[int] = set()
    for line in lines:
        current = known.people.get(line.cells["email"])
        ids = _ids(line)
        for pair in ids:
            owner = known.owners.get(pair)
            if owner is None or (current is not None and owner["id"] == current["id"]):
                continue
            met = owner["key"].startswith(f"{pair[0]}:") and owner["id"] not in recognised
            if current is None and met:
                current = owner
                recognised.add(owner["id"])
            elif not _gives_up(batch, pair, owner["key"]):
                problems.add(
                    line.file,
                    line.line,
                    f"{pair[0]}_id",
                    f"{quoted(pair[1])} already belongs to {quoted(owner['key'])}; correct it, or empty this cell",
                )
        _save_person(connection, line, current, known, numbers, batch.sample, now, tally)


def _save_person(
    connection: Connection,
    line: Line,
    current: RowMapping | None,
    known: _Known,
    numbers: Mapping[str, int],
    sample: bool,
    now: datetime | None,
    tally: Tally,
) -> None:
    columns = _columns(line.cells, current, sample)
    old = current["id"] if current else 0
    networks = {numbers[key] for key in line.cells["networks"]} if "networks" in line.cells else None
    roles = None
    if "roles" in line.cells:
        # What was granted in chat stays as it is, and is not written twice.
        roles = {_grant(text, numbers) for text in line.cells["roles"]} - known.granted.get(old, set())
    ids = _ids(line)
    same = (
        current is not None
        and all(current[name] == value for name, value in columns.items())
        and networks in (None, known.networks.get(old, set()))
        and roles in (None, known.roles.get(old, set()))
        and all({pair} == {have for have in known.ids.get(old, ()) if have[0] == pair[0]} for pair in ids)
    )
    if current is None:
        tally.new += 1
    elif same:
        tally.unchanged += 1
    else:
        tally.changed += 1
    if same or now is None:
        return
    if current is None:
        written = connection.execute(insert(person).values(**columns, created_at=now))
        number: int = written.inserted_primary_key[0]  # type: ignore[index]  # an INSERT of one row has one
    else:
        number = old
        connection.execute(update(person).where(person.c.id == number).values(columns))
    tally.written.add(number)
    if networks is not None:
        _replace(connection, membership, number, [{"network_id": network} for network in networks])
    if roles is not None:
        imported = role_grant.c.by_id.is_(None)
        rows = [{"role": role, "network_id": network} for role, network in roles]
        _replace(connection, role_grant, number, rows, imported)
    for channel, remote in ids:
        # Whoever else has the id gives it up (checked before); an older id of this person was corrected.
        connection.execute(
            delete(identity).where(
                identity.c.channel == channel,
                (identity.c.remote_id == remote) | (identity.c.person_id == number),
            )
        )
        connection.execute(insert(identity).values(channel=channel, remote_id=remote, person_id=number))


def _look_up(connection: Connection, lines: list[Line]) -> _Known:
    emails = [line.cells["email"] for line in lines]
    pairs = [pair for line in lines for pair in _ids(line)]
    people = {row["key"]: row for row in connection.execute(select(person).where(person.c.key.in_(emails))).mappings()}
    owners = {
        (row["channel"], row["remote_id"]): row
        for row in connection.execute(
            select(identity.c.channel, identity.c.remote_id, person)
            .join(person, person.c.id == identity.c.person_id)
            .where(tuple_(identity.c.channel, identity.c.remote_id).in_(pairs))
        ).mappings()
    }
    numbers = {row["id"] for row in [*people.values(), *owners.values()]}
    networks: dict[int, set[int]] = {}
    for who, network in connection.execute(
        select(membership.c.person_id, membership.c.network_id).where(membership.c.person_id.in_(numbers))
    ):
        networks.setdefault(who, set()).add(network)
    roles: dict[int, Roles] = {}
    granted: dict[int, Roles] = {}
    for row in connection.execute(select(role_grant).where(role_grant.c.person_id.in_(numbers))):
        there = roles if row.by_id is None else granted
        there.setdefault(row.person_id, set()).add((row.role, row.network_id))
    ids: dict[int, set[tuple[str, str]]] = {}
    for who, channel, remote in connection.execute(
        select(identity.c.person_id, identity.c.channel, identity.c.remote_id).where(identity.c.person_id.in_(numbers))
    ):
        ids.setdefault(who, set()).add((channel, remote))
    return _Known(people, owners, networks, roles, granted, ids)


def _columns(cells: Mapping[str, Any], current: RowMapping | None, sample: bool) -> dict[str, Any]:
    def given(name: str, otherwise: Any) -> Any:
        return cells.get(name, current[name] if current is not None else otherwise)

    language = given("language", "en")
    return {
        "key": cells["email"],
        "name": cells["name"],
        "language": language,
        "speaks": given("speaks", []) or [language],
        "time_zone": given("time_zone", "UTC"),
        "region": given("region", "global"),
        "office": given("office", ""),
        "reach": int(_REACH[cells["organisation"]]),
        "topics": given("topics", []),
        "about": given("about", ""),
        "sample": sample,
    }


_REACH = {"undp": Audience.UNDP, "one-un": Audience.ONE_UN, "public": Audience.PUBLIC}


def _ids(line: Line) -> list[tuple[str, str]]:
    """The channels' ids the line gives. An empty cell means "not known", and takes none away."""
    return [(channel, line.cells[f"{channel}_id"]) for channel in ("teams", "slack") if line.cells.get(f"{channel}_id")]


def _gives_up(batch: Batch, pair: tuple[str, str], owner: str) -> bool:
    """Whether the same files give the owner of that id another one: two ids swapped by mistake are swapped back."""
    channel, remote = pair
    return any(email == owner and other != remote for other, email in batch.ids[channel].items())


def _grant(text: str, numbers: Mapping[str, int]) -> tuple[str, int | None]:
    role, colon, network = text.partition(":")
    return role, numbers[network] if colon else None


_ALL = true()


def _replace(
    connection: Connection, table: Any, number: int, rows: Iterable[Mapping[str, Any]], which: Any = _ALL
) -> None:
    connection.execute(delete(table).where(table.c.person_id == number, which))
    if values := [{"person_id": number, **row} for row in rows]:
        connection.execute(insert(table), values)
