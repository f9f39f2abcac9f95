"""What the subject asks of a matcher, and what it may learn from."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from knowledge.item import Item
from knowledge.people import Person
from knowledge.places import Audience, Network, Topic

T = TypeVar("T")
K = TypeVar("K", bound=Any)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something fits, as a fact: dialogs/ words it in the reader's language.

    kinds: topics {"topics": [topic keys]}, language {"language": code},
    answered {"count": n, "last": datetime | None}, network {"network": id}, words {"words": [the words shared]},
    moderates {"network": id}, meaning {} (the same in other words), profile {"topics": [their topic keys]} (near, by
    what they work on), passed_on {} (a colleague named them), facilitator {} (a facilitator chose them),
    opening {"opening": id} (its asker opened it to more voices).
    """

    kind: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate: the id of an item, person or network; `score` in 0..1 (1 = surely right); best first in lists.

    `fits` says whether the score reaches the matcher's threshold for its kind; False only where asked for.
    """

    id: int
    score: float
    reasons: tuple[Reason, ...] = ()
    fits: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """What a matcher reads in a text. `language` is a code, "" when it cannot tell; `topics` are curated keys."""

    language: str = ""
    topics: tuple[str, ...] = ()


# What use teaches. Each entry is known by its question (and expert): a newer one replaces it.


@dataclass(frozen=True, slots=True)
class Answered:
    """A past question an expert answered, `at` their first answer (UTC). `helped` is None while the asker has not
    said, and False for whoever answered before it was taken to somebody else."""

    question: int
    expert: int
    text: str
    language: str
    at: datetime
    helped: bool | None = None


class Ended(StrEnum):
    """How an offer ended. EXPIRED: without a word from them, `Offered.until` somebody else took it, the question was
    taken back, or it went on to the facilitator; after a few minutes that says nothing of them. UNREACHED: it never
    came to them, which says nothing of them at all."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    PASSED = "passed"
    EXPIRED = "expired"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer made to an expert, without its text. Times are UTC; `until` is None while it is open."""

    question: int
    expert: int
    at: datetime
    ended: Ended = Ended.OPEN
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reused:
    """ "This answers it", said of an item by somebody who asked in these words, `at` then (UTC).

    The words are private: they may rank the item, for a reader who may read `audience` (the circle in which it was
    asked), and are shown to nobody, in no reason. The catalogue has none whose item goes to a wider audience.
    """

    question: int
    item: int
    text: str
    language: str
    at: datetime
    audience: Audience


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed from one version of the catalogue to a newer one, `version`.

    By id: the new value, None when gone. `history`, `offers` and `reused` have what is new or said anew; what they do
    not name stays. Topics never change by a delta: they ask for a whole new matcher.
    """

    version: int
    items: Mapping[int, Item | None] = field(default_factory=dict)
    experts: Mapping[int, Person | None] = field(default_factory=dict)
    networks: Mapping[int, Network | None] = field(default_factory=dict)
    history: Sequence[Answered] = ()
    offers: Sequence[Offered] = ()
    reused: Sequence[Reused] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All a matcher is built from, at one version of the database.

    `experts` are the people who may be offered questions. Topics, networks, experts and items by id; what use teaches
    by question and expert.
    """

    version: int
    topics: Sequence[Topic] = ()
    networks: Sequence[Network] = ()
    experts: Sequence[Person] = ()
    items: Sequence[Item] = ()
    history: Sequence[Answered] = ()
    offers: Sequence[Offered] = ()
    reused: Sequence[Reused] = ()

    def after(self, delta: Delta) -> "Catalogue":
        """The catalogue at the delta's version; this one stays as it is."""
        return Catalogue(
            version=delta.version,
            topics=self.topics,
            networks=_changed(self.networks, delta.networks, lambda one: one.id),
            experts=_changed(self.experts, delta.experts, lambda one: one.id),
            items=_changed(self.items, delta.items, lambda one: one.id),
            history=_changed(self.history, {of_pair(one): one for one in delta.history}, of_pair),
            offers=_changed(self.offers, {of_pair(one): one for one in delta.offers}, of_pair),
            reused=_changed(self.reused, {of_question(one): one for one in delta.reused}, of_question),
        )


def of_pair(one: Answered | Offered) -> tuple[int, int]:
    """What an entry is known by, and sorted by."""
    return one.question, one.expert


def of_question(one: Reused) -> int:
    """What an entry is known by, and sorted by."""
    return one.question


def _changed(before: Sequence[T], changes: Mapping[K, T | None], key: Callable[[T], K]) -> Sequence[T]:
    if not changes:
        return before
    kept: dict[K, T | None] = {key(one): one for one in before}
    kept.update(changes)
    return tuple(one for _, one in sorted(kept.items(), key=itemgetter(0)) if one is not None)


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


ALIKE = 0.62
"""Of two short texts that are no less alike, people say more often than not that they ask for the same."""


class Matcher(Protocol):
    """Ranks what fits a question, best first; an empty list means nobody or nothing fits well enough.

    Who may see or be asked is decided before ranking: a candidate the reader may not know of never counts. With
    `sure` False what does not fit well enough comes too, nearest first and marked by `Match.fits`: for people who
    choose, never for sending.
    """

    version: int

    def seen(self, text: str) -> Seen:
        """The language and the topics it reads in a text."""
        ...

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

    def likeness(self, text: str, others: Sequence[str]) -> list[float]:
        """How alike a text and each of the others are, in whatever languages: from 0 to 1, and `ALIKE` or more where
        they may well ask for the same."""
        ...

    def after(self, delta: Delta) -> "Matcher":
        """The matcher of the newer version. This one answers as before: other threads are still asking it."""
        ...
