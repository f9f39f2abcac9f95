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
    moderates {"network": id}, meaning {} (the same in other
    words), passed_on {} (a colleague named them), facilitator {} (a facilitator chose them).
    """

    kind: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate: the id of an item, person or network; `score` in 0..1 (1 = surely right); best first in lists.

    `fits` is False for what is near but not near enough to be offered.
    """

    id: int
    score: float
    reasons: tuple[Reason, ...] = ()
    fits: bool = True


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


@dataclass(frozen=True, slots=True)
class Caution:
    """When nobody is bothered. `in_vain` = 20: at most one person in 20 in vain, so 0.95 sure that anybody knows the
    subject; an earlier answer or a network is offered when it is `offered` sure that one fits.

    `spread` in 0..1: how much of the weight of recent activity is taken off, so that not always the same are asked.
    """

    in_vain: float = 20.0
    offered: float = 0.8
    spread: float = 0.5

    @property
    def sure(self) -> float:
        return 1.0 - 1.0 / max(self.in_vain, 1.0)


class Matcher(Protocol):
    """Ranks what fits a question, best first; an empty list means nobody or nothing fits well enough.

    Who may see or be asked is decided before ranking: a candidate the reader may not know of never counts.
    With `sure` False the nearest come as well, marked as not fitting.
    """

    version: int

    def items(self, text: str, reader: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        """Earlier answers that fit and that `reader` may read."""
        ...

    def experts(
        self, text: str, asker: Person, *, excluding: Collection[int] = (), limit: int = 5, sure: bool = True
    ) -> list[Match]:
        """People who may be asked by `asker`, without `excluding` and without the asker."""
        ...

    def networks(self, text: str, asker: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        """Networks that `asker` may read or join."""
        ...

    def after(self, catalogue: Catalogue) -> "Matcher":
        """The matcher of a newer catalogue; this one goes on answering as before."""
        ...
