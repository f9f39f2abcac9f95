"""Which zone of the tz database a place means, and what its time is called.

Cities come from the tz database and from Unicode CLDR in three languages, countries from CLDR where they have one
clock, and what neither knows (Geneva, Beijing, Abuja ...) from `zones.toml`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from knowledge.places import LANGUAGES
from knowledge.text import plain

UTC_ZONE = "UTC"
_OFFSET = re.compile(r"(?:utc|gmt|tuc)\s*([+-−–])\s*(\d{1,2})(?::?00)?", re.IGNORECASE)
_ALIASES: Mapping[str, str] = get_global("zone_aliases")


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Mapping[str, Sequence[str]]]:
    with (Path(__file__).parent / "zones.toml").open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset({UTC_ZONE, *available_timezones()})


def known(name: str) -> bool:
    """Whether the tz database has a zone of exactly that name."""
    return name in _names()


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """One name for each clock of the tz database, by what CLDR calls it: "Asia/Kolkata" and "Asia/Calcutta" are one."""
    found: dict[str, str] = {}
    curated = _data()["places"]
    for zone in sorted(_names()):
        area, _, city = zone.partition("/")
        if not city or area in ("Etc", "SystemV", "US", "Brazil", "Canada", "Chile", "Mexico", "posix", "right"):
            continue
        clock = str(_ALIASES.get(zone, zone))
        territory = get_global("zone_territories").get(zone) is not None
        # A zone that CLDR gives a country is no leftover of older names.
        if clock not in found or zone in curated or (territory and zone != clock and found[clock] not in curated):
            found[clock] = zone
    return found


@lru_cache(maxsize=1)
def _by_name() -> dict[str, frozenset[str]]:
    """Zones by the plain name of a place, in any of the three languages."""
    found: dict[str, set[str]] = {}

    def note(name: str, zone: str) -> None:
        found.setdefault(plain(name), set()).add(zone)

    countries: dict[str, set[str]] = {}
    for clock, zone in _zones().items():
        for one in (clock, zone):
            note(one.rpartition("/")[2].replace("_", " "), zone)
        country = get_global("zone_territories").get(clock)
        if country:
            countries.setdefault(str(country), set()).add(zone)
        for language in LANGUAGES:
            note(get_timezone_location(clock, locale=language, return_city=True), zone)
    for zone, places in _data()["places"].items():
        for name in "|".join(places).split("|"):
            note(name, zone)
    for country, zones in countries.items():
        for language in LANGUAGES:
            called = Locale.parse(language).territories.get(country)
            # A city of that name is meant before its country (Singapore, Panama, Mexico).
            if called and plain(called) not in found:
                found[plain(called)] = zones
    return {name: frozenset(zones) for name, zones in found.items() if name}


def zones_of(place: str) -> list[str]:
    """The zones that a place, a zone's own name or its letters ("CET", "UTC+3") may mean; several are to be asked
    about. Empty when nobody knows it. Case and accents count for nothing, but letters are written in capitals."""
    said = place.strip().strip("()").strip()
    if not said or len(said) > 80:
        return []
    offset = _OFFSET.fullmatch(said)
    if offset is not None:
        hours = int(offset[2])
        # POSIX turns the sign round.
        return [f"Etc/GMT{'-' if offset[1] == '+' else '+'}{hours}"] if 0 < hours <= 12 else []
    letters = _data()["letters"]
    if said in letters or (said.upper() in ("UTC", "GMT", "TUC")):
        return list(letters[said.upper()])
    if known(said):
        return [_zones().get(_ALIASES.get(said, said), said)]
    name = plain(said)
    for words in (" time", " local time"):
        name = name.removesuffix(words)
    for words in ("heure de ", "heure d ", "heure du ", "hora de ", "hora del "):
        name = name.removeprefix(words)
    return sorted(_by_name().get(name, ()))


def city(zone: str, language: str) -> str:
    """What the time of a zone is called after, in the reader's language: "Geneva", "Nairobi", "UTC+3"."""
    if zone.startswith("Etc/GMT") and len(zone) > len("Etc/GMT"):
        sign = "+" if zone[7] == "-" else "−"
        return f"UTC{sign}{zone[8:]}"
    if zone in (UTC_ZONE, "Etc/UTC", "Etc/GMT") or not known(zone):
        return UTC_ZONE
    places = _data()["places"].get(zone)
    if places:
        names = places[0].split("|")
        return names[LANGUAGES.index(language)] if len(names) > 1 else names[0]
    return str(get_timezone_location(_ALIASES.get(zone, zone), locale=language, return_city=True))


def same_clock(one: str, other: str) -> bool:
    """Whether two names are one zone's."""
    return _ALIASES.get(one, one) == _ALIASES.get(other, other)
