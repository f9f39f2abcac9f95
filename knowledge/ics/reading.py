"""Reads a calendar file, however odd or hostile: each series by itself, within bounds, and with a word for each that
could not be read.

The file is cut into its events first, by its lines alone; only then does icalendar read each of them, without anything
nested in it. So one broken event costs itself and no other. This runs in a process of its own (`bot.calendars.guard`),
which is ended when even that takes too long.
"""

import hashlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from knowledge import zones
from knowledge.errors import Refusal
from knowledge.event import LONGEST, LONGEST_LINK, LONGEST_PLACE, LONGEST_TITLE, Change
from knowledge.hours import zone_of
from knowledge.recurrence import screened
from knowledge.text import LONGEST_TEXT, clean, excerpt, shortened

LARGEST = 10_000_000
"""Bytes of one calendar."""
MOST_EVENTS = 3000
"""Events read of one calendar."""
LONGEST_EVENT = 100_000
"""Characters of one event."""
SECONDS = 8.0
"""After which nothing more is begun."""
SECONDS_EACH = 2.0
MOST_DATES = 1000
"""RDATE and EXDATE of one event, each."""
_USUAL_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One event of a calendar, a series with its changed occurrences. `zone` is "" where the calendar names one that
    nobody knows (`zone_said`, "" for none at all): somebody has to say which."""

    uid: str
    sequence: int
    title: str
    start: datetime
    zone: str
    minutes: int
    all_day: bool = False
    zone_said: str = ""
    description: str = ""
    place: str = ""
    link: str = ""
    organiser: str = ""
    rule: str = ""
    extra: tuple[datetime, ...] = ()
    without: tuple[datetime, ...] = ()
    changed: tuple[Change, ...] = ()
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read and why, as a word: `calendar.problem.<kind>`. `title` of the event, "" for the file."""

    kind: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """`total` events stand in the file, `past` of them are over. Where there is neither an event nor a past one, the
    whole file could not be read and the first problem says why."""

    events: tuple[Found, ...] = ()
    problems: tuple[Problem, ...] = ()
    total: int = 0
    past: int = 0

    @property
    def rejected(self) -> bool:
        return not self.events and not self.past

    @property
    def unknown_zones(self) -> list[str]:
        """What the calendar calls zones that nobody knows; "" for times without any."""
        return sorted({one.zone_said for one in self.events if not one.zone})


class _Problem(Exception):
    """Why one event is not read."""


def read(content: bytes, now: datetime, zone: str = "", clock: Callable[[], float] = time.monotonic) -> Reading:
    """Never raises, whatever stands in it. `zone` is what times without a zone that anybody knows are taken to be in,
    as somebody said; "" asks."""
    if len(content) > LARGEST:
        return Reading(problems=(Problem("too_large"),))
    text, odd = _decoded(content)
    if "BEGIN:VCALENDAR" not in text[:5000].upper() and "BEGIN:VEVENT" not in text.upper():
        return Reading(problems=(Problem("no_calendar" if text.strip() else "empty"),))
    problems = [Problem("encoding")] if odd else []
    began = clock()
    head, blocks = _cut(text)
    found: list[tuple[Found, datetime | None]] = []
    total = 0
    for block, trouble in blocks:
        total += 1
        if total > MOST_EVENTS or clock() - began > SECONDS:
            continue
        title = _title_of(block)
        try:
            if trouble:
                raise _Problem(trouble)
            with _at_most(SECONDS_EACH):
                found.append(_found(head, block, zone))
        except _Problem as problem:
            problems.append(Problem(str(problem), title))
        except Refusal as refusal:
            problems.append(Problem(refusal.key.replace(".", "_"), title))
        except Exception:
            # icalendar raises many kinds of errors; what it read of it is not to be trusted.
            problems.append(Problem("broken", title))
    if clock() - began > SECONDS:
        problems.append(Problem("too_slow"))
    elif total > MOST_EVENTS:
        problems.append(Problem("too_many"))
    if not total:
        problems.append(Problem("no_events"))
    events = _put_together(found, problems)
    coming = [one for one in events if _comes(one, now)]
    return Reading(tuple(coming), tuple(problems), total, len(events) - len(coming))


def _decoded(content: bytes) -> tuple[str, bool]:
    """The text, and whether it stands in another encoding than the one that calendars have."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace"), True
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), True


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands beside the events: definitions of zones, the zone of the whole, and whether all of it is called
    off."""

    zones: str
    zone: str
    cancelled: bool


def _cut(text: str) -> tuple[_Head, list[tuple[str, str]]]:
    """The head, and each event's lines without what is nested in them, with a word for what is wrong with it."""
    blocks: list[tuple[str, str]] = []
    timezones: list[str] = []
    zone, cancelled = "", False
    lines: list[str] = []
    inside, depth, size, trouble = "", 0, 0, ""
    for line in text.splitlines():
        word = line.strip().upper() if line[:1] not in (" ", "\t") else ""
        if not inside:
            if word in ("BEGIN:VEVENT", "BEGIN:VTIMEZONE"):
                inside, depth, size, trouble, lines = word[6:], 0, 0, "", []
            elif word.startswith("X-WR-TIMEZONE"):
                zone = line.partition(":")[2].strip()
            elif word == "METHOD:CANCEL":
                cancelled = True
            continue
        if word == f"END:{inside}" and depth == 0:
            if inside == "VEVENT":
                blocks.append(("\r\n".join(lines), trouble))
            elif size < LONGEST_EVENT and len(timezones) < 50:
                timezones.append("BEGIN:VTIMEZONE\r\n" + "\r\n".join(lines) + "\r\nEND:VTIMEZONE")
            inside = ""
        elif word == "BEGIN:VEVENT":
            # The one before was never ended, or this one stands in it: both cannot be told apart.
            if inside == "VEVENT":
                blocks.append(("\r\n".join(lines), "nested"))
            inside, depth, size, trouble, lines = "VEVENT", 0, 0, "", []
        elif word == "END:VCALENDAR" and inside == "VEVENT":
            blocks.append(("\r\n".join(lines), "unended"))
            inside = ""
        elif word.startswith("BEGIN:"):
            depth += 1
            if inside == "VTIMEZONE":
                lines.append(line)
        elif word.startswith("END:"):
            depth = max(0, depth - 1)
            if inside == "VTIMEZONE":
                lines.append(line)
        elif depth == 0 or inside == "VTIMEZONE":
            size += len(line)
            if size > LONGEST_EVENT:
                trouble = "too_long"
            else:
                lines.append(line)
    if inside == "VEVENT":
        blocks.append(("\r\n".join(lines), "unended"))
    return _Head("\r\n".join(timezones), zone, cancelled), blocks


def _title_of(block: str) -> str:
    for line in block.split("\r\n"):
        name, colon, value = line.partition(":")
        if colon and name.upper().split(";")[0] == "SUMMARY":
            return excerpt(clean(value.replace("\\,", ",").replace("\\n", " ")), 80)
    return ""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Ends what takes longer, where the system can: in the main thread of Unix."""
    if not hasattr(signal, "setitimer"):  # Windows: the process as a whole is ended.
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise _Problem("too_slow_one")

    try:
        before = signal.signal(signal.SIGALRM, ring)
    except ValueError:  # Not the main thread.
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _found(head: _Head, block: str, chosen: str) -> tuple[Found, datetime | None]:
    """One event, and the wall time of the occurrence that it changes, None where it is an event by itself."""
    event = _parsed(head, block)
    starts = event.get("DTSTART")
    if starts is None or isinstance(starts, list) or not isinstance(starts.dt, date):
        raise _Problem("no_start")
    all_day = not isinstance(starts.dt, datetime)
    zone, said = _zone(starts, head.zone, chosen)
    start = _wall(starts.dt, zone)
    rule, until = _rule(event, zone)
    title = shortened(clean(str(event.get("SUMMARY") or "")).replace("\n", " "), LONGEST_TITLE)
    uid = clean(str(event.get("UID") or ""))[:255]
    if not uid:
        uid = hashlib.sha256(f"{title}|{start}".encode(errors="replace")).hexdigest()
    found = Found(
        uid=uid,
        sequence=_whole(event.get("SEQUENCE")),
        title=title or "–",
        start=start,
        zone=zone,
        zone_said=said,
        minutes=_minutes(event, starts.dt, all_day, zone),
        all_day=all_day,
        description=shortened(clean(str(event.get("DESCRIPTION") or "")), LONGEST_TEXT),
        place=_place(event)[0],
        link=_place(event)[1],
        organiser=_organiser(event),
        rule=screened(rule, start, until) if rule else "",
        extra=_dates(event, "RDATE", zone, all_day),
        without=_dates(event, "EXDATE", zone, all_day),
        cancelled=head.cancelled or str(event.get("STATUS") or "").upper() == "CANCELLED",
    )
    instead_of = event.get("RECURRENCE-ID")
    if instead_of is None:
        return found, None
    if str(instead_of.params.get("RANGE", "")).upper() == "THISANDFUTURE":
        raise _Problem("from_then_on")
    return found, _wall(instead_of.dt, zone)


def _parsed(head: _Head, block: str) -> Any:
    """With the calendar's own definitions of zones or, where those are broken, without."""
    frame = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nBEGIN:VEVENT\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    try:
        [event] = Calendar.from_ical(frame.format(head.zones, block)).walk("VEVENT")
    except ValueError:
        [event] = Calendar.from_ical(frame.format("", block)).walk("VEVENT")
    return event


def _zone(value: Any, of_calendar: str, chosen: str) -> tuple[str, str]:
    """The zone of a time, and what the calendar called it where nobody knows that."""
    at = value.dt
    named = str(value.params.get("TZID", ""))
    if not isinstance(at, datetime):
        # A day is a day; which clock it is of matters only for when it is said to begin.
        return chosen or _known(of_calendar) or "UTC", ""
    if at.tzinfo is not None:
        found = _known(named) or _named(at.tzinfo)
        if found:
            return found, ""
    elif not named and _known(of_calendar):
        return _known(of_calendar), ""
    return chosen, named[:64]


def _known(name: str) -> str:
    name = name.strip().strip('"').removeprefix("/").removeprefix("freeassociation.sourceforge.net/")
    name = WINDOWS_TO_OLSON.get(name, name)
    return name if zones.known(name) and name not in ("Factory", "localtime") else ""


def _named(zone: tzinfo) -> str:
    if zone is UTC or zone.utcoffset(datetime(2026, 1, 1)) == zone.utcoffset(datetime(2026, 7, 1)) == timedelta():  # noqa: DTZ001
        return "UTC"
    return zone.key if isinstance(zone, ZoneInfo) and zones.known(zone.key) else ""


def _wall(at: date, zone: str) -> datetime:
    """The wall time in that zone."""
    if not isinstance(at, datetime):
        return datetime.combine(at, datetime.min.time())
    if at.tzinfo is not None and zone:
        # Python keeps a wall time through a conversion only where both are one zone's.
        named = _named(at.tzinfo)
        if not named or not zones.same_clock(named, zone):
            at = at.astimezone(zone_of(zone)) if named else at
    return at.replace(tzinfo=None, second=0, microsecond=0, fold=0)


def _rule(event: Any, zone: str) -> tuple[str, datetime | None]:
    """The rule as text, and its UNTIL as a wall time where it is told in UTC."""
    rule = event.get("RRULE")
    if rule is None:
        return "", None
    if isinstance(rule, list):
        raise _Problem("rule_unknown")
    until = (rule.get("UNTIL") or [None])[0]
    wall = _wall(until, zone) if isinstance(until, datetime) and until.tzinfo is not None else None
    return rule.to_ical().decode(), wall


def _dates(event: Any, name: str, zone: str, all_day: bool) -> tuple[datetime, ...]:
    lists = event.get(name) or []
    found = set()
    for each in lists if isinstance(lists, list) else [lists]:
        for one in each.dts[:MOST_DATES]:
            at = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            wall = _wall(at, zone)
            found.add(wall.replace(hour=0, minute=0) if all_day else wall)
    if len(found) > MOST_DATES:
        raise _Problem("too_many_dates")
    return tuple(sorted(found))


def _minutes(event: Any, start: date, all_day: bool, zone: str) -> int:
    ends, lasts = event.get("DTEND"), event.get("DURATION")
    length = timedelta(days=1) if all_day else timedelta(minutes=_USUAL_MINUTES)
    if ends is not None and isinstance(ends.dt, date):
        if all_day or not isinstance(ends.dt, datetime):
            length = _wall(ends.dt, zone) - _wall(start, zone)
        elif isinstance(start, datetime) and (ends.dt.tzinfo is None) == (start.tzinfo is None):
            length = ends.dt - start
    elif lasts is not None and isinstance(lasts.dt, timedelta):
        length = lasts.dt
    if length > LONGEST:
        raise _Problem("too_long_lasting")
    if length <= timedelta():
        length = timedelta(days=1) if all_day else timedelta(minutes=_USUAL_MINUTES)
    minutes = max(1, round(length.total_seconds() / 60))
    return -(-minutes // 1440) * 1440 if all_day else minutes


def _place(event: Any) -> tuple[str, str]:
    """Where one goes, and where one takes part online: an address alone in LOCATION is the latter."""
    place, link = clean(str(event.get("LOCATION") or "")).replace("\n", ", "), clean(str(event.get("URL") or ""))
    conference = event.get("CONFERENCE")
    if not link and conference is not None and not isinstance(conference, list):
        link = clean(str(conference))
    if place.startswith("https://") and " " not in place:
        place, link = "", link or place
    if not link.startswith("https://") or len(link) > LONGEST_LINK or any(map(str.isspace, link)):
        link = ""
    return shortened(place, LONGEST_PLACE), link


def _organiser(event: Any) -> str:
    """The name alone: an address is nobody's business but the calendar's."""
    organiser = event.get("ORGANIZER")
    named = organiser.params.get("CN", "") if hasattr(organiser, "params") else ""
    name = clean(str(named))
    return "" if "@" in name else name[:200]


def _whole(value: Any) -> int:
    try:
        return min(max(int(value or 0), 0), 10**6)
    except (TypeError, ValueError):
        return 0


def _put_together(found: Sequence[tuple[Found, datetime | None]], problems: list[Problem]) -> list[Found]:
    """Each series with its changed occurrences; of two events with one UID the later version."""
    events: dict[str, Found] = {}
    for one, of in found:
        if of is None and (one.uid not in events or events[one.uid].sequence <= one.sequence):
            events[one.uid] = one
    changes: dict[str, dict[datetime, Found]] = {}
    for one, of in found:
        if of is None:
            continue
        if one.uid not in events:
            # An occurrence whose series the file leaves out is an event by itself.
            events[one.uid] = replace(one, rule="", extra=(), without=())
            continue
        series = events[one.uid]
        if series.zone != one.zone and not one.cancelled and not (series.zone and one.zone):
            problems.append(Problem("other_zone", one.title))
            continue
        kept = changes.setdefault(one.uid, {})
        if of not in kept or kept[of].sequence <= one.sequence:
            kept[of] = one
    for uid, by_start in changes.items():
        series = events[uid]
        changed = tuple(_change(series, of, one) for of, one in sorted(by_start.items()))
        newest = max(series.sequence, *(one.sequence for one in by_start.values()))
        events[uid] = replace(series, changed=changed[:MOST_DATES], sequence=newest)
    return list(events.values())


def _change(series: Found, of: datetime, one: Found) -> Change:
    start = one.start
    if series.zone and one.zone and not zones.same_clock(series.zone, one.zone):
        there = one.start.replace(tzinfo=zone_of(one.zone)).astimezone(zone_of(series.zone))
        start = there.replace(tzinfo=None)
        of = of.replace(tzinfo=zone_of(one.zone)).astimezone(zone_of(series.zone)).replace(tzinfo=None)
    return Change(
        of,
        start=start if start != of else None,
        minutes=one.minutes if one.minutes != series.minutes else None,
        title=one.title if one.title != series.title else "",
        place=one.place if one.place != series.place else "",
        link=one.link if one.link != series.link else "",
        cancelled=one.cancelled,
    )


def _comes(one: Found, now: datetime) -> bool:
    """Whether any of it may still take place. Of a series with an end the end is looked at; one without goes on."""
    zone = zone_of(one.zone or "UTC")
    since = now.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=one.minutes) - timedelta(days=1)
    until = one.rule.partition("UNTIL=")[2].partition(";")[0]
    last = max(
        [
            one.start,
            *one.extra,
            *(change.start for change in one.changed if change.start),
            *([datetime.strptime(until, "%Y%m%dT%H%M%S")] if until else []),  # noqa: DTZ007 - a wall time
        ]
    )
    return last >= since or bool(one.rule and not until)
