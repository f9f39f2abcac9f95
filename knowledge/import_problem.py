"""What is wrong with a file that somebody wants imported, before it is said in anybody's language."""

from collections.abc import Mapping
from dataclasses import dataclass

Phrase = tuple[str, Mapping[str, str | int | float]]
"""A key without its `import.problem.` prefix, and what fills its blanks. `kind` names a kind of file, `number` is
counted; floats are measures, written as the language writes numbers."""


def phrase(key: str, **values: str | int | float) -> Phrase:
    return key, values


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: `phrases`, one after the other, are its sentence.

    `line` is the physical line where the row begins, 1 for the first; 0 means the whole file. `column` "" means the
    whole line; `file` "" all files that came together.
    """

    file: str
    line: int
    column: str
    phrases: tuple[Phrase, ...]

    @property
    def place(self) -> str:
        """ "people.csv:12 language", the same in every language."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where} {self.column}" if self.column else where
