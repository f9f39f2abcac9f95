"""Where people meet: networks, and the audiences from narrow to wide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

LANGUAGES = ("en", "fr", "es")

# UNDP's regional bureaux, and the whole world.
REGIONS = (
    "africa",
    "arab-states",
    "asia-pacific",
    "europe-cis",
    "latin-america-caribbean",
    "global",
)


class Audience(IntEnum):
    """Who may read something, from narrow to wide; the numbers are kept in the database."""

    PRIVATE = 0
    SUB_NETWORK = 10
    UNDP = 20
    ONE_UN = 30
    PUBLIC = 40

    @property
    def word(self) -> str:
        """The audience as written in import files and catalogue keys."""
        return self.name.lower().replace("_", "-")

    @classmethod
    def of(cls, word: str) -> "Audience":
        """The audience of a word such as "one-un". Raises ValueError for any other word."""
        for audience in cls:
            if audience.word == word.strip().lower():
                return audience
        raise ValueError(word)


@dataclass(frozen=True, slots=True)
class Widening:
    """A wider circle for a question, to which one side said yes: the asker, or whoever looks after it."""

    audience: Audience
    asker_agreed: bool


class Kind(StrEnum):
    """What a network is, in the proposal's terms."""

    MAIN = "main"
    THEMATIC = "thematic"
    REGIONAL = "regional"
    EXTERNAL = "external"
    COP = "cop"


@dataclass(frozen=True, slots=True)
class Topic:
    """A curated subject, with its names and aliases (lower case, any language)."""

    key: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Network:
    """A group people can be guided to. `audience` says who may join and read it."""

    id: int
    key: str
    names: Mapping[str, str]
    kind: Kind
    audience: Audience
    region: str
    topics: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    url: str = ""

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]
