"""What the community already answered: a knowledge item's life once it is published.

An item is never changed in place: each move returns the next one. How its words come about, and who has to say yes to
them, is a draft's matter (`knowledge.draft`).
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.places import Audience


class State(StrEnum):
    """Where a knowledge item stands.

    PUBLISHED  whoever is of its audience finds it
    STALE      the same, and its review date has come: its owner was asked whether it still holds
    RETIRED    found by nobody any more; kept, so that what refers to it can say so
    """

    PUBLISHED = "published"
    STALE = "stale"
    RETIRED = "retired"


VISIBLE = frozenset({State.PUBLISHED, State.STALE})


class Use(StrEnum):
    """How an item was of use: SHOWN beside somebody's question, OPENED, or ANSWERED ("this answers it")."""

    SHOWN = "shown"
    OPENED = "opened"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Item:
    """A knowledge item: a question and its answer, curated, without identities.

    `network` is set when the audience is that sub-network alone; `place` is the network whose desk looks after it, None
    where any desk does. All times are UTC. `version` counts its wordings from 1, and `published_at` is when the present
    one was published. `owner` answers for it, None for nobody; `review_at` is when they are asked whether it still
    holds, None for never. `replaced_by` is the item it was merged into.
    """

    id: int
    key: str
    question: str
    answer: str
    language: str
    topics: tuple[str, ...]
    audience: Audience
    network: int | None
    region: str
    created_at: datetime
    state: State = State.PUBLISHED
    version: int = 1
    owner: int | None = None
    place: int | None = None
    published_at: datetime | None = None
    review_at: datetime | None = None
    retired_at: datetime | None = None
    replaced_by: int | None = None

    @property
    def visible(self) -> bool:
        return self.state in VISIBLE

    @property
    def since(self) -> datetime:
        """When its present wording became public; of what was imported, the date it came with."""
        return self.published_at or self.created_at

    def aged(self) -> "Item":
        """Its review date has come. Its owner is asked once."""
        self._visible()
        return replace(self, state=State.STALE, review_at=None)

    def reviewed(self, review_at: datetime) -> "Item":
        """It still holds, until then."""
        self._visible()
        return replace(self, state=State.PUBLISHED, review_at=review_at)

    def reworded(self, text: "Text", topics: tuple[str, ...], now: datetime, review_at: datetime) -> "Item":
        """Another wording, which is looked at anew."""
        self._visible()
        return replace(
            self, question=text.question, answer=text.answer, topics=topics, version=self.version + 1,
            state=State.PUBLISHED, published_at=now, review_at=review_at,
        )  # fmt: skip

    def owned(self, owner: int) -> "Item":
        self._visible()
        return replace(self, owner=owner)

    def retired(self, now: datetime, into: int | None = None) -> "Item":
        """Nobody finds it any more; `into` is what they find instead."""
        self._visible()
        return replace(self, state=State.RETIRED, retired_at=now, review_at=None, replaced_by=into)

    def _visible(self) -> None:
        if not self.visible:
            raise Refusal("item.is_retired", item=self.id)


@dataclass(frozen=True, slots=True)
class Part:
    """What one person contributed; `voice` is their number in the draft it came from (`knowledge.draft.Voice`)."""

    voice: int
    text: str


_LINK = re.compile(r"https?://[^\s<>\"“”«»]+[^\s<>\"“”«».,;:!?)\]'’]")


@dataclass(frozen=True, slots=True)
class Text:
    """What an item says: the question, what each person contributed to its answer and, in a consolidated reply, a
    summary before these and the next steps after them ("" for none)."""

    question: str
    parts: tuple[Part, ...]
    summary: str = ""
    next_steps: str = ""

    @property
    def answer(self) -> str:
        """All but the question, as one text without a name."""
        return "\n\n".join(filter(None, (self.summary, *(part.text for part in self.parts), self.next_steps)))

    @property
    def resources(self) -> tuple[str, ...]:
        """The links in it, each once, in their order."""
        return tuple(dict.fromkeys(_LINK.findall(self.answer)))

    def without(self, voices: frozenset[int]) -> "Text":
        return replace(self, parts=tuple(part for part in self.parts if part.voice not in voices))

    def with_part(self, voice: int, text: str) -> "Text":
        parts = tuple(Part(voice, text) if part.voice == voice else part for part in self.parts)
        return replace(self, parts=parts)


NO_TEXT = Text("", ())


@dataclass(frozen=True, slots=True)
class Version:
    """One wording of an item. `by` published it, None where that is not known; `at` is UTC."""

    number: int
    text: Text
    at: datetime
    by: int | None = None
