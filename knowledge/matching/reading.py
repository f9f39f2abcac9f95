"""A question as it is understood before anything is compared: cleaned, its language seen, typing errors mended."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.matching import spelling
from knowledge.matching.language import detect
from knowledge.matching.text import cleaned


@dataclass(frozen=True, slots=True)
class Read:
    """`said` as it was written, cleaned; `text` with its typing errors mended."""

    said: str
    text: str
    language: str


class Reader:
    """`knows` says of a folded word that the community uses it."""

    def __init__(self, knows: Callable[[str], bool]) -> None:
        self._knows = knows
        # One question is asked about thrice in a row: items, experts, networks.
        self._held = lru_cache(maxsize=256)(self._read)

    def read(self, text: str, language: str = "") -> Read:
        """`language` is what the writer said it is in; empty when nobody said."""
        return self._held(cleaned(text), language)

    def _read(self, text: str, language: str) -> Read:
        language = language or detect(text)
        return Read(text, spelling.mended(text, language, self._knows), language)
