"""When an event takes place: the moments its wall times are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from knowledge.event import Change, Event, State
from knowledge.hours import zone_of
from knowledge.recurrence import wall_times

ONCE = "once"
"""The key of an event that takes place once: it keeps it wherever the event is moved."""
AHEAD = timedelta(days=400)
"""How far ahead occurrences of a series are worked out and kept."""
_ZONES_DIFFER = timedelta(days=2)
"""More than any two zones are apart, with the days that a move in zones skips (Samoa 2011)."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that an event takes place, `starts_at` and `ends_at` in UTC.

    `key` names it within its event for good: ONCE, or the wall time that the rule gives it ("20260314T1500"), which it
    keeps when it alone is moved (RFC 5545: RECURRENCE-ID). When the whole series is moved its keys move along, and
    answers that name one with them (`knowledge.ports.Events.save`).
    `cancelled`: it does not take place, alone or with its whole event.
    """

    event: int
    key: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str = ""
    link: str = ""
    all_day: bool = False
    moved: bool = False
    cancelled: bool = False


def occurrences(event: Event, since: datetime, until: datetime) -> list[Occurrence]:
    """Those that start at `since` (UTC) or later and before `until` (UTC), earliest first; moved ones where they were
    moved to. Those of EXDATE are none; cancelled ones are there and say so.

    A wall time that the clocks leave out is as much later as they go forward, and of one that comes twice the first is
    meant (RFC 5545, 3.3.5). Of a series it needs both moments within reach: it is expanded from its start on.
    """
    found = (_occurrence(event, at) for at in _walls(event, since, until))
    return sorted((one for one in found if since <= one.starts_at < until), key=lambda one: (one.starts_at, one.key))


def once(event: Event) -> Occurrence:
    """The one of an event that takes place once."""
    return _occurrence(event, event.start)


def first(event: Event, since: datetime) -> Occurrence | None:
    """The first from a moment (UTC) on that takes place, None when there is none within AHEAD."""
    return next((one for one in occurrences(event, since, since + AHEAD) if not one.cancelled), None)


def key_of(event: Event, at: datetime) -> str:
    """The key of the occurrence that the rule puts at a wall time."""
    return f"{at:%Y%m%dT%H%M}" if event.recurs else ONCE


def wall_of(event: Event, key: str) -> datetime | None:
    """The wall time that the rule gives the occurrence of a key; None for a key that is none."""
    if key in ("", ONCE):
        return event.start
    try:
        return datetime.strptime(key, "%Y%m%dT%H%M")  # noqa: DTZ007 - a wall time
    except ValueError:
        return None


def utc(wall: datetime, zone: str) -> datetime:
    """The moment of a wall time in a zone."""
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def is_left_out(wall: datetime, zone: str) -> bool:
    """Whether the clocks of the zone go forward over that wall time: nobody's shows it."""
    return utc(wall, zone).astimezone(zone_of(zone)).replace(tzinfo=None) != wall.replace(fold=0)


def comes_twice(wall: datetime, zone: str) -> bool:
    """Whether the clocks of the zone go back over that wall time."""
    known = zone_of(zone)
    if not isinstance(known, ZoneInfo) or is_left_out(wall, zone):
        return False
    earlier, later = (wall.replace(tzinfo=known, fold=fold).utcoffset() for fold in (0, 1))
    return earlier != later


def _walls(event: Event, since: datetime, until: datetime) -> Iterator[datetime]:
    """Wall times by the rule that may start between two moments: too many at both ends, and each once."""
    zone = zone_of(event.zone)
    earliest, latest = (at.astimezone(zone).replace(tzinfo=None) for at in (since, until))
    earliest, latest = earliest - _ZONES_DIFFER, latest + _ZONES_DIFFER
    seen = set(event.without)
    # Where one was moved says nothing of where the rule had it.
    for at in (event.start, *event.extra, *(one.of for one in event.changed if one.start is not None)):
        if at not in seen and (not event.rule or at != event.start):
            seen.add(at)
            yield at
    if event.rule:
        for at in wall_times(event.rule, event.start, earliest, latest):
            if at not in seen:
                seen.add(at)
                yield at
        # RFC 5545: DTSTART always counts, whether the rule gives it or not.
        if event.start not in seen:
            yield event.start


def _occurrence(event: Event, at: datetime) -> Occurrence:
    change = event.change_of(at) or Change(at)
    start, minutes = change.start or at, change.minutes or event.minutes
    begins = utc(start, event.zone)
    # A day's event ends with a day, however long that one is; any other lasts as long as it says.
    ends = utc(start + timedelta(minutes=minutes), event.zone) if event.all_day else begins + timedelta(minutes=minutes)
    return Occurrence(
        event.id,
        key_of(event, at),
        begins,
        ends,
        title=change.title or event.title,
        place=change.place or event.place,
        link=change.link or event.link,
        all_day=event.all_day,
        moved=change.start is not None,
        cancelled=change.cancelled or event.state is State.CANCELLED,
    )
