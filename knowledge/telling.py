"""What in a question may tell who asks it: pointed out before it leaves, never removed.

It errs on the side of pointing: a word too many costs a glance, a name overlooked may cost somebody their safe space.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from babel import Locale

from knowledge.matching.port import Catalogue
from knowledge.matching.text import STOP_WORDS
from knowledge.people import Person
from knowledge.places import LANGUAGES
from knowledge.text import plain

MOST = 8
"""Hints shown for one text: more are not read."""


class Kind(StrEnum):
    YOURS = "yours"
    PERSON = "person"
    PLACE = "place"
    PROJECT = "project"
    ADDRESS = "address"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Hint:
    """`text` as it stands in the question."""

    kind: Kind
    text: str


# A letter, number or mark before the "@" and a dot after it: enough to point at; what is valid is for mail servers.
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# Six digits or more: numbers of projects, awards, badges and files. Dates and amounts with few digits stay out.
_NUMBER = re.compile(r"(?<![\w.,])(?:[A-Z]{2,6}[-/ ]?)?\d{6,}(?![\w])")
_PROJECT = re.compile(
    r"\b(?:projects?|projets?|proyectos?|programmes?|programas?)\s+(?:n[o°]\.?\s*)?[«“\"]?", re.IGNORECASE
)
_TITLE = re.compile(r"\b(?:Mrs?|Ms|Mme|Mlle|Dr|Prof|Sra?|Srta|M)\.?\s+$")
_WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")
_STOP = re.compile(r"[.!?…:;\n(\[\"“«¿¡]\s*[\"“«¿¡(]*\s*$")
# Small words inside names: "Jean de la Cruz", "Ali bin Omar".
_LINKS = frozenset("de del la le du da dos van von bin ben al el di y e i".split())
# Everybody here knows these; they name no one.
_COMMON = frozenset(
    """united nations women agenda sustainable development goals goal excel word teams slack sharepoint zoom internet
    security council general assembly world bank global fund country office bureau pays oficina desarrollo naciones
    unidas nations unies objectifs objetivos covid i je yo hello dear bonjour hola""".split()
)


def hints(text: str, asker: Person, catalogue: Catalogue, most: int | None = MOST) -> list[Hint]:
    """What may tell who asks, in the order of the text, each once, at most so many."""
    taken: list[tuple[int, int, Hint]] = []

    def take(start: int, end: int, kind: Kind) -> None:
        if all(end <= begun or start >= ended for begun, ended, _ in taken):
            taken.append((start, end, Hint(kind, text[start:end])))

    for found in _ADDRESS.finditer(text):
        take(found.start(), found.end(), Kind.ADDRESS)
    for start, end in _yours(text, asker):
        take(start, end, Kind.YOURS)
    for match in phonenumbers.PhoneNumberMatcher(text, None, leniency=phonenumbers.Leniency.POSSIBLE, max_tries=20):
        take(match.start, match.end, Kind.NUMBER)
    for found in _NUMBER.finditer(text):
        take(found.start(), found.end(), Kind.NUMBER)
    known = _vocabulary(catalogue)
    for found in _PROJECT.finditer(text):
        if name := _named_at(text, found.end()):
            take(name[0], name[1], Kind.PROJECT)
    for start, end in _places(text):
        take(start, end, Kind.PLACE)
    for start, end, kind in _names(text, known):
        take(start, end, kind)
    taken.sort(key=lambda one: one[:2])
    return list(dict.fromkeys(hint for _, _, hint in taken))[:most]


def without_yours(text: str, asker: Person) -> str:
    """The text, with "…" wherever it names the asker, their office, or with a capital what the office's name says of
    where it is."""
    where = {plain(word) for word in _WORD.findall(asker.office) if word[0].isupper()} - _COMMON - STOP_WORDS
    told = [*_yours(text, asker), *_runs(text, lambda word: word[0].isupper() and plain(word) in where)]
    kept, end = "", 0
    for start, after in sorted(told):
        if start >= end:
            kept, end = f"{kept}{text[end:start]}…", after
    return kept + text[end:]


def _yours(text: str, asker: Person) -> Iterator[tuple[int, int]]:
    """The asker's own name and office, however they are written."""
    own = {plain(word) for word in _WORD.findall(asker.name) if len(word) > 2} - _LINKS - {"sample"}
    yield from _runs(text, lambda word: plain(word) in own)
    office = plain(asker.office).split()
    if office:
        words = list(_WORD.finditer(text))
        folded = [plain(word.group()) for word in words]
        for place in range(len(words) - len(office) + 1):
            if folded[place : place + len(office)] == office:
                yield words[place].start(), words[place + len(office) - 1].end()


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Countries, by their names in any of our languages."""
    words = list(_WORD.finditer(text))
    folded = [plain(word.group()) for word in words]
    countries = _countries()
    place = 0
    while place < len(words):
        for length in range(5, 0, -1):
            several = " ".join(folded[place : place + length])
            if several in countries and words[place].group()[0].isupper() and place + length <= len(words):
                yield words[place].start(), words[place + length - 1].end()
                place += length - 1
                break
        place += 1


def _names(text: str, known: frozenset[str]) -> Iterator[tuple[int, int, Kind]]:
    """Runs of words with capitals that are no words of the community; the first word of a sentence has one anyway."""
    for start, end in _runs(text, lambda word: _is_name(word, known)):
        before = text[:start]
        titled = _TITLE.search(before)
        several = len([word for word in _WORD.findall(text[start:end]) if word[0].isupper()]) > 1
        if several or titled:
            yield start, end, Kind.PERSON
        elif before.strip() and not _STOP.search(before):
            yield start, end, Kind.NAME


def _is_name(word: str, known: frozenset[str]) -> bool:
    # Abbreviations are in every sentence here, also as plurals, and seldom anybody's.
    abbreviated = word.isupper() or (len(word) > 2 and word[:-1].isupper())
    return word[0].isupper() and not abbreviated and plain(word) not in known and plain(word) not in STOP_WORDS


def _named_at(text: str, start: int) -> tuple[int, int] | None:
    """The name or number that begins exactly there, None when none does."""
    first = _WORD.match(text, start)
    if first is None or not (first.group()[0].isupper() or any(char.isdigit() for char in first.group())):
        return None
    # A project may be called by words that everybody uses.
    begun, ended = next(_runs(text[start:], lambda word: word[0].isupper()), (-1, 0))
    return start, start + ended if begun == 0 else first.end()


def _runs(text: str, is_part: Callable[[str], bool]) -> Iterator[tuple[int, int]]:
    """Neighbouring words that are parts, small linking words between them included."""
    start = end = reach = -1
    for word in _WORD.finditer(text):
        near = (
            end >= 0 and text[reach : word.start()].strip(" .") == "" and not _STOP.search(text[start : word.start()])
        )
        if is_part(word.group()):
            if start >= 0 and not near:
                yield start, end
            if not near:
                start = word.start()
            end = reach = word.end()
        elif near and plain(word.group()) in _LINKS:
            reach = word.end()
        elif start >= 0:
            yield start, end
            start = end = -1
    if start >= 0:
        yield start, end


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    names = (Locale.parse(language).territories for language in LANGUAGES)
    return frozenset(plain(name) for territories in names for code, name in territories.items() if code.isalpha())


@lru_cache(maxsize=1)
def _calendar() -> frozenset[str]:
    """Days, months and languages: English writes them with capitals."""
    found: set[str] = set()
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for names in (locale.days["format"]["wide"], locale.months["format"]["wide"]):
            found.update(plain(name) for name in names.values())
        found.update(plain(name) for name in locale.languages.values())
    return frozenset(found)


def _vocabulary(catalogue: Catalogue) -> frozenset[str]:
    """The words of the community's topics and networks, and what everybody knows."""
    return _words_of(
        (
            *(name for topic in catalogue.topics for name in (*topic.names.values(), *topic.aliases)),
            *(name for network in catalogue.networks for name in network.names.values()),
        )
    )


@lru_cache(maxsize=4)
def _words_of(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for word in plain(phrase).split()) | _COMMON | _calendar()
