"""What can go wrong in the subject's own terms."""


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


class Conflict(Exception):
    """Another writer moved the same row first (PostgreSQL, READ COMMITTED). The whole turn is run again."""
