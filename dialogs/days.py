"""A day as people write it."""

from datetime import date, datetime

import dateparser

from knowledge.errors import Refusal
from knowledge.hours import zone_of
from knowledge.people import Person


def day_said(said: str, person: Person, now: datetime) -> date:
    """The day in "2026-03-20", "20/03/2026", "20 March" or "vendredi", the next such, by the person's own clock; a day
    comes before its month. Raises Refusal for anything else. `now` is UTC."""
    here = now.astimezone(zone_of(person.time_zone)).replace(tzinfo=None)
    languages = list(dict.fromkeys([person.language, "en", "fr", "es"]))
    settings = {
        "RELATIVE_BASE": here,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY",
        "PREFER_DAY_OF_MONTH": "first",
    }
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        found = dateparser.parse(said.strip()[:60], languages=languages, settings=settings)
    if found is None:
        raise Refusal("day.unclear", said=said[:40])
    day: date = found.date()
    return day
