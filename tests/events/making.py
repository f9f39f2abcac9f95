"""Events as tests make them."""

from datetime import UTC, datetime
from typing import Any

from knowledge.event import Event, State

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def wall(text: str) -> datetime:
    """A wall time such as "2026-03-14 15:00"."""
    return datetime.fromisoformat(text)


def event(start: str = "2026-03-14 15:00", zone: str = "Europe/Zurich", minutes: int = 90, **more: Any) -> Event:
    """A planned one."""
    told = {"id": 1, "host": None, "title": "Anticipatory action", "created_at": START, "state": State.PLANNED, **more}
    return Event(start=wall(start), zone=zone, minutes=minutes, **told)
