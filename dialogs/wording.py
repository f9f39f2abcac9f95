"""The catalogues: every sentence the bot says, in the reader's language.

`texts/<language>/*.po` are gettext catalogues whose msgids are keys ("question.taken"), so that English is a
translation like the others; what a feature says, its help and refusals too, stands in a file of its own. Blanks are
`{name}`; what fills them is never read as a template again.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from gettext import GNUTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit

from knowledge.hours import zone_of
from knowledge.places import LANGUAGES

TEXTS = Path(__file__).parent / "texts"
# French puts a space before these signs and within its quotation marks, and no line may break there. Whoever writes a
# catalogue may type a plain one.
_FRENCH_SPACE = re.compile(r"(?<=«) | (?=[;:!?%»])")


def _whole(language: str) -> Catalog:
    """All files of a language as one catalogue. Raises ValueError for a key that stands in two of them."""
    whole = Catalog(locale=language)
    for path in sorted((TEXTS / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if not message.id:
                    continue
                if message.id in whole:
                    raise ValueError(f"{path.name} has a key of another file: {message.id}")
                if language == "fr":
                    message.string = _unbroken(message.string or "")
                whole[message.id] = message
    return whole


def _unbroken(string: str | Sequence[str]) -> str | tuple[str, ...]:
    if isinstance(string, str):
        return _FRENCH_SPACE.sub("\u00a0", string)
    return tuple(_FRENCH_SPACE.sub("\u00a0", form) for form in string)


@lru_cache(maxsize=len(LANGUAGES))
def _translations(language: str) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, _whole(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def colon(language: str) -> str:
    """What stands between a label and its value: in French, a space that does not break comes before it."""
    return "\u00a0: " if language == "fr" else ": "


class Say:
    """Words things for one reader. `time_zone` is the reader's (IANA); one that nobody knows is read as UTC."""

    def __init__(self, language: str, time_zone: str = "UTC") -> None:
        self.language = language if language in LANGUAGES else "en"
        self.zone = zone_of(time_zone)
        self._translations = _translations(self.language)

    def __call__(self, key: str, /, **values: object) -> str:
        """The sentence of a key. Raises KeyError for a key no catalogue has, or a blank nothing fills."""
        sentence = self._translations.gettext(key)
        if sentence == key:
            raise KeyError(key)
        return sentence.format_map({name: self.value(value) for name, value in values.items()}) if values else sentence

    def count(self, key: str, number: int, /, **values: object) -> str:
        """The sentence that fits a number, by the language's plural rule; `{number}` is filled in."""
        sentence = self._translations.ngettext(key, key, number)
        if sentence == key:
            raise KeyError(key)
        if number == 0 and "{number}" not in sentence:
            # French counts nought as it counts one: where that sentence spells "une" out, it would be one too many.
            sentence = self._translations.ngettext(key, key, 2)
        return sentence.format_map({name: self.value(value) for name, value in {**values, "number": number}.items()})

    def value(self, value: object) -> str:
        """A value as people of this language write it; whole numbers that name something stay plain."""
        if isinstance(value, float):
            return str(format_decimal(value, locale=self.language))
        if isinstance(value, datetime):
            return self.when(value)
        return str(value)

    def parted(self, parts: Iterable[str]) -> str:
        """ "a; b" for parts that hold commas; in French a space that does not break comes before the semicolon."""
        return ("\u00a0; " if self.language == "fr" else "; ").join(parts)

    def foreign(self, language: str) -> str:
        """What language something is in, "" where that is the reader's own."""
        return self("digest.in_language", language=self(f"language.{language}")) if language != self.language else ""

    def labelled(self, label: str, value: str) -> str:
        return f"{label}{colon(self.language)}{value}"

    def listed(self, parts: list[str]) -> str:
        """ "a, b and c"; "" for nothing."""
        return format_list(parts, locale=self.language) if parts else ""

    def language_name(self, code: str) -> str:
        """A language in the reader's own; the code itself where that has no name."""
        return str(Locale.parse(self.language).languages.get(code, code))

    def duration(self, minutes: int) -> str:
        """So many minutes in hours and minutes, "1 hour 30 minutes"."""
        hours, rest = divmod(minutes, 60)
        parts = [
            _counted(count, f"duration-{unit}", self.language)
            for count, unit in ((hours, "hour"), (rest, "minute"))
            if count
        ]
        return " ".join(parts) or _counted(0, "duration-minute", self.language)

    def when(self, at: datetime) -> str:
        """A moment in the reader's own zone."""
        return str(format_datetime(at, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.language))

    def day(self, at: datetime) -> str:
        """The reader's own day in which a moment lies: what somebody else did is not told to the minute."""
        return str(format_datetime(at, "d MMM y", tzinfo=self.zone, locale=self.language))

    def date(self, day: date) -> str:
        """A day in no zone in particular."""
        return str(format_date(day, "d MMM y", locale=self.language))

    def month(self, at: datetime) -> str:
        return str(format_datetime(at, "LLLL y", tzinfo=self.zone, locale=self.language))

    def short_month(self, at: datetime) -> str:
        """For the axis of a plot: a UTC month, and the year with its first."""
        return str(format_datetime(at, "LLL y" if at.month == 1 else "LLL", tzinfo=UTC, locale=self.language))


# A reminder is worded for thousands at once, and most of them read the same hours: looked up, not written anew.
@lru_cache(maxsize=1024)
def _counted(count: int, unit: str, language: str) -> str:
    return str(format_unit(count, unit, locale=language))


@lru_cache(maxsize=1024)
def say_in(language: str, time_zone: str = "UTC") -> Say:
    return Say(language, time_zone)


def catalogue(language: str) -> Mapping[str, object]:
    """Every key of a catalogue with its string or (singular, plural) strings, for the house's own checks."""
    return {str(message.id if isinstance(message.id, str) else message.id[0]): message.string
            for message in _whole(language) if message.id}  # fmt: skip
