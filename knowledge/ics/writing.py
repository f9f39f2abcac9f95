"""Writes events for other calendar programs: one to add to one's own calendar, or a feed of many.

METHOD:PUBLISH: it tells, it does not invite. Who comes is never in it. A program knows an event by its UID and takes
the version with the higher SEQUENCE.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, vDDDLists, vRecur
from icalendar import Event as Component

from knowledge.event import Change, Event, State
from knowledge.hours import zone_of

PRODUCT = "-//connect//community calendar//EN"
REFRESH = timedelta(hours=1)
_ZONES_UNTIL = 2038


def written(events: Iterable[Event], now: datetime, *, name: str = "", base: str = "") -> bytes:
    """The calendar of these events. `now` (UTC) is when it is written, `name` what programs call it, `base` our own
    address, at which the UIDs' host stands for nothing."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    if name:
        calendar.add("X-WR-CALNAME", name)
        calendar.add("NAME", name)
        calendar.add("REFRESH-INTERVAL", REFRESH)
        calendar.add("X-PUBLISHED-TTL", "PT1H")
    told = list(events)
    for zone in sorted({one.zone for one in told if not one.all_day and isinstance(zone_of(one.zone), ZoneInfo)}):
        if zone not in ("UTC", "Etc/UTC"):
            calendar.add_component(_timezone(zone, [one for one in told if one.zone == zone]))
    for one in told:
        calendar.add_component(_component(one, now))
        for change in one.changed:
            if not (change.cancelled and one.state is not State.CANCELLED):
                calendar.add_component(_changed(one, change, now))
    return bytes(calendar.to_ical())


def _timezone(zone: str, events: Sequence[Event]) -> Timezone:
    first = min(one.start for one in events).date()
    return Timezone.from_tzid(zone, first_date=first.replace(month=1, day=1), last_date=first.replace(
        year=max(first.year + 2, _ZONES_UNTIL), month=1, day=1))  # fmt: skip


def _component(event: Event, now: datetime) -> Component:
    found = _common(event, now, event.start, event.minutes, event.title, event.place, event.link)
    if event.rule:
        found.add("RRULE", vRecur.from_ical(_with_utc_until(event)))
    # A day that is called off is left out like one that never was: most programs do not show a cancelled occurrence.
    without = [*event.without, *(one.of for one in event.changed if one.cancelled)]
    for name, walls in (("RDATE", event.extra), ("EXDATE", sorted(set(without)))):
        if walls:
            dates = vDDDLists([_at(event, wall) for wall in walls])
            found.add(name, dates)
    return found


def _changed(event: Event, change: Change, now: datetime) -> Component:
    found = _common(
        event, now, change.start or change.of, change.minutes or event.minutes, change.title or event.title,
        change.place or event.place, change.link or event.link,
    )  # fmt: skip
    found.add("RECURRENCE-ID", _at(event, change.of))
    return found


def _common(event: Event, now: datetime, start: datetime, minutes: int, title: str, place: str, link: str) -> Component:
    found = Component()
    found.add("UID", event.uid)
    found.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    found.add("SEQUENCE", event.sequence)
    found.add("SUMMARY", title)
    found.add("DTSTART", _at(event, start))
    if event.all_day:
        found.add("DTEND", (start + timedelta(minutes=minutes)).date())
    else:
        found.add("DURATION", timedelta(minutes=minutes))
    if event.description:
        found.add("DESCRIPTION", event.description)
    if place or link:
        found.add("LOCATION", place or link)
    if link:
        found.add("URL", link)
    found.add("STATUS", "CANCELLED" if event.state is State.CANCELLED else "CONFIRMED")
    return found


def _at(event: Event, wall: datetime) -> object:
    if event.all_day:
        return wall.date()
    zone = zone_of(event.zone)
    return wall.replace(tzinfo=UTC if event.zone in ("UTC", "Etc/UTC") else zone)


def _with_utc_until(event: Event) -> str:
    """RFC 5545: UNTIL is told in UTC where the start has a zone, as a day where it is one."""
    head, until, tail = event.rule.partition("UNTIL=")
    if not until:
        return event.rule
    last, semicolon, rest = tail.partition(";")
    wall = datetime.strptime(last, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a wall time
    if event.all_day:
        return f"{head}UNTIL={wall:%Y%m%d}{semicolon}{rest}"
    moment = wall.replace(tzinfo=zone_of(event.zone)).astimezone(UTC)
    return f"{head}UNTIL={moment:%Y%m%dT%H%M%SZ}{semicolon}{rest}"
