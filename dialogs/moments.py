"""When something takes place, as people of a language write it, with the zone whose clocks show it."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date

from dialogs.wording import Say
from knowledge.event import Event
from knowledge.hours import zone_of
from knowledge.occurrences import Occurrence
from knowledge.text import plain
from knowledge.zones import city

_DAY = {"en": "EEEE d MMMM y", "fr": "EEEE d MMMM y", "es": "EEEE d 'de' MMMM 'de' y"}
_SHORT_DAY = {"en": "EEE d MMM", "fr": "EEE d MMM", "es": "EEE d MMM"}


def span(say: Say, one: Occurrence, zone: str, *, short: bool = False) -> str:
    """ "Saturday 14 March 2026, 15:00–16:30 (Geneva time)". A day's event shows the days of its own zone to everybody:
    `zone` is then that one."""
    pattern = (_SHORT_DAY if short else _DAY)[say.language]
    known = zone_of(zone)
    begins, ends = one.starts_at.astimezone(known), one.ends_at.astimezone(known)
    first = _day(begins.date(), pattern, say.language)
    if one.all_day:
        last = (ends - timedelta(minutes=1)).date()
        if last == begins.date():
            return say("event.all_day", day=first)
        return say("event.days", first=first, last=_day(last, pattern, say.language))
    opens, closes = f"{begins:%H:%M}", f"{ends:%H:%M}"
    if ends.date() != begins.date():
        closes = f"{_day(ends.date(), _SHORT_DAY[say.language], say.language)}, {closes}"
    return say("event.span", day=first, opens=opens, closes=closes, zone=called(say, zone))


# A reminder is worded for thousands at once, and most of them read the same days.
@lru_cache(maxsize=1024)
def _day(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=language))


def called(say: Say, zone: str) -> str:
    """What the time of a zone is called: "Geneva time", "heure d’Addis-Abeba", "UTC"."""
    name = city(zone, say.language)
    if name.startswith("UTC"):
        return name
    vowel = plain(name)[:1] in "aeiouyh"
    return say("event.zone_vowel" if vowel else "event.zone", city=name)


def for_reader(say: Say, event: Event, one: Occurrence, time_zone: str, *, short: bool = False) -> str:
    """In the reader's own zone."""
    return span(say, one, event.zone if one.all_day else time_zone, short=short)


def clocks_differ(one: Occurrence, here: str, there: str) -> bool:
    """Whether two zones show other times when it begins."""
    return bool(
        not one.all_day
        and one.starts_at.astimezone(zone_of(here)).utcoffset() != one.starts_at.astimezone(zone_of(there)).utcoffset()
    )


def moment_line(at: datetime, zone: str) -> str:
    """A wall time as a button submits it, and everybody may type it: "2026-03-16 10:00 Europe/Zurich"."""
    return f"{at:%Y-%m-%d %H:%M} {zone}"
