"""The curated topics a text names, by name, alias or abbreviation in any language, small misspellings included."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from knowledge.matching.text import words
from knowledge.places import Topic

# rapidfuzz ratio from which a run of words counts as a misspelt name of 6 letters or more. Fuzzy scores only repair
# spelling here: alone they send "conflict prevention" to "conflict of interest prevention policy".
MISSPELT = 88
LONG = 6
# Runs of words looked at for misspellings.
RUNS = 150


class Topics:
    """Places of topics in the curated list, and back."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(topics)
        self._place = {topic.key: place for place, topic in enumerate(self._topics)}
        self._phrases = {
            phrase: place
            for place, topic in enumerate(self._topics)
            for name in (*topic.names.values(), *topic.aliases)
            if (phrase := _line(name))
        }
        self._words = {
            word for topic in topics for name in (*topic.names.values(), *topic.aliases) for word in words(name)
        }
        self._long = [phrase for phrase in self._phrases if len(phrase) >= LONG]
        self.find = lru_cache(maxsize=512)(self._find)

    def spells(self, word: str) -> bool:
        """Whether a name or alias has this folded word."""
        return word in self._words

    def places(self, keys: Iterable[str]) -> tuple[int, ...]:
        return tuple(self._place[key] for key in keys if key in self._place)

    def keys(self, places: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._topics[place].key for place in places)

    def names(self, places: Iterable[int], language: str) -> str:
        return ", ".join(self._topics[place].name(language) for place in places)

    def _find(self, text: str) -> tuple[int, ...]:
        """The places of the topics named in a cleaned text, in the order of the list."""
        line = f" {_line(text)} "
        found = {place for phrase, place in self._phrases.items() if f" {phrase} " in line}
        return tuple(sorted(found or set(self._misspelt(line.split()))))

    def _misspelt(self, line: Sequence[str]) -> Iterable[int]:
        runs = (" ".join(line[at : at + size]) for size in (1, 2, 3) for at in range(len(line) - size + 1))
        for run in [run for run in runs if len(run) >= LONG][:RUNS]:
            hit = process.extractOne(run, self._long, scorer=fuzz.ratio, score_cutoff=MISSPELT)
            if hit:
                yield self._phrases[hit[0]]


def _line(text: str) -> str:
    """Folded words, a final plural s taken off: "droughts" is the topic "drought"."""
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words(text))
