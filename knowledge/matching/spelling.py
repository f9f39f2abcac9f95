"""Typing errors mended before a question is compared: the encoder knows words, not typing errors.

A word is left alone when any of the community's languages or the community itself knows it or another form of it,
and when it looks like a name. Otherwise it becomes the commonest near word of the language of the question.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from knowledge.matching.text import folded, stem

LANGUAGES = ("en", "fr", "es")
# Shorter words have too many neighbours.
SHORTEST = 4
# One slip in short words, two in long ones (Damerau 1964: four of five errors are a single slip).
LONG = 8
_WORD = re.compile(r"[^\W\d_]+")


class Dictionary:
    """The words of a language with how often they are used, folded, by length."""

    def __init__(self, language: str) -> None:
        self.uses: dict[str, int] = {}
        for word, uses in SpellChecker(language=language, distance=1).word_frequency.dictionary.items():
            for part in _WORD.findall(folded(word)):
                self.uses[part] = max(self.uses.get(part, 0), uses)
        # Word lists lack most forms of a verb; a stem they share is enough to call a word known.
        self.stems = {stem(word, language) for word in self.uses}
        self.language = language
        self._by_length: dict[int, list[str]] = {}
        for word in self.uses:
            self._by_length.setdefault(len(word), []).append(word)

    def knows(self, word: str) -> bool:
        return word in self.uses or stem(word, self.language) in self.stems

    def near(self, word: str) -> tuple[str, int] | None:
        """The commonest of the nearest words and its distance in slips; None when none is near."""
        most = 2 if len(word) >= LONG else 1
        for reach in range(1, most + 1):
            found = [
                hit
                for length in range(len(word) - reach, len(word) + reach + 1)
                for hit, _, _ in process.extract(
                    word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=reach, limit=8
                )
            ]
            if found:
                return max(found, key=lambda hit: self.uses[hit]), reach
        return None


@lru_cache(maxsize=len(LANGUAGES))
def dictionary(language: str) -> Dictionary:
    """Loaded at the first question in that language (0.3 s)."""
    return Dictionary(language)


@lru_cache(maxsize=16384)
def _near(word: str, language: str) -> tuple[str, int] | None:
    return dictionary(language).near(word)


def mended(text: str, language: str, knows: Callable[[str], bool]) -> str:
    """The text with its typing errors mended; `knows` says of a folded word that the community uses it."""
    if language not in LANGUAGES:
        return text

    def mend(match: re.Match[str]) -> str:
        word = folded(match.group())
        if len(word) < SHORTEST or match.group()[1:].isupper() or knows(word):
            return match.group()
        if match.start() and match.group()[0].isupper():
            return match.group()
        if any(dictionary(other).knows(word) for other in LANGUAGES):
            return match.group()
        near = _near(word, language)
        return near[0] if near else match.group()

    return _WORD.sub(mend, text)
