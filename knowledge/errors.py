"""What can go wrong in the subject's own terms."""

from collections.abc import Sequence
from dataclasses import dataclass


class Refusal(Exception):
    """An expected "no": names a sentence of the catalogues, which the person reads in their language.

    `key` is a catalogue key without its `refusal.` prefix; `values` fill its blanks.
    Nothing the refused use case wrote is kept.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class TooLong(Refusal):
    """More than can be brought. What was said stays with its writer, as a draft to be shortened."""

    def __init__(self, text: str, longest: int) -> None:
        super().__init__("text.too_long", length=len(text), longest=longest)
        self.text = text


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several that a name could mean: what it is called, what tells it from others called alike, and what is
    said instead of the name to mean it, "" for what it is called."""

    name: str
    about: str = ""
    said: str = ""


class Several(Refusal):
    """A name, or a part of one, that could be several: `asked` as it was typed."""

    def __init__(self, key: str, asked: str, choices: Sequence[Choice]) -> None:
        super().__init__(key, name=asked[:80], choices=choices)
        self.asked = asked
        self.choices = choices


class Conflict(Exception):
    """Another writer moved the same row first (PostgreSQL, READ COMMITTED). The whole turn is run again."""
