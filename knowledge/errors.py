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


class Conflict(Exception):
    """Another writer moved the same row first (PostgreSQL, READ COMMITTED). The whole turn is run again."""
