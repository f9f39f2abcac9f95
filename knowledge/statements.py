"""The statements of the measurement framework, as data that the KM team may change (statements.toml)."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.places import LANGUAGES

_FILE = Path(__file__).with_name("statements.toml")


@dataclass(frozen=True, slots=True)
class Statements:
    """`knowledge.ports.Framework` of one version: `worded` by item and language, in the framework's order."""

    version: str
    worded: Mapping[str, Mapping[str, str]]

    @property
    def items(self) -> Sequence[str]:
        return list(self.worded)

    def statement(self, version: str, item: str) -> Mapping[str, str]:
        """Raises KeyError for another version: its words are not here, and these would be others."""
        if version != self.version:
            raise KeyError(version)
        return self.worded[item]


@cache
def statements(path: Path = _FILE) -> Statements:
    """Raises ValueError, naming the item, where a language is missing or empty."""
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    version = read.pop("version", "")
    if not version or not isinstance(version, str):
        raise ValueError(f"{path.name} has no version")
    for item, words in read.items():
        if not isinstance(words, dict) or not all(str(words.get(language, "")).strip() for language in LANGUAGES):
            raise ValueError(f"{path.name}: {item} is not worded in {', '.join(LANGUAGES)}")
    return Statements(version, read)
