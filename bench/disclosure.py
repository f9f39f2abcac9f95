"""Can anybody's answer be worked out from what surveys tell? Simulated communities, and people who try.

Each survey is answered by people of known regions, closed and counted by the product (`knowledge.mixing`), and read as
chat, page and export read it (`knowledge.measurement.results.released`). Beside it, in the same run, the same answers
as most tools tell them: each group of five or more, by region, by role and by both, and while the survey runs.

    python -m bench.disclosure --seed 1 --members 80 --attackers 3 [--surveys 200] [--json]

Those who try know the rule, who answered in which window and from where, and up to three answers, their own. They

- add and subtract: a group whose counts follow from groups that were told is as good as told, over slices that overlap
  and over windows;
- lay what they know beside each such group: whoever is left is known when all that is left is one answer;
- do the same with a month's activity, by network, region and both (`bench.activity`);
- reason from what was withheld: the answers of all who are not told apart are dealt out anew, again and again, and a
  dealing that would have been told otherwise is dropped. What all the others agree on is known.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from bench import activity
from knowledge.measurement.disclosure import ELSEWHERE, KNOWN, told_apart
from knowledge.measurement.results import released
from knowledge.mixing import Response, mixed
from knowledge.survey import LEAST_REMARKS, LEAST_SCORES, POINTS, Kind, State, Survey

SURVEYS = 200
REGIONS = ("africa", "arab-states", "asia-pacific", "europe-cis", "latin-america-caribbean")
ROLES = ("member", "expert")
MOST_DERIVED = 600
"""Groups that those who try work out of one survey before they give up."""
COALITIONS, DEALINGS, ENOUGH = 4, 200, 20
"""Who lays their answers together, how often hidden answers are dealt out anew, and from how many dealings that fit
something is concluded."""

Group = frozenset[int]
"""The answers in it, by number."""


@dataclass(frozen=True, slots=True)
class Answer:
    number: int
    window: int
    region: str
    role: str
    point: int


def answers_of(members: int, random: Random) -> list[Answer]:
    """Who answers in which of two windows, and what: from divided to almost all alike, and regions that differ."""
    sizes = [random.uniform(0.2, 2.0) for _ in REGIONS]
    rate, alike = random.uniform(0.2, 0.9), random.choice((0.4, 1.0, 3.0, 8.0))
    likes = {region: [random.gammavariate(1 / alike, 1) + 1e-9 for _ in POINTS] for region in REGIONS}
    found = []
    for number in range(members):
        region = random.choices(REGIONS, sizes)[0]
        role = random.choices(ROLES, (4, 1))[0]
        if random.random() < rate:
            window = random.randrange(2)
            found.append(Answer(number, window, region, role, random.choices(POINTS, likes[region])[0]))
    return found


def group(answers: Sequence[Answer], belongs: Callable[[Answer], bool] = lambda _: True) -> Group:
    return frozenset(one.number for one in answers if belongs(one))


# What is told


@dataclass(frozen=True, slots=True)
class Published:
    """`told` are the groups whose counts are told, `apart` the regions told apart by window; `cells` of `possible`."""

    told: frozenset[Group]
    apart: tuple[frozenset[str], ...]
    cells: int
    possible: int


def by_our_rule(answers: Sequence[Answer], random: Random) -> Published:
    """As the product closes each window, counts it, and tells its results."""
    told, apart, cells, possible = set(), [], 0, 0
    for window in range(2):
        inside = [one for one in answers if one.window == window]
        sealed = [Response("O1", one.point, one.region) for one in inside]
        random.shuffle(sealed)
        kept = mixed(sealed, LEAST_SCORES, LEAST_REMARKS, random)
        survey = Survey(1 + window, Kind.ROTATION, ("O1",), 28, seed=1, state=State.CLOSED)
        shown: frozenset[str] = frozenset()
        for result in released(survey, kept.counts, {}):
            shown = frozenset(result.apart) - {ELSEWHERE}
            groups = {
                region: group(inside, lambda one, region=region: one.region == region)  # type: ignore[misc]
                for region in shown
            }
            groups["*"] = group(inside)
            for region, within in groups.items():
                one = result.together if region == "*" else result.apart[region]
                assert one.counts == _points(answers, within), "the simulation and the product disagree"
            told |= set(groups.values())
            cells += len(groups)
        apart.append(shown)
        possible += 1 + len({one.region for one in inside})
    return Published(frozenset(told), tuple(apart), cells, possible)


def by_size_alone(answers: Sequence[Answer]) -> Published:
    """As most tools tell them: every group of five or more, by region, by role and by both, at each look; the second
    look counts on from the first."""
    told, possible = set(), 0
    for looked in (1, 2):
        seen = [one for one in answers if one.window < looked]
        for region in (*REGIONS, ""):
            for role in (*ROLES, ""):
                within = group(
                    seen,
                    lambda one, region=region, role=role: region in ("", one.region) and role in ("", one.role),  # type: ignore[misc]
                )
                possible += bool(within)
                if len(within) >= LEAST_SCORES:
                    told.add(within)
    return Published(frozenset(told), (), len(told), possible)


def _points(answers: Sequence[Answer], within: Group) -> tuple[int, ...]:
    found = Counter(one.point for one in answers if one.number in within)
    return tuple(found[point] for point in POINTS)


# What is made of it


def recovered(answers: Sequence[Answer], told: frozenset[Group], known: int) -> set[int]:
    """Whose answer follows, for some `known` people who lay theirs together."""
    point = {one.number: one.point for one in answers}
    found: set[int] = set()
    for within in activity.derived(told, MOST_DERIVED):
        counts = Counter(point[number] for number in within)
        for most, count in counts.items():
            if len(within) - count <= known:
                found |= {number for number in within if point[number] == most}
    return found


def reasoned(answers: Sequence[Answer], published: Published, known: int, random: Random) -> set[int]:
    """Whose answer follows from what was not told apart."""
    found: set[int] = set()
    for window, shown in enumerate(published.apart):
        inside = [one for one in answers if one.window == window]
        hidden = [one for one in inside if one.region not in shown]
        if not hidden or group(inside) not in published.told:
            continue
        open_parts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for one in inside:
            if one.region in shown:
                open_parts[one.region][one.point] += 1
        for _ in range(COALITIONS):
            # Those who have most to gain: all of one region, where it has so many.
            place = random.choice(hidden).region
            near = [one for one in hidden if one.region == place]
            together = {one.number for one in random.sample(near, min(known, len(near)))}
            possible = _dealt(hidden, together, open_parts, shown, random, DEALINGS)
            if any(len(points) == 1 for points in possible.values()):
                # Was it only rare among so few dealings?
                possible = _dealt(hidden, together, open_parts, shown, random, 20 * DEALINGS)
            found |= {one.number for one in hidden if one.number not in together and len(possible[one.region]) == 1}
    return found


def _dealt(
    hidden: Sequence[Answer],
    together: set[int],
    open_parts: dict[str, Counter[int]],
    shown: frozenset[str],
    random: Random,
    dealings: int,
) -> dict[str, set[int]]:
    """Which answers the others of each region may have given, by all dealings that would have been told as it was; all
    five where too few dealings would. Within a region all are alike to whoever tries."""
    fixed = [one for one in hidden if one.number in together]
    free = [one for one in hidden if one.number not in together]
    points = [one.point for one in free]
    possible: defaultdict[str, set[int]] = defaultdict(set)
    fitting = 0
    for _ in range(dealings):
        random.shuffle(points)
        parts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for one in fixed:
            parts[one.region][one.point] += 1
        for one, point in zip(free, points, strict=True):
            parts[one.region][point] += 1
        if told_apart({**open_parts, **parts}, LEAST_SCORES, random) == shown:
            fitting += 1
            for one, point in zip(free, points, strict=True):
                possible[one.region].add(point)
    return possible if fitting >= ENOUGH else defaultdict(lambda: set(POINTS))


def run(seed: int, members: int, surveys: int, known: int) -> dict[str, float]:
    random = Random(seed)
    people: Counter[str] = Counter()
    cells, possible, told_of_k, possible_of_k = 0, 0, 0, 0
    for _ in range(surveys):
        answers = answers_of(members, random)
        ours, plain = by_our_rule(answers, random), by_size_alone(answers)
        people["ours"] += len(recovered(answers, ours.told, known) | reasoned(answers, ours, known, random))
        people["plain"] += len(recovered(answers, plain.told, known))
        people["subtracted"] += len(recovered(answers, plain.told, 0))
        people["answers"] += len(answers)
        cells, possible = cells + ours.cells, possible + ours.possible
        told_of_k, possible_of_k = told_of_k + plain.cells, possible_of_k + plain.possible
    return {
        "surveys": surveys,
        "recovered": people["ours"],
        "recovered_k_only": people["plain"],
        "recovered_k_only_knowing_nothing": people["subtracted"],
        "answers": people["answers"],
        "cells_published_share": round(cells / possible, 3) if possible else 0.0,
        "cells_published_share_k_only": round(told_of_k / possible_of_k, 3) if possible_of_k else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Can anybody's answer be worked out from what surveys tell?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--members", type=int, default=80)
    parser.add_argument("--surveys", type=int, default=SURVEYS)
    parser.add_argument(
        "--attackers", type=int, nargs="?", default=KNOWN, const=KNOWN, help="how many lay their answers together"
    )
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = run(asked.seed, asked.members, asked.surveys, asked.attackers)
    found |= activity.run(asked.seed, asked.members, asked.surveys, asked.attackers)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:34} {value}")


if __name__ == "__main__":
    main()
