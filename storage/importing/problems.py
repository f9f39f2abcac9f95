"""What is wrong with a file, collected so that its author can mend all of it at once."""

import difflib
from collections.abc import Iterable, Sequence

from knowledge.import_problem import Phrase, Problem, phrase
from knowledge.text import clean, excerpt

MOST = 100
"""Problems told at once on a command line: who has more of them has one cause."""
MOST_KEPT = 1000
"""Of a file sent in chat, where they are read on a page: the list must not fill the memory."""


class ImportErrors(Exception):
    """Nothing was imported. `errors` are in the order of the files and their lines, never empty.

    `more` is True when there were too many to tell. `str` names places and keys, in no language: `dialogs.import_words`
    says them.
    """

    def __init__(self, errors: Sequence[Problem], *, more: bool = False) -> None:
        self.errors = tuple(errors)
        self.more = more
        super().__init__("\n".join(f"{one.place}: {' '.join(key for key, _ in one.phrases)}" for one in errors))


class Wrong(ValueError):
    """What a cell may not hold."""

    def __init__(self, *phrases: Phrase) -> None:
        self.phrases = phrases
        super().__init__(phrases[0][0])


class Problems:
    """Collects problems. Raises ImportErrors by itself once there are `most` of them."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._found: list[Problem] = []
        self._order: dict[str, int] = {}

    def begin(self, file: str) -> None:
        """Problems are told in the order in which the files were begun."""
        self._order.setdefault(file, len(self._order))

    def add(self, file: str, line: int, column: str, *phrases: Phrase) -> None:
        # A field's name may itself be hostile (JSONL); the file's name is the operator's own.
        self._found.append(Problem(file, line, excerpt(clean(column), 60), phrases))
        if len(self._found) >= self._most:
            raise ImportErrors(self._found, more=True)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        if self._found:
            raise ImportErrors(sorted(self._found, key=lambda found: (self._order.get(found.file, -1), found.line)))


def short(text: object) -> str:
    """What somebody wrote, short and harmless enough to stand in a sentence."""
    return excerpt(clean(str(text)[:400]), 60)


def nearest(word: str, words: Iterable[str]) -> str:
    """The nearest of the words, "" if none is near."""
    near = difflib.get_close_matches(word[:80].lower(), list(words), n=1, cutoff=0.6)
    return near[0] if near else ""


def meant(word: str, words: Iterable[str], *otherwise: Phrase) -> tuple[Phrase, ...]:
    """How a sentence about an unknown word ends: with the nearest of the words, else as said."""
    near = nearest(word, words)
    return (phrase("near", near=near),) if near else otherwise
