"""Knowledge items, and the drafts that become items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from knowledge.draft import Draft
from knowledge.draft import State as DraftState
from knowledge.item import Item, Text, Use, Version


class Items(Protocol):
    """Published items. Matchers know of the visible ones, from the next turn on."""

    def get(self, item: int) -> Item | None:
        """Whatever became of it: whether it may be shown is asked of the item."""
        ...

    def keyed(self, key: str) -> Item | None: ...

    def add(self, item: Item, text: Text | None = None, by: int | None = None) -> Item:
        """Keeps a new item and returns it with its number; `text` where it says who contributed what."""
        ...

    def save(self, before: Item, item: Item, text: Text | None = None, by: int | None = None) -> Item:
        """Keeps a move, with `text` the wording it brings; earlier wordings stay. Raises Conflict when somebody moved
        it first."""
        ...

    def text(self, item: Item) -> Text:
        """Its present wording, part by part; what was imported is one part of nobody."""
        ...

    def versions(self, item: int) -> list[Version]:
        """Newest first. Empty where it only ever had the wording it came with."""
        ...

    def visible(
        self, *, placed: Collection[int] | None = None, stale: bool = False, limit: int | None = None
    ) -> list[Item]:
        """By when their wording became public, newest first: of all places or of those named, or stale ones only."""
        ...

    def owned_by(self, person: int) -> list[Item]:
        """Visible ones, by number."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of those whose review date has come, earliest first."""
        ...

    def note_use(self, use: Use, items: Sequence[int], now: datetime) -> None:
        """Counts one more for each, by month and without who."""
        ...

    def uses(self, item: int) -> Mapping[Use, int]:
        """How often it was of use so far."""
        ...

    def used(self, since: datetime, until: datetime) -> Mapping[Use, int]:
        """How often all items were, in whole months (UTC) from the month of `since` to before the month of `until`."""
        ...

    def published(self, since: datetime, until: datetime) -> list[Item]:
        """Those whose first wording became public from `since` to before `until` and that are visible, oldest first."""
        ...


class Drafts(Protocol):
    def add(self, draft: Draft) -> Draft:
        """Keeps a new draft and returns it with its number."""
        ...

    def get(self, draft: int) -> Draft | None: ...

    def save(self, draft: Draft) -> Draft:
        """Keeps the move; returns it with the next version. Raises Conflict when somebody moved it first."""
        ...

    def of_question(self, question: int) -> list[Draft]:
        """Oldest first."""
        ...

    def of_item(self, item: int) -> list[Draft]:
        """Those that became it or one of its wordings, or are on their way there. Oldest first."""
        ...

    def with_voice(self, person: int) -> list[Draft]:
        """Those that hold somebody's words, newest first."""
        ...

    def in_states(self, states: Collection[DraftState]) -> list[Draft]:
        """Oldest first."""
        ...

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of those whose due time has come, earliest first."""
        ...
