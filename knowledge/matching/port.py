"""What the subject asks of a matcher, and what it may learn from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from knowledge.item import Item
from knowledge.people import Person
from knowledge.places import Network, Topic


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something fits, as a fact: dialogs/ words it in the reader's language.

    kinds: topics {"topics": [topic keys]}, region {"region": key}, language {"language": code},
    answered {"count": n, "last": datetime | None}, network {"network": id}, words {"words": [the words shared]},
    moderates {"network": id}, passed_on {} (a colleague named them), facilitator {} (a facilitator chose them).
    """

    kind: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate: the id of an item, person or network; `score` in 0..1 (1 = surely right); best first in lists."""

    id: int
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A past question an expert answered. `helped` is None while the asker has not said."""

    expert: int
    text: str
    language: str
    at: datetime
    helped: bool | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All a matcher is built from, at one version of the database.

    `experts` are the people who may be offered questions.
    """

    version: int
    topics: Sequence[Topic] = ()
    networks: Sequence[Network] = ()
    experts: Sequence[Person] = ()
    items: Sequence[Item] = ()
    history: Sequence[Answered] = ()


class Matcher(Protocol):
    """Ranks what fits a question, best first; an empty list means nobody or nothing fits well enough.

    Who may see or be asked is decided before ranking: a candidate the reader may not know of never counts.
    """

    version: int

    def items(self, text: str, reader: Person, *, limit: int = 3) -> list[Match]:
        """Earlier answers that fit and that `reader` may read."""
        ...

    def experts(self, text: str, asker: Person, *, excluding: Collection[int] = (), limit: int = 5) -> list[Match]:
        """People who may be asked by `asker`, without `excluding` and without the asker."""
        ...

    def networks(self, text: str, asker: Person, *, limit: int = 3) -> list[Match]:
        """Networks that `asker` may read or join."""
        ...
