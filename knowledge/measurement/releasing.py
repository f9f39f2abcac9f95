"""What may be told of a closed month's activity, slice by slice: worked out once, kept, and never worked out again.

Two looks at one month would differ by what came between them, and two slices that overlap by what only one of them
holds. So a month is counted when it is over, and everybody reads what was told then. Slices are of two kinds, and each
figure belongs to one: what became of questions by the network they lie with, and within it by the region of whoever
asked; what people do by their region. Slices of one kind never overlap, and whatever is subtracted is again slices
that were told themselves (`knowledge.measurement.disclosure`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from knowledge.hours import Hours
from knowledge.measurement.activity import (
    LEAST_PEOPLE,
    Activity,
    Done,
    Followed,
    Member,
    Passage,
    Window,
    activity,
    became,
    taking_part,
)
from knowledge.measurement.disclosure import ELSEWHERE, KNOWN, apart, tellable, tellable_people
from knowledge.measurement.flows import Flow, Sent, flows
from knowledge.measurement.profiles import Seen
from knowledge.question import Outcome

NOWHERE = "-"
"""The group of whoever, and of whatever question, belongs to no network."""
MANY_HELPERS = 10
"""From so many on it is told what five of them carry: of six it would say what the sixth did."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What is told of a network (by id; `NOWHERE` for questions that lie with none), of a region, or of both. "" is all
    of them."""

    network: str
    region: str
    activity: Activity


@dataclass(frozen=True, slots=True)
class Release:
    """All that is told of a month, UTC, in slices and whole; answers flow between `regions` and between `networks`."""

    since: datetime
    until: datetime
    whole: Activity
    slices: tuple[Slice, ...]
    regions: tuple[Flow, ...]
    networks: tuple[Flow, ...]

    def of(self, network: str, region: str) -> Activity | None:
        """None where that is not told."""
        if not network and not region:
            return self.whole
        return next((one.activity for one in self.slices if (one.network, one.region) == (network, region)), None)


def release(window: Window, hours: Hours, random: Random) -> tuple[Release, tuple[int, ...]]:
    """Of a window that is over, and who lies on most ways between others, for whoever of them wants to be named.
    `random` draws what is left out by lot: nobody may be able to draw it again."""
    whole, graph = activity(window, hours, random)
    everything: list[_Asked] = [*window.passages, *window.followed]
    assert whole.done is not None, "a window has questions, none at least"
    untold = [name for name, facts in _OF_ASKERS.items() if not tellable_people(facts(everything), LEAST_PEOPLE)]
    silent: dict[str, Any] = dict.fromkeys(untold)
    whole = replace(whole, done=replace(whole.done, **silent))
    members = [one for one in window.members if one.joined_at < window.until]
    if whole.people is not None and not _hides(members, window.seen):
        whole = replace(whole, people=replace(whole.people, profiles=None))
    answers = [(given, one) for one in window.passages for given in one.answers if given.at < window.until]
    return Release(
        since=window.since,
        until=window.until,
        whole=whole,
        slices=(*_by_network(window, untold, hours, random), *_by_region(members, window, random)),
        regions=flows([Sent(given.region, given.by, one.asker_region, one.asker) for given, one in answers], random),
        networks=flows(
            [Sent(_place(given.network), given.by, _place(one.network), one.asker) for given, one in answers], random
        ),
    ), graph.brokers


def _place(network: int | None) -> str:
    return NOWHERE if network is None else str(network)


# What became of questions

_Asked = Passage | Followed
_Facts = Callable[[Iterable[_Asked]], list[tuple[int, Hashable]]]


def _judged(value: Callable[[Passage], Hashable | None]) -> _Facts:
    """Of whoever asked, with what a figure says of them; None is nothing."""
    return lambda some: [
        (one.asker, found) for one in some if isinstance(one, Passage) if (found := value(one)) is not None
    ]


def _crosses(one: Passage) -> bool | None:
    return any(given.region != one.asker_region for given in one.answers) if one.answers else None


# The figures that say what an asker thought or chose. Whether a question was answered, and when, says nothing of who
# asked it.
_OF_ASKERS: Mapping[str, _Facts] = {
    "solved_rate": _judged(lambda one: None if one.outcome is None else one.outcome is Outcome.SOLVED),
    "reuse_rate": _judged(lambda one: one.sent_at is None),
    "named_rate": _judged(lambda one: None if one.sent_at is None else one.tie is not None),
    "spread": _judged(_crosses),
    "applied_rate": lambda some: [(one.asker, one.used) for one in some if isinstance(one, Followed)],
}


def _by_network(window: Window, untold: Collection[str], hours: Hours, random: Random) -> list[Slice]:
    parts = _parts([*window.passages, *window.followed], lambda one: _place(one.network))
    shown = apart(parts, _many_askers, random)
    judged = {
        name: _where_told(parts, shown, facts, random) for name, facts in _OF_ASKERS.items() if name not in untold
    }
    living = Counter(one.region for one in window.members)
    found = []
    for network in sorted(shown):
        told = {name for name, where in judged.items() if network in where}
        found.append(Slice(network, "", _became(window, parts[network], told, hours)))
        within = _parts(parts[network], lambda one: one.asker_region)
        # Where almost everybody of a region asked, each would be known to have asked.
        small = frozenset(region for region, some in within.items() if living[region] - len(_askers(some)) <= KNOWN)
        regions = apart(within, partial(_many_elsewhere, small=small), random)
        in_region = {name: _where_told(within, regions, _OF_ASKERS[name], random) for name in told}
        for region in sorted(regions):
            said = {name for name, where in in_region.items() if region in where}
            found.append(Slice(network, region, _became(window, within[region], said, hours)))
    return found


def _parts(some: Iterable[_Asked], of: Callable[[_Asked], str]) -> dict[str, list[_Asked]]:
    parts: defaultdict[str, list[_Asked]] = defaultdict(list)
    for one in some:
        parts[of(one)].append(one)
    return dict(parts)


def _askers(some: Iterable[_Asked]) -> set[int]:
    """Who asked in the window: a follow-up may be of a question asked before it."""
    return {one.asker for one in some if isinstance(one, Passage)}


def _many_askers(some: Sequence[_Asked]) -> bool:
    return len(_askers(some)) >= LEAST_PEOPLE


def _many_elsewhere(some: Sequence[_Asked], small: frozenset[str]) -> bool:
    return _many_askers(some) and not {one.asker_region for one in some if isinstance(one, Passage)} <= small


def _where_told(
    parts: Mapping[str, Sequence[_Asked]], shown: frozenset[str], facts: _Facts, random: Random
) -> frozenset[str]:
    """Of the parts shown, those in which a figure of askers may be told too. Parts that are not shown are one."""
    rest = [one for part, some in parts.items() if part not in shown for one in facts(some)]
    known = {part: facts(parts[part]) for part in shown} | ({ELSEWHERE: rest} if rest else {})
    return apart(
        {part: some for part, some in known.items() if some}, lambda some: tellable_people(some, LEAST_PEOPLE), random
    )


def _became(window: Window, some: Sequence[_Asked], told: set[str], hours: Hours) -> Activity:
    passages = [one for one in some if isinstance(one, Passage)]
    followed = [one for one in some if isinstance(one, Followed)]
    done = became(passages, followed, window.until, hours)
    helpers = {given.by for one in passages for given in one.answers}
    silent: dict[str, Any] = {name: None for name in _OF_ASKERS if name not in told}
    if len(helpers) < MANY_HELPERS:
        silent["top_five"] = None
    # A sum says what one of them saved where one saved most of it; who declined is theirs to know.
    silent |= {"minutes_saved": None, "decline_rate": None}
    kept: Done = replace(done, **silent)
    return Activity(window.since, window.until, done=kept)


# What people do


def _by_region(members: Sequence[Member], window: Window, random: Random) -> list[Slice]:
    parts: defaultdict[str, list[Member]] = defaultdict(list)
    for one in members:
        parts[one.region].append(one)
    shown = apart(parts, lambda some: _hides(some, window.seen), random) if _hides(members, window.seen) else ()
    return [
        Slice("", region, Activity(window.since, window.until, taking_part(parts[region], window.seen, window.since)))
        for region in sorted(shown)
    ]


def _hides(some: Sequence[Member], seen: Seen) -> bool:
    """Whether nobody among these members can be told by what they did, whichever of their counts is looked at. That
    nobody did something hides nobody and shows nobody."""
    kinds = Counter(seen.profile(one.id) for one in some)
    if not tellable(kinds.values(), LEAST_PEOPLE):
        return False
    for did in (seen.active, seen.asked, seen.helped):
        many = sum(one.id in did for one in some)
        if many and not tellable((many, len(some) - many), LEAST_PEOPLE):
            return False
    return True
