"""What a single cell may hold. Each reader cleans, checks, and says in one sentence what to write instead."""

import re
from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator

from knowledge.places import LANGUAGES, REGIONS, Audience, Kind
from knowledge.text import LONGEST_TEXT, clean
from storage.importing.problems import nearest, quoted

ORGANISATIONS = ("undp", "one-un", "public")
"""The words of the audiences a person can belong to: staff, United Nations colleagues, anybody else."""

KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^\s@:,;<>\"()\[\]\\|]+@[^\s@:,;<>\"()\[\]\\|]+\.[^\s@:,;<>\"()\[\]\\|.]+")
_URL = re.compile(r"https://[^\s<>\"]+")
_SLACK = re.compile(r"[UW][A-Z0-9]{4,24}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _text(value: object) -> str:
    match value:
        case str():
            return clean(value)
        case _:
            raise ValueError("this must be text in quotation marks")


def _line(value: object) -> str:
    return " ".join(_text(value).split())


def _word(value: object) -> str:
    return _line(value).lower()


def _needed(text: str) -> str:
    if not text:
        raise ValueError("this cell is empty, and it is needed")
    return text


def _at_most(longest: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"this is {len(text):,} characters long; at most {longest:,} fit")
        return text

    return check


def _one_of(words: Collection[str], default: str = "") -> Callable[[str], str]:
    """Empty stands for `default`; without one a word is needed."""

    def check(word: str) -> str:
        if not word and default:
            return default
        if not word:
            raise ValueError(f"this cell is empty; write one of {', '.join(words)}")
        if word not in words:
            raise ValueError(f"{quoted(word)} is not one of {', '.join(words)}")
        return word

    return check


def _like(pattern: re.Pattern[str], what: str, *, needed: bool = True) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text or needed:
            _needed(text)
            if not pattern.fullmatch(text):
                raise ValueError(f"{quoted(text)} is not {what}")
        return text

    return check


def _time_zone(name: str) -> str:
    if not name:
        return "UTC"
    zones = _zones()
    known = zones.get(name.lower())
    if known is None:
        hint = nearest(name, zones)
        near = f"; did you mean '{zones[hint.split(chr(39))[1]]}'?" if hint else ", such as Africa/Dakar"
        raise ValueError(f"{quoted(name)} is not a time zone{near}")
    return known


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _teams_id(text: str) -> str:
    if not text:
        return ""
    try:
        return str(UUID(text))
    except ValueError:
        raise ValueError(
            f"{quoted(text)} is not a Teams user's object id, such as 0f8fad5b-d9cb-469f-a165-70867728950e"
        ) from None


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{quoted(text)} is not a day written as year-month-day, such as 2024-05-17") from None


def a_list(value: object) -> object:
    match value:
        case list():
            return value
        case _:
            raise ValueError('this must be a list, such as ["a", "b"]')


def distinct(words: list[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


_slug = _like(KEY, "a key: write lower case letters a-z, digits and hyphens, such as mine-action")

Text = Annotated[str, BeforeValidator(_text), AfterValidator(_at_most(LONGEST_TEXT))]
NeededText = Annotated[Text, AfterValidator(_needed)]
Line = Annotated[str, BeforeValidator(_line), AfterValidator(_at_most(120))]
NeededLine = Annotated[str, BeforeValidator(_line), AfterValidator(_at_most(200)), AfterValidator(_needed)]
Word = Annotated[str, BeforeValidator(_word)]
Key = Annotated[Word, AfterValidator(_slug), AfterValidator(_at_most(80))]
ItemKey = Annotated[Word, AfterValidator(_slug), AfterValidator(_at_most(120))]
NetworkOrNone = Annotated[Word, AfterValidator(_like(KEY, "the key of a network, such as mine-action", needed=False))]
Email = Annotated[
    Word, AfterValidator(_like(_EMAIL, "an e-mail address, such as a.b@example.org")), AfterValidator(_at_most(254))
]
Alias = Annotated[Word, AfterValidator(_at_most(120))]
Language = Annotated[Word, AfterValidator(_one_of(LANGUAGES, "en"))]
NeededLanguage = Annotated[Word, AfterValidator(_one_of(LANGUAGES))]
Spoken = Annotated[Word, AfterValidator(_like(_LANGUAGE, "a language in two letters, such as fr or ar"))]
Region = Annotated[Word, AfterValidator(_one_of(REGIONS, "global"))]
TimeZone = Annotated[str, BeforeValidator(_line), AfterValidator(_time_zone)]
NetworkKind = Annotated[Word, AfterValidator(_one_of([str(kind) for kind in Kind]))]
# Nobody reads "private": it is for questions, never for what an import brings.
Readers = Annotated[
    Word, AfterValidator(_one_of([audience.word for audience in Audience if audience is not Audience.PRIVATE]))
]
Organisation = Annotated[Word, AfterValidator(_one_of(ORGANISATIONS))]
Url = Annotated[
    str,
    BeforeValidator(_line),
    AfterValidator(_like(_URL, "an address that begins with https://", needed=False)),
    AfterValidator(_at_most(500)),
]
TeamsId = Annotated[Word, AfterValidator(_teams_id)]
SlackId = Annotated[
    str, BeforeValidator(_line), AfterValidator(_like(_SLACK, "a Slack member id, such as U012AB3CD", needed=False))
]
Day = Annotated[str, BeforeValidator(_line), AfterValidator(_day)]

Keys = Annotated[list[Key], BeforeValidator(a_list), AfterValidator(distinct)]
Aliases = Annotated[list[Alias], BeforeValidator(a_list), AfterValidator(distinct)]
Languages = Annotated[list[Spoken], BeforeValidator(a_list), AfterValidator(distinct)]
