"""People of a batch: the person, their networks, their roles, and their ids on the channels."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, true, tuple_, update

from knowledge.import_problem import phrase
from knowledge.places import Audience
from storage.importing.batch import Batch, Line
from storage.importing.changes import Change, State
from storage.importing.problems import Problems, short
from storage.schema import identity, membership, network, person, preference, role_grant

_PLAIN = (
    "key", "name", "language", "speaks", "time_zone", "region", "office", "reach", "topics", "about", "sample",
    "leaving",
)  # fmt: skip
OWN = frozenset({"language", "speaks", "time_zone", "region", "topics", "about"})
"""What people may say of themselves, which no import then changes."""

_NEW: Mapping[str, Any] = {
    "language": "en", "time_zone": "UTC", "region": "global", "office": "", "topics": [], "about": "", "sample": False,
}  # fmt: skip


def differences(
    connection: Connection, batch: Batch, lines: Sequence[Line], problems: Problems
) -> Iterator[Change | None]:
    """What each line would change; None where it changes nothing.

    Somebody met on a channel before the import, and unknown by e-mail address, is recognised by their id there
    and keeps their conversations and questions. An id that is somebody else's is told to `problems`.
    """
    people = {row["key"]: row for row in _rows(connection, person.c.key.in_([one.cells["email"] for one in lines]))}
    owners = _owners(connection, [pair for line in lines for pair in _ids(line.cells)])
    states = read(connection, {row["id"] for row in [*people.values(), *owners.values()]})
    granted = _granted(connection, states)
    own = _own(connection, states)
    recognised: set[int] = set()
    for line in lines:
        current = people.get(line.cells["email"])
        for pair in _ids(line.cells):
            owner = owners.get(pair)
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
                    phrase("id_taken", word=short(pair[1]), owner=short(owner["key"])),
                )
        number = current["id"] if current is not None else None
        before = states[number] if number is not None else None
        yield _change(line, number, before, granted.get(number or 0, set()), own.get(number or 0, set()), batch.sample)


def _change(
    line: Line, number: int | None, before: State | None, granted: set[str], own: set[str], sample: bool | None
) -> Change | None:
    after = _wanted(line.cells, before, granted, sample)
    kept = tuple(name for name in after if before is not None and name in own and before[name] != after[name])
    for name in kept:
        del after[name]
    if before is not None:
        before = {name: before[name] for name in after}
        if before == after and not kept:
            return None
    return Change("people", line.cells["email"], number, before, after, line.file, line.line, kept)


def _wanted(cells: Mapping[str, Any], before: State | None, granted: set[str], sample: bool | None) -> dict[str, Any]:
    """The person as the line has them; what its file leaves out is left out here, or for a new row the default."""
    known = before if before is not None else _NEW
    wanted: dict[str, Any] = {"key": cells["email"], "name": cells["name"]}
    for name in ("language", "time_zone", "region", "office", "topics", "about"):
        wanted[name] = cells.get(name, known[name])
    wanted["speaks"] = cells.get("speaks", before["speaks"] if before else []) or [wanted["language"]]
    wanted["reach"] = int(_REACH[cells["organisation"]])
    wanted["sample"] = known["sample"] if sample is None else sample
    # Whoever stands in a file does not leave.
    wanted["leaving"] = False
    if "networks" in cells:
        wanted["networks"] = sorted(cells["networks"])
    if "roles" in cells:
        # What was granted in chat stays as it is, and is not written twice.
        wanted["roles"] = sorted(set(cells["roles"]) - granted)
    if ids := dict(_ids(cells)):
        there = before["ids"] if before is not None else {}
        wanted["ids"] = {**there, **ids}
    return wanted


_REACH = {"undp": Audience.UNDP, "one-un": Audience.ONE_UN, "public": Audience.PUBLIC}


def read(connection: Connection, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """People as they are now, whole, by id. Roles are those that imports gave."""
    if not ids:
        return {}
    found: dict[int, dict[str, Any]] = {
        row["id"]: {**{name: row[name] for name in _PLAIN}, "networks": [], "roles": [], "ids": {}}
        for row in _rows(connection, person.c.id.in_(ids))
    }
    keys = _network_keys(connection)
    for row in connection.execute(select(membership).where(membership.c.person_id.in_(ids))):
        found[row.person_id]["networks"].append(keys[row.network_id])
    for row in connection.execute(select(role_grant).where(role_grant.c.person_id.in_(ids), _IMPORTED)):
        found[row.person_id]["roles"].append(_role(row.role, keys.get(row.network_id)))
    listed = identity.c.channel.in_(_CHANNELS)
    for row in connection.execute(select(identity).where(identity.c.person_id.in_(ids), listed)):
        found[row.person_id]["ids"][row.channel] = row.remote_id
    for state in found.values():
        state["networks"].sort()
        state["roles"].sort()
    return found


def write(connection: Connection, changes: Sequence[Change], now: datetime) -> list[int]:
    """Makes people as the changes have them, in bulk. Returns the ids of all of them, in order."""
    fresh = [one for one in changes if one.number is None]
    values = [{**_columns(one.after), "created_at": now} for one in fresh]
    added: Iterator[int] = iter(())
    if values:
        statement = insert(person).returning(person.c.id, sort_by_parameter_order=True)
        added = iter(connection.execute(statement, values).scalars().all())
    numbers = [one.number if one.number is not None else next(added) for one in changes]
    for one, number in zip(changes, numbers, strict=True):
        columns = _columns({name: one.after[name] for name in one.different if name in _PLAIN})
        if one.number is not None and columns:
            connection.execute(update(person).where(person.c.id == number).values(columns))
    networks = {key: number for number, key in _network_keys(connection).items()}
    told = list(zip(changes, numbers, strict=True))
    _replace(
        connection,
        membership,
        [
            (number, [{"network_id": networks[key]} for key in one.after["networks"]])
            for one, number in told
            if "networks" in one.after
        ],
    )
    _replace(
        connection,
        role_grant,
        [
            (number, [_grant(text, networks) for text in one.after["roles"]])
            for one, number in told
            if "roles" in one.after
        ],
        _IMPORTED,
    )
    _give_ids(connection, [(number, one.after["ids"]) for one, number in told if "ids" in one.after])
    return numbers


def _give_ids(connection: Connection, given: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    """Each person has exactly these ids on the channels that imports know. Whoever else has one gives it up (checked
    before); an older id of the same person was corrected."""
    if not given:
        return
    pairs = [(channel, remote) for _, ids in given for channel, remote in ids.items()]
    theirs = and_(identity.c.channel.in_(_CHANNELS), identity.c.person_id.in_([number for number, _ in given]))
    taken = tuple_(identity.c.channel, identity.c.remote_id).in_(pairs)
    connection.execute(delete(identity).where(or_(theirs, taken)))
    rows = [
        {"channel": channel, "remote_id": remote, "person_id": number}
        for number, ids in given
        for channel, remote in ids.items()
    ]
    if rows:
        connection.execute(insert(identity), rows)


def _replace(
    connection: Connection, table: Any, wanted: Sequence[tuple[int, Iterable[Mapping[str, Any]]]], which: Any = None
) -> None:
    if not wanted:
        return
    theirs = table.c.person_id.in_([number for number, _ in wanted])
    connection.execute(delete(table).where(theirs, true() if which is None else which))
    if rows := [{"person_id": number, **row} for number, given in wanted for row in given]:
        connection.execute(insert(table), rows)


_CHANNELS = ("teams", "slack")
_IMPORTED = role_grant.c.by_id.is_(None)


def _rows(connection: Connection, which: Any) -> Sequence[RowMapping]:
    return connection.execute(select(person).where(which)).mappings().all()


def _columns(state: State) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name in _PLAIN}


def _network_keys(connection: Connection) -> dict[int, str]:
    return {row.id: row.key for row in connection.execute(select(network.c.id, network.c.key))}


def _owners(connection: Connection, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RowMapping]:
    """The people behind the channels' ids."""
    found = (
        select(identity.c.channel, identity.c.remote_id, person)
        .join(person, person.c.id == identity.c.person_id)
        .where(tuple_(identity.c.channel, identity.c.remote_id).in_(pairs))
    )
    return {(row["channel"], row["remote_id"]): row for row in connection.execute(found).mappings()} if pairs else {}


def _granted(connection: Connection, ids: Collection[int]) -> dict[int, set[str]]:
    """Roles that were given in chat."""
    keys = _network_keys(connection)
    found: dict[int, set[str]] = {}
    for row in connection.execute(select(role_grant).where(role_grant.c.person_id.in_(ids), ~_IMPORTED)):
        found.setdefault(row.person_id, set()).add(_role(row.role, keys.get(row.network_id)))
    return found


def _own(connection: Connection, ids: Collection[int]) -> dict[int, set[str]]:
    """What people said of themselves."""
    rows = connection.execute(select(preference.c.person_id, preference.c.own).where(preference.c.person_id.in_(ids)))
    return {row.person_id: set(OWN.intersection(row.own or ())) for row in rows}


def _ids(cells: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The channels' ids the line gives. An empty cell means "not known", and takes none away."""
    return [(channel, cells[f"{channel}_id"]) for channel in _CHANNELS if cells.get(f"{channel}_id")]


def _gives_up(batch: Batch, pair: tuple[str, str], owner: str) -> bool:
    """Whether the same files give the owner of that id another one: two ids swapped by mistake are swapped back."""
    channel, remote = pair
    return any(email == owner and other != remote for other, email in batch.ids[channel].items())


def _role(role: str, network_key: str | None) -> str:
    return f"{role}:{network_key}" if network_key else role


def _grant(text: str, networks: Mapping[str, int]) -> dict[str, Any]:
    role, colon, key = text.partition(":")
    return {"role": role, "network_id": networks[key] if colon else None}
