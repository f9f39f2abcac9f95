"""A `Reading` as JSON and back: it comes from another process, and nothing else of that is trusted."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from knowledge.event import Change
from knowledge.ics.reading import Found, Problem, Reading


def to_json(reading: Reading) -> str:
    return json.dumps(asdict(reading), default=_plain, ensure_ascii=True)


def from_json(text: str) -> Reading:
    """Raises ValueError, TypeError or KeyError for what `to_json` did not write."""
    told = json.loads(text)
    return Reading(
        events=tuple(_found(one) for one in told["events"]),
        problems=tuple(Problem(str(one["kind"]), str(one["title"])) for one in told["problems"]),
        total=int(told["total"]),
        past=int(told["past"]),
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _found(told: dict[str, Any]) -> Found:
    known = {one.name for one in fields(Found)}
    values = {name: value for name, value in told.items() if name in known}
    values["start"] = datetime.fromisoformat(values["start"])
    for name in ("extra", "without"):
        values[name] = tuple(map(datetime.fromisoformat, values[name]))
    values["changed"] = tuple(
        Change(**{**one, "of": datetime.fromisoformat(one["of"]), "start": _maybe(one["start"])})
        for one in values["changed"]
    )
    return Found(**values)


def _maybe(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
