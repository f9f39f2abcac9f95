"""Can anybody's asking, helping, or word on an answer be worked out from what is told of a month's activity?

Made-up months, released by the product (`knowledge.measurement.releasing`), and those who try: they know the rule, who
is from where, how many asked in each place, and all that up to three people asked, did and said. They ask for every
slice there is (a network, a region, both), add and subtract, and lay what they know beside each group that follows.
Beside it, in the same run, what tools tell that look at sizes alone: every slice of five or more.

`bench.disclosure` runs it with its surveys.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar

from knowledge.hours import Hours
from knowledge.measurement.activity import Given, Member, Passage, Window
from knowledge.measurement.disclosure import ELSEWHERE, apart, tellable_people
from knowledge.measurement.profiles import Profile, Seen
from knowledge.measurement.releasing import Release, release
from knowledge.question import Outcome

SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
REGIONS = ("africa", "arab-states", "asia-pacific", "europe-cis", "latin-america-caribbean")
NETWORKS = 5
MOST_DERIVED = 400
DEALINGS, ENOUGH = 200, 20

Facts = Mapping[int, frozenset[Hashable]]
"""What is to be kept from others: by person, what holds of them."""
T = TypeVar("T")
Group = frozenset[tuple[int, Hashable]]
"""Facts whose counts are told together."""


@dataclass(frozen=True, slots=True)
class Month:
    window: Window
    released: Release


def month_of(members: int, random: Random) -> Month:
    """From divided to almost all alike, from almost silent to where almost all ask, and networks that differ."""
    sizes = [random.uniform(0.2, 2.0) for _ in REGIONS]
    people = [Member(number, random.choices(REGIONS, sizes)[0], SINCE - timedelta(days=9)) for number in range(members)]
    asks, helps, comes = (random.uniform(0.05, 0.95) for _ in range(3))
    asked = [one for one in people if random.random() < asks]
    helped = [one for one in people if random.random() < helps] or people[:1]
    busy = [random.uniform(0.1, 2.0) for _ in range(NETWORKS)]
    content = [random.choice((0.05, 0.5, 0.8, 0.97)) for _ in range(NETWORKS)]
    passages = []
    for one in asked:
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            network = random.choices(range(NETWORKS), busy)[0]
            helper = random.choice(helped)
            at = SINCE + random.random() * timedelta(days=25)
            solved = random.random() < content[network]
            outcome = random.choice((None, Outcome.SOLVED if solved else Outcome.NO))
            given = Given(helper.id, helper.region, at + timedelta(hours=random.expovariate(0.2)), network + 1)
            passages.append(
                Passage(at, None, (given,), one.id, one.region, outcome, 1, 0, 1, None, network=network + 1)
            )
    here = frozenset(one.id for one in people if random.random() < comes)
    did = frozenset(one.id for one in asked), frozenset(given.by for one in passages for given in one.answers)
    window = Window(SINCE, UNTIL, passages, people, Seen(*did, frozenset(), did[0] | did[1], here))
    return Month(window, release(window, Hours(), random)[0])


def _said(some: Iterable[Passage]) -> Group:
    """What askers said, question by question: by person and whether it was solved."""
    return frozenset((one.asker, (id(one), one.outcome)) for one in some if one.outcome is not None)


def _outcome(fact: Hashable) -> Hashable:
    return fact[1] if isinstance(fact, tuple) else fact


def told_of_outcomes(month: Month) -> frozenset[Group]:
    """Every group of which the product tells how many were solved; the whole among them."""
    whole = month.released.whole.done
    found = {_said(month.window.passages)} if whole is not None and whole.solved_rate is not None else set()
    for one in month.released.slices:
        if one.network and one.activity.done is not None and one.activity.done.solved_rate is not None:
            inside = _said(_within(month.window.passages, one.network, one.region))
            rate = one.activity.done.solved_rate
            solved = sum(_outcome(fact) is Outcome.SOLVED for _, fact in inside)
            assert (rate.count, rate.n) == (solved, len(inside)), "the simulation and the product disagree"
            found.add(inside)
    return frozenset(found)


def outcomes_by_size(month: Month) -> frozenset[Group]:
    """As tools tell them that ask for five askers and nothing else: each network, each region, and both."""
    found = set()
    for network in ("", *map(str, range(1, NETWORKS + 1))):
        for region in ("", *REGIONS):
            inside = _said(_within(month.window.passages, network, region))
            if len({person for person, _ in inside}) >= 5:
                found.add(inside)
    return frozenset(found)


def _within(passages: Sequence[Passage], network: str, region: str) -> list[Passage]:
    return [
        one for one in passages if network in ("", str(one.network)) and region in ("", one.asker_region)
    ]  # fmt: skip


DID: Mapping[str, Callable[[Seen, int], Hashable]] = {
    "kind": lambda seen, person: seen.profile(person),
    "asked": lambda seen, person: person in seen.asked,
    "helped": lambda seen, person: person in seen.helped,
    "active": lambda seen, person: person in seen.active,
}


def told_of_people(month: Month, did: str) -> frozenset[Group]:
    window = month.window
    told = [one.region for one in month.released.slices if not one.network]
    parts = [[one for one in window.members if one.region == region] for region in told]
    whole = month.released.whole.people
    shown = {"kind": "profiles", "asked": "profiles", "helped": "helping", "active": "active"}[did]
    if whole is not None and getattr(whole, shown) is not None:
        parts.append(list(window.members))
    return frozenset(frozenset((one.id, DID[did](window.seen, one.id)) for one in part) for part in parts)


def people_by_size(month: Month, did: str) -> frozenset[Group]:
    window = month.window
    parts = [[one for one in window.members if region in ("", one.region)] for region in ("", *REGIONS)]
    return frozenset(
        frozenset((one.id, DID[did](window.seen, one.id)) for one in part) for part in parts if len(part) >= 5
    )


def derived(told: frozenset[frozenset[T]], most: int) -> set[frozenset[T]]:
    """Every group whose counts follow from those told, by adding what is apart and subtracting what lies within; about
    `most` of them, since each that is found gives more."""
    known, new = set(told), set(told)
    while new and len(known) < most:
        found: set[frozenset[T]] = set()
        for one in new:
            for other in known:
                if one < other:
                    found.add(other - one)
                elif other < one:
                    found.add(one - other)
                elif not one & other:
                    found.add(one | other)
            if len(found) > most:
                break
        new = found - known - {frozenset()}
        known |= new
    return known


def recovered(told: frozenset[Group], known: int, hides: Callable[[Hashable], bool]) -> set[int]:
    """Of whom something follows that `hides` keeps, for some `known` people who lay all that is theirs together."""
    found: set[int] = set()
    for group in derived(told, MOST_DERIVED):
        facts: defaultdict[int, set[Hashable]] = defaultdict(set)
        for person, fact in group:
            facts[person].add(_outcome(fact))
        alone = Counter(next(iter(some)) for some in facts.values() if len(some) == 1)
        for fact, people in alone.items():
            if hides(fact) and len(facts) - people <= known:
                found |= {person for person, some in facts.items() if some == {fact}}
    return found


def reasoned(month: Month, known: int, random: Random) -> set[int]:
    """Whose word follows from what was not told apart: what askers of the other networks said is dealt out anew, and a
    dealing that would have been told otherwise is dropped."""
    passages = [one for one in month.window.passages if one.outcome is not None]
    slices = month.released.slices
    shown = frozenset(
        one.network
        for one in slices
        if one.network and not one.region and one.activity.done is not None and one.activity.done.solved_rate
    )
    base = frozenset(one.network for one in slices if one.network and not one.region)
    hidden = [one for one in passages if str(one.network) not in shown]
    if not hidden or not shown:
        return set()
    place = random.choice(hidden).network
    near = sorted({one.asker for one in hidden if one.network == place})
    together = set(random.sample(near, min(known, len(near))))
    free = [one for one in hidden if one.asker not in together]
    outcomes = [one.outcome for one in free]
    fixed: defaultdict[str, list[tuple[int, Hashable]]] = defaultdict(list)
    for one in passages:
        if str(one.network) in shown or one.asker in together:
            fixed[_part(one, base)].append((one.asker, one.outcome))
    possible: defaultdict[int, set[Hashable]] = defaultdict(set)
    fitting = 0
    for _ in range(DEALINGS):
        random.shuffle(outcomes)
        parts = {part: list(some) for part, some in fixed.items()}
        for one, outcome in zip(free, outcomes, strict=True):
            parts.setdefault(_part(one, base), []).append((one.asker, outcome))
        if apart(parts, lambda some: tellable_people(some, 5), random) == shown:
            fitting += 1
            for one, outcome in zip(free, outcomes, strict=True):
                possible[one.network or 0].add(outcome)
    if fitting < ENOUGH:
        return set()
    return {one.asker for one in free if len(possible[one.network or 0]) == 1}


def _part(one: Passage, base: frozenset[str]) -> str:
    return str(one.network) if str(one.network) in base else ELSEWHERE


def _is_something(fact: Hashable) -> bool:
    """That somebody did nothing is not kept from others: most do nothing in most months."""
    return fact not in (False, Profile.SILENT)


def run(seed: int, members: int, months: int, known: int) -> dict[str, float]:
    random = Random(f"activity {seed}")
    ours, plain, told, possible = 0, 0, 0, 0
    for _ in range(months):
        month = month_of(members, random)
        outcomes = recovered(told_of_outcomes(month), known, bool)
        ours += len(outcomes | reasoned(month, known, random))
        plain += len(recovered(outcomes_by_size(month), known, bool))
        for did in DID:
            ours += len(recovered(told_of_people(month, did), known, _is_something))
            plain += len(recovered(people_by_size(month, did), known, _is_something))
        told += len(month.released.slices)
        places = {(str(one.network), region) for one in month.window.passages for region in ("", one.asker_region)}
        possible += len(places) + len({one.region for one in month.window.members})
    return {
        "months": months,
        "recovered_activity": ours,
        "recovered_activity_k_only": plain,
        "slices_published_share": round(told / possible, 3) if possible else 0.0,
    }
