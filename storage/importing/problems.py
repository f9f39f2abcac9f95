"""What is wrong with a file, told so that its author can mend it."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.text import clean, excerpt

MOST = 100
"""Problems told at once: who has more of them has one cause, and the list must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: `str` gives "people.csv:12 language: 'de' is not one of en, fr, es".

    `line` is the physical line where the row begins, 1 for the first; 0 means the whole file.
    `column` "" means the whole line.
    """

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.column}: {self.message}" if self.column else f"{place}: {self.message}"


class ImportErrors(Exception):
    """Nothing was imported. `errors` are in the order of the files and their lines, never empty.

    `more` is True when there were too many to tell; `str` is all of it, one problem a line.
    """

    def __init__(self, errors: Sequence[Problem], *, more: bool = False) -> None:
        self.errors = tuple(errors)
        self.more = more
        last = [f"There are more problems; these are the first {len(self.errors)}."] if more else []
        super().__init__("\n".join([*map(str, self.errors), *last]))


class Problems:
    """Collects problems. Raises ImportErrors by itself once there are MOST of them."""

    def __init__(self) -> None:
        self._found: list[Problem] = []
        self._order: dict[str, int] = {}

    def begin(self, file: str) -> None:
        """Problems are told in the order in which the files were begun."""
        self._order.setdefault(file, len(self._order))

    def add(self, file: str, line: int, column: str, message: str) -> None:
        # A field's name may itself be hostile (JSONL); the file's name is the operator's own.
        self._found.append(Problem(file, line, excerpt(clean(column), 60), message))
        if len(self._found) >= MOST:
            raise ImportErrors(self._found, more=True)

    def __bool__(self) -> bool:
        return bool(self._found)

    def raise_if_any(self) -> None:
        if self._found:
            raise ImportErrors(sorted(self._found, key=lambda found: (self._order.get(found.file, -1), found.line)))


def quoted(text: object) -> str:
    """What somebody wrote, short and harmless enough to stand in a sentence."""
    return f"'{excerpt(clean(str(text)[:400]), 60)}'"


def nearest(word: str, words: Iterable[str]) -> str:
    """ "; did you mean 'email'?" for the nearest of the words, "" if none is near."""
    near = difflib.get_close_matches(word[:80].lower(), list(words), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
