"""What a single cell may hold. Each reader cleans, checks, and says what to write instead."""

import re
from collections.abc import Callable, Collection
from datetime import date
from functools import cache
from typing import Annotated
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator

from knowledge.import_problem import phrase
from knowledge.places import LANGUAGES, REGIONS, Audience, Kind
from knowledge.text import LONGEST_TEXT, clean
from storage.importing.problems import Wrong, nearest, short

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
            raise Wrong(phrase("text"))


def _line(value: object) -> str:
    return " ".join(_text(value).split())


def _word(value: object) -> str:
    return _line(value).lower()


def _needed(text: str) -> str:
    if not text:
        raise Wrong(phrase("empty"))
    return text


def _at_most(longest: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) > longest:
            raise Wrong(phrase("too_long", length=float(len(text)), longest=float(longest)))
        return text

    return check


def _one_of(words: Collection[str], default: str = "") -> Callable[[str], str]:
    """Empty stands for `default`; without one a word is needed."""

    def check(word: str) -> str:
        if not word and default:
            return default
        if not word:
            raise Wrong(phrase("empty_one_of", words=", ".join(words)))
        if word not in words:
            raise Wrong(phrase("not_one_of", word=short(word), words=", ".join(words)))
        return word

    return check


def _like(pattern: re.Pattern[str], wrong: str, *, needed: bool = True) -> Callable[[str], str]:
    """`wrong` is the key of what to say of anything else."""

    def check(text: str) -> str:
        if text or needed:
            _needed(text)
            if not pattern.fullmatch(text):
                raise Wrong(phrase(wrong, word=short(text)))
        return text

    return check


def _time_zone(name: str) -> str:
    if not name:
        return "UTC"
    zones = _zones()
    known = zones.get(name.lower())
    if known is None:
        near = nearest(name, zones)
        hint = phrase("near", near=zones[near]) if near else phrase("such_as", example="Africa/Dakar")
        raise Wrong(phrase("not_zone", word=short(name)), hint)
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
        raise Wrong(phrase("not_teams_id", word=short(text))) from None


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Wrong(phrase("not_day", word=short(text))) from None


def a_list(value: object) -> object:
    match value:
        case list():
            return value
        case _:
            raise Wrong(phrase("list"))


def distinct(words: list[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


_slug = _like(KEY, "not_key")

Text = Annotated[str, BeforeValidator(_text), AfterValidator(_at_most(LONGEST_TEXT))]
NeededText = Annotated[Text, AfterValidator(_needed)]
Line = Annotated[str, BeforeValidator(_line), AfterValidator(_at_most(120))]
NeededLine = Annotated[str, BeforeValidator(_line), AfterValidator(_at_most(200)), AfterValidator(_needed)]
Word = Annotated[str, BeforeValidator(_word)]
Key = Annotated[Word, AfterValidator(_slug), AfterValidator(_at_most(80))]
ItemKey = Annotated[Word, AfterValidator(_slug), AfterValidator(_at_most(120))]
NetworkOrNone = Annotated[Word, AfterValidator(_like(KEY, "not_network", needed=False))]
Email = Annotated[Word, AfterValidator(_like(_EMAIL, "not_email")), AfterValidator(_at_most(254))]
Alias = Annotated[Word, AfterValidator(_at_most(120))]
Language = Annotated[Word, AfterValidator(_one_of(LANGUAGES, "en"))]
NeededLanguage = Annotated[Word, AfterValidator(_one_of(LANGUAGES))]
Spoken = Annotated[Word, AfterValidator(_like(_LANGUAGE, "not_language"))]
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
    AfterValidator(_like(_URL, "not_url", needed=False)),
    AfterValidator(_at_most(500)),
]
TeamsId = Annotated[Word, AfterValidator(_teams_id)]
SlackId = Annotated[str, BeforeValidator(_line), AfterValidator(_like(_SLACK, "not_slack_id", needed=False))]
Day = Annotated[str, BeforeValidator(_line), AfterValidator(_day)]

Keys = Annotated[list[Key], BeforeValidator(a_list), AfterValidator(distinct)]
Aliases = Annotated[list[Alias], BeforeValidator(a_list), AfterValidator(distinct)]
Languages = Annotated[list[Spoken], BeforeValidator(a_list), AfterValidator(distinct)]
