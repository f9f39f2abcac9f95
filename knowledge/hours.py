"""Working hours and quiet hours, by a person's own clock and the calendar of their country."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from babel.core import get_global

from knowledge.people import Person

Span = tuple[time, time]

# Unicode CLDR: the country whose clocks a zone tells; zones of no country (UTC) are left out.
_COUNTRIES = get_global("zone_territories")
_FAR = 400
"""Days looked ahead for a working day, before a calendar is taken to have none."""


def zone_of(name: str) -> tzinfo:
    """The zone of that name, UTC when nobody knows it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


@dataclass(frozen=True, slots=True)
class Hours:
    """What the KM team set, by everybody's own clock. `quiet` None: no quiet hours and no quiet days."""

    working: Span = (time(9), time(17))
    quiet: Span | None = (time(18), time(8))

    def after(self, start: datetime, working_time: timedelta, person: Person) -> datetime:
        """When so much of this person's working time has passed since `start` (both UTC)."""
        left = working_time
        end = start
        for opens, closes in self._working_spans(start, person.time_zone):
            begins = max(opens, start)
            if begins + left <= closes:
                return begins + left
            left -= max(closes - begins, timedelta())
            end = closes
        return end + left

    def between(self, start: datetime, end: datetime, time_zone: str) -> timedelta:
        """How much working time of that zone lies between two moments (both UTC)."""
        found = timedelta()
        for opens, closes in self._working_spans(start, time_zone):
            if opens >= end:
                break
            found += max(min(closes, end) - max(opens, start), timedelta())
        return found

    def heard_from(self, now: datetime, person: Person) -> datetime:
        """The earliest moment from `now` on (UTC) at which a person may be disturbed: back, awake, on a working day."""
        at = max(now, person.away_until or now)
        quiet = quiet_of(person.quiet) if person.quiet else self.quiet
        if quiet is None:
            return at
        quiet_from, quiet_to = quiet
        zone = zone_of(person.time_zone)
        for day in _days(at, zone):
            opens, closes = moment(day, quiet_to, zone), moment(day, quiet_from, zone)
            if at < closes and works_on(day, person.time_zone):
                return max(at, opens)
        return at

    def morning(self, start: datetime, person: Person) -> datetime:
        """The first beginning of a working day at `start` (UTC) or later, by their own clock, once they are back and
        their own quiet hours are over."""
        at = max(start, person.away_until or start)
        opens = next((opens for opens, _ in self._working_spans(at, person.time_zone) if opens >= at), at)
        return self.heard_from(opens, person) if person.quiet else opens

    def _working_spans(self, start: datetime, time_zone: str) -> Iterator[tuple[datetime, datetime]]:
        zone = zone_of(time_zone)
        for day in _days(start, zone):
            opens, closes = (moment(day, at, zone) for at in self.working)
            if closes > start and works_on(day, time_zone):
                yield opens, closes


def quiet_of(told: str) -> Span | None:
    """The quiet hours in "20:00-07:00"; None for "none". Raises ValueError for what does not last over the night."""
    if told == "none":
        return None
    begins, ends = (time.fromisoformat(part.strip()) for part in told.split("-"))
    if begins <= ends:
        raise ValueError("quiet hours last over the night")
    return begins, ends


def works_on(day: date, time_zone: str) -> bool:
    """Whether people work that day in the country of a zone; where the country is unknown, from Monday to Friday."""
    weekend, off = _calendar(_COUNTRIES.get(time_zone, ""), day.year)
    return day.weekday() not in weekend and day not in off


@lru_cache(maxsize=1024)
def _calendar(country: str, year: int) -> tuple[frozenset[int], frozenset[date]]:
    # Built whole and once: the library's own object grows while it is read, and turns run on several threads.
    try:
        found = holidays.country_holidays(country, years=year)
    except NotImplementedError:
        return frozenset({5, 6}), frozenset()
    return frozenset(found.weekend), frozenset(found)


def _days(start: datetime, zone: tzinfo) -> Iterator[date]:
    first = start.astimezone(zone).date()
    return (first + timedelta(days=ahead) for ahead in range(_FAR))


def moment(day: date, at: time, zone: tzinfo) -> datetime:
    """A wall time as UTC: so much for clocks that go forward or back."""
    return datetime.combine(day, at, zone).astimezone(UTC)
