"""Knowledge items, their wordings and their use, kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from knowledge.errors import Conflict
from knowledge.item import VISIBLE, Item, Part, State, Text, Use, Version
from knowledge.places import Audience
from storage import changes
from storage.changes import Kind
from storage.database import by_dialect
from storage.schema import item, item_use, item_version

_VISIBLE = item.c.state.in_([state.value for state in VISIBLE])
VISIBLE_ITEMS = select(item).where(_VISIBLE).order_by(item.c.id)
_SINCE = func.coalesce(item.c.published_at, item.c.created_at)
_USED = by_dialect(
    item_use,
    lambda first: first.on_conflict_do_update(
        index_elements=["item_id", "use", "month"], set_={"count": item_use.c.count + bindparam("by")}
    ),
)


class Items:
    """`knowledge.ports.Items` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, number: int) -> Item | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(select(item).where(item.c.id == number)).one_or_none()
        return item_of(row) if row else None

    def keyed(self, key: str) -> Item | None:
        row = self._connection.execute(select(item).where(item.c.key == key)).one_or_none()
        return item_of(row) if row else None

    def add(self, new: Item, text: Text | None = None, by: int | None = None) -> Item:
        number = self._connection.execute(insert(item).returning(item.c.id), _values(new)).scalar_one()
        kept = replace(new, id=number)
        if text is not None:
            self._keep(Version(kept.version, text, kept.since, by), number)
        changes.raise_version(self._connection, Kind.ITEM, number)
        return kept

    def save(self, before: Item, moved: Item, text: Text | None = None, by: int | None = None) -> Item:
        if text is not None and not self.versions(before.id):
            # The wording it came with is a version once there is another.
            self._keep(Version(before.version, self.text(before), before.since), before.id)
        read = (item.c.id == before.id) & (item.c.state == before.state.value) & (item.c.version == before.version)
        if self._connection.execute(update(item).where(read).values(_values(moved))).rowcount != 1:
            raise Conflict(f"item {before.id}")
        if text is not None:
            self._keep(Version(moved.version, text, moved.since, by), moved.id)
        changes.raise_version(self._connection, Kind.ITEM, moved.id)
        return moved

    def text(self, of: Item) -> Text:
        rows = select(item_version.c.text).where(item_version.c.item_id == of.id, item_version.c.number == of.version)
        kept = self._connection.execute(rows).scalar()
        text = text_of(kept) if kept is not None else None
        # An import may have put other words in their place since.
        if text is None or (text.question, text.answer) != (of.question, of.answer):
            return Text(of.question, (Part(1, of.answer),))
        return text

    def versions(self, number: int) -> list[Version]:
        rows = select(item_version).where(item_version.c.item_id == number).order_by(item_version.c.number.desc())
        return [Version(row.number, text_of(row.text), row.at, row.by_id) for row in self._connection.execute(rows)]

    def visible(
        self, *, placed: Collection[int] | None = None, stale: bool = False, limit: int | None = None
    ) -> list[Item]:
        wanted = select(item).where(item.c.state == State.STALE.value if stale else _VISIBLE)
        if placed is not None:
            wanted = wanted.where(item.c.place_id.in_(placed))
        rows = self._connection.execute(wanted.order_by(_SINCE.desc(), item.c.id.desc()).limit(limit))
        return [item_of(row) for row in rows]

    def owned_by(self, person: int) -> list[Item]:
        rows = select(item).where(item.c.owner_id == person, _VISIBLE).order_by(item.c.id)
        return [item_of(row) for row in self._connection.execute(rows)]

    def due(self, now: datetime, limit: int) -> list[int]:
        rows = select(item.c.id).where(item.c.review_at <= now).order_by(item.c.review_at, item.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())

    def note_use(self, use: Use, items: Sequence[int], now: datetime) -> None:
        for number in sorted(set(items)):
            row = {"item_id": number, "use": use.value, "month": _month(now), "count": 1, "by": 1}
            self._connection.execute(_USED[self._connection.dialect.name], row)

    def uses(self, number: int) -> Mapping[Use, int]:
        return self._counted(item_use.c.item_id == number)

    def used(self, since: datetime, until: datetime) -> Mapping[Use, int]:
        return self._counted((item_use.c.month >= _month(since)) & (item_use.c.month < _month(until)))

    def published(self, since: datetime, until: datetime) -> list[Item]:
        # What came with an import was not made here.
        there = (item.c.created_at >= since) & (item.c.created_at < until) & item.c.published_at.is_not(None)
        rows = select(item).where(there, _VISIBLE).order_by(item.c.created_at, item.c.id)
        return [item_of(row) for row in self._connection.execute(rows)]

    def _counted(self, which: Any) -> Mapping[Use, int]:
        rows = select(item_use.c.use, func.sum(item_use.c.count)).where(which).group_by(item_use.c.use)
        found = {use: int(count) for use, count in self._connection.execute(rows)}
        return {use: found.get(use.value, 0) for use in Use}

    def _keep(self, version: Version, number: int) -> None:
        row = {"item_id": number, "number": version.number, "text": text_row(version.text)}
        self._connection.execute(insert(item_version), {**row, "by_id": version.by, "at": version.at})


def text_row(text: Text) -> dict[str, Any]:
    return asdict(text)


def text_of(row: Mapping[str, Any]) -> Text:
    parts = tuple(Part(one["voice"], one["text"]) for one in row["parts"])
    return Text(row["question"], parts, row["summary"], row["next_steps"])


def item_of(row: Row[Any]) -> Item:
    return Item(
        id=row.id,
        key=row.key,
        question=row.question,
        answer=row.answer,
        language=row.language,
        topics=tuple(row.topics),
        audience=Audience(row.audience),
        network=row.network_id,
        region=row.region,
        created_at=row.created_at,
        state=State(row.state),
        version=row.version,
        owner=row.owner_id,
        place=row.place_id,
        published_at=row.published_at,
        review_at=row.review_at,
        retired_at=row.retired_at,
        replaced_by=row.replaced_by_id,
    )


def _values(of: Item) -> dict[str, Any]:
    return {
        "key": of.key,
        "question": of.question,
        "answer": of.answer,
        "language": of.language,
        "topics": list(of.topics),
        "audience": int(of.audience),
        "network_id": of.network,
        "region": of.region,
        "created_at": of.created_at,
        "state": of.state.value,
        "version": of.version,
        "owner_id": of.owner,
        "place_id": of.place,
        "published_at": of.published_at,
        "review_at": of.review_at,
        "retired_at": of.retired_at,
        "replaced_by_id": of.replaced_by,
    }


def _month(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m}"
