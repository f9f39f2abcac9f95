"""What a person gave to others: theirs to see, and to show."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Impact:
    """Somebody's own note on what an answer of theirs led to. `at` is UTC."""

    question: int
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contributions:
    """Counts of the questions somebody answered: all, those in which the asker says their answer helped, fully or
    partly, and what those askers said later. `minutes` is the time they say it saved them. Nothing of any asker."""

    answered: int = 0
    solved: int = 0
    partly: int = 0
    used: int = 0
    changed: int = 0
    minutes: int = 0
    impacts: tuple[Impact, ...] = ()
