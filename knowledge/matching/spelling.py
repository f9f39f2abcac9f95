"""Typing errors mended before a question is compared: the encoder knows words, not typing errors.

A word is left alone when any of the community's languages or the community itself knows it or another form of it,
and when it looks like a name. Otherwise it becomes the likeliest near word of the language of the question: one that is
common, that a usual slip of the hand leads from, and that the community uses (a noisy channel, as in Kernighan, Church
and Gale 1990).
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache

import simplemma
from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

from knowledge.matching.text import folded

# Shorter words have too many neighbours.
SHORTEST = {"en": 4, "fr": 3, "es": 4}
# One slip in short words, two in long ones (Damerau 1964: four of five errors are a single slip).
LONG = 8
# What a usual slip, and a word of the community's own, are worth beside the logarithm of how common a word is: on clean
# text no task of docs/results/matching.md loses more than 0.1 by them.
SLIP, OURS = 3.0, 2.0
# Near words weighed of each length.
WEIGHED = 30
_KEYS = {
    letter: (at + shift, line)
    for line, (letters, shift) in enumerate((("qwertyuiop", 0.0), ("asdfghjkl", 0.25), ("zxcvbnm", 0.75)))
    for at, letter in enumerate(letters)
}
# A word before an apostrophe is elided ("lorsqu'il"), and no error.
_WORD = re.compile(r"[^\W\d_]+(?!['’])\b")
# What Spanish writes behind a verb as one word with it: "marcharte", "decírmelo".
_ENCLITICS = re.compile(r"(?:me|te|se|nos|os|l[aeo]s?){1,2}$")


class Dictionary:
    """The words of a language with how often they are used, folded, by length."""

    def __init__(self, language: str) -> None:
        self._uses: dict[str, int] = {}
        self._spelt: dict[str, str] = {}
        for word, uses in SpellChecker(language=language, distance=1).word_frequency.dictionary.items():
            plain = folded(word)
            if plain.isalpha() and uses > self._uses.get(plain, 0):
                self._uses[plain], self._spelt[plain] = uses, word
        self._language = language
        self._by_length: dict[int, list[str]] = {}
        for plain in self._uses:
            self._by_length.setdefault(len(plain), []).append(plain)

    def knows(self, word: str) -> bool:
        """Whether it is a form of a word, as written or without its accents."""
        word = word.lower()
        if folded(word) in self._uses or simplemma.is_known(word, lang=self._language):
            return True
        verb = folded(_ENCLITICS.sub("", word)) if self._language == "es" else word
        return verb not in ("", word) and (verb in self._uses or simplemma.is_known(verb, lang=self._language))

    def near(self, word: str) -> dict[str, float]:
        """The nearest words, each with how likely it is meant (a log scale of no fixed zero)."""
        for reach in range(1, 3 if len(word) >= LONG else 2):
            found = [
                hit
                for length in range(len(word) - reach, len(word) + reach + 1)
                for hit, _, _ in process.extract(
                    word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=reach, limit=WEIGHED
                )
                # The lists hold typing errors of their own.
                if simplemma.is_known(self._spelt[hit], lang=self._language)
            ]
            if found:
                return {hit: math.log1p(self._uses[hit]) + SLIP * (reach == 1 and is_slip(word, hit)) for hit in found}
        return {}


def is_slip(typed: str, meant: str) -> bool:
    """Whether one usual slip leads from what was meant to what was typed, which are one edit apart: a letter left out,
    typed twice, swapped with its neighbour, or hit beside its key (as on an English keyboard)."""
    if len(typed) < len(meant):
        return True
    differ = [at for at, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other]
    if len(typed) > len(meant):
        at = differ[0] if differ else len(meant)
        return at > 0 and typed[at] == typed[at - 1]
    if len(differ) != 1:
        return True
    one, other = (_KEYS.get(word[differ[0]]) for word in (typed, meant))
    return one is not None and other is not None and abs(one[0] - other[0]) <= 1.3 and abs(one[1] - other[1]) <= 1


@lru_cache(maxsize=len(SHORTEST))
def dictionary(language: str) -> Dictionary:
    """Loaded at the first question in that language (0.5 s)."""
    return Dictionary(language)


@lru_cache(maxsize=16384)
def _near(word: str, language: str) -> dict[str, float]:
    return dictionary(language).near(word)


@lru_cache(maxsize=16384)
def _known(word: str) -> bool:
    return any(dictionary(language).knows(word) for language in SHORTEST)


def mended(text: str, language: str, knows: Callable[[str], bool]) -> str:
    """The text with its typing errors mended; `knows` says of a folded word that the community uses it."""
    if language not in SHORTEST:
        return text

    def mend(match: re.Match[str]) -> str:
        word = match.group()
        name = match.start() > 0 and word[0].isupper()
        if len(word) < SHORTEST[language] or name or word[1:].isupper() or knows(folded(word)) or _known(word):
            return word
        near = _near(folded(word), language)
        return max(near, key=lambda one: near[one] + OURS * knows(one), default=word)

    return _WORD.sub(mend, text)
