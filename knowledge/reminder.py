"""When somebody is reminded of an event: arithmetic by their own clock, and what is still of use after a silence.

A reminder comes so many minutes before the event begins. Where that falls into quiet hours it comes in the evening
before them; on a day off only where the event itself is on one. Moments are UTC, wall times the reader's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.hours import Hours, moment, works_on, zone_of

USUAL = (1440, 15)
"""Minutes before: a day, and a quarter of an hour."""
MOST_LEADS = 5
LONGEST_LEAD = 7 * 1440
BEFORE_QUIET = timedelta(minutes=15)
"""How long before quiet hours begin the evening reminder comes."""
STILL_USEFUL = timedelta(hours=1)
"""A reminder of an hour or more is no longer sent when less than so much is left; a shorter one until it begins."""
ON_TIME = timedelta(minutes=5)
"""So late counts as on time, whatever the hour is by then."""
_BACK = 14
"""Days looked back for an evening that is no day off."""


class State(StrEnum):
    """Where a reminder stands.

    WAITING  its time has not come
    SENT     in the outbox, in the same transaction
    PAST     it would have been of no use any more
    OFF      not wanted: its reader does not come, or the event was moved or called off
    FAILED   its channel gave it up
    """

    WAITING = "waiting"
    SENT = "sent"
    PAST = "past"
    OFF = "off"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder of one person: `lead` minutes before an occurrence that, when it was planned, began at `starts_at`;
    in `zone`, the reader's then."""

    id: int
    event: int
    occurrence: str
    person: int
    lead: int
    starts_at: datetime
    due_at: datetime
    zone: str
    state: State = State.WAITING


@dataclass(frozen=True, slots=True)
class Plan:
    """The reminders of one occurrence. They are written in pages, by person: `cursor` is the last person written, None
    when all are; `written` of `total` so far. It was made, or made anew, at `made_at`. `home_at` is when its network's
    channel is told, None for never or done."""

    event: int
    occurrence: str
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    cursor: int | None = 0
    written: int = 0
    total: int = 0
    stopped: bool = False
    home_at: datetime | None = None
    version: int = 0


def due_at(hours: Hours, starts_at: datetime, lead: int, time_zone: str) -> datetime:
    """When a reminder is due (UTC): `lead` minutes before, or in the last evening before the quiet that this falls
    into."""
    wanted = starts_at - timedelta(minutes=lead)
    if hours.quiet is None:
        return wanted
    zone, days_off = zone_of(time_zone), _counts(starts_at, time_zone)
    for day in _back(wanted, zone):
        opens, closes = awake(hours, day, zone)
        if wanted >= opens and (works_on(day, time_zone) or not days_off):
            return min(wanted, max(opens, closes - BEFORE_QUIET))
    return wanted


def _counts(starts_at: datetime, time_zone: str) -> bool:
    """Whether days off are quiet: not for an event that is on one itself."""
    return works_on(starts_at.astimezone(zone_of(time_zone)).date(), time_zone)


def _back(at: datetime, zone: tzinfo) -> Sequence[date]:
    first = at.astimezone(zone).date()
    return [first - timedelta(days=back) for back in range(_BACK)]


def awake(hours: Hours, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when to when (UTC) a day is not quiet, by that zone's clock."""
    quiet_from, quiet_to = hours.quiet or (time(0), time(0))
    opens, closes = moment(day, quiet_to, zone), moment(day, quiet_from, zone)
    return opens, closes if quiet_to < quiet_from else moment(day + timedelta(days=1), quiet_from, zone)


def useful_until(starts_at: datetime, lead: int) -> datetime:
    """From then on it says nothing that helps."""
    return starts_at - STILL_USEFUL if lead >= STILL_USEFUL.total_seconds() / 60 else starts_at


def when(hours: Hours, now: datetime, starts_at: datetime, lead: int, time_zone: str) -> datetime | None:
    """When a reminder that is not sent yet goes out: `now` or earlier means now, None never, since it would be past its
    use. After a silence it does not come in quiet hours either."""
    due, until = due_at(hours, starts_at, lead, time_zone), useful_until(starts_at, lead)
    if now < due:
        return due
    if now >= until:
        return None
    if hours.quiet is None or now - due <= ON_TIME:
        return now
    zone, days_off = zone_of(time_zone), _counts(starts_at, time_zone)
    for ahead in range(_BACK):
        day = now.astimezone(zone).date() + timedelta(days=ahead - 1)
        opens, closes = awake(hours, day, zone)
        if now < closes and (works_on(day, time_zone) or not days_off):
            at = max(now, opens)
            return at if at < until else None
    return None


def spread(wanted: datetime, place: int, total: int, per_second: float) -> datetime:
    """When the reminder of the person at a place (from 0) of so many goes out, so that the last is out at `wanted` and
    no more leave in a second than the channel bears."""
    return wanted - timedelta(seconds=int((total - place - 1) / per_second))


_LEAD = re.compile(
    r"(?P<count>\d{1,4}|an?|une?|un|una)\s*"
    r"(?P<unit>minutes?|minutos?|mins?|m|hours?|heures?|horas?|h|days?|jours?|d[ií]as?|d|j|weeks?|semaines?|semanas?)\b",
    re.IGNORECASE,
)
_MINUTES = {"m": 1, "h": 60, "d": 1440, "j": 1440, "w": 10080, "s": 10080}


def leads_said(said: str) -> tuple[int, ...]:
    """The minutes in "a day and 15 min" or "2 h, 1 jour", longest first. Raises Refusal for nothing, or too much."""
    found = set()
    for one in _LEAD.finditer(said):
        count = int(one["count"]) if one["count"].isdecimal() else 1
        found.add(count * _MINUTES[one["unit"][0].lower()])
    if not found:
        raise Refusal("reminder.unclear", said=said[:40])
    if len(found) > MOST_LEADS:
        raise Refusal("reminder.many", most=MOST_LEADS)
    if not all(1 <= lead <= LONGEST_LEAD for lead in found):
        raise Refusal("reminder.far", days=LONGEST_LEAD // 1440)
    return tuple(sorted(found, reverse=True))
