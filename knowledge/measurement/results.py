"""What closed surveys say: the one place that chat, pages, exports and programs read results from."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import scipy

from knowledge.measurement.disclosure import ELSEWHERE, told
from knowledge.mixing import Remark
from knowledge.survey import POINTS, State, Survey

EARLY = 20
"""With fewer answers a result is an early signal."""
FAVOURABLE = (4, 5)
"""The points that count as agreeing."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of `n`, 0 to 1, with its Wilson 95 % interval."""

    count: int
    n: int
    low: float
    high: float

    @property
    def part(self) -> float:
        return self.count / self.n


# The library works out a p-value beside each interval: some milliseconds, and a report says the same shares often.
@lru_cache(maxsize=65_536)
def share(count: int, n: int) -> Share | None:
    """None of nothing: nothing is known then, which is not 0 %.

    E. B. Wilson, Probable inference, Journal of the American Statistical Association 22 (1927).
    """
    if n == 0:
        return None
    interval = scipy.stats.binomtest(count, n).proportion_ci(0.95, method="wilson")
    return Share(count, n, float(interval.low), float(interval.high))


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many chose each point, 1 to 5; never empty."""

    counts: tuple[int, ...]

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def early(self) -> bool:
        return self.n < EARLY

    @property
    def mean(self) -> float:
        return sum(point * count for point, count in zip(POINTS, self.counts, strict=True)) / self.n

    @property
    def favourable(self) -> Share:
        found = share(sum(self.counts[point - 1] for point in FAVOURABLE), self.n)
        assert found is not None, "a distribution is never empty"
        return found


@dataclass(frozen=True, slots=True)
class Result:
    """What one item got in one survey. `apart` are the regions that may be told, and ELSEWHERE for all others if there
    are any; together they are `together`. `response` is how many of those asked answered, None where that may not be
    told; `responses` the same by region."""

    item: str
    together: Distribution
    apart: Mapping[str, Distribution]
    response: Share | None
    responses: Mapping[str, Share]


def released(
    survey: Survey,
    counts: Mapping[tuple[str, str, int], int],
    turnout: Mapping[tuple[str, str], tuple[int, int]],
) -> list[Result]:
    """The results of a survey in the order of its items; none while it is open.

    `counts` are by item, region and point, `turnout` by item and region: asked and answered. Whatever they hold, only
    what may be told comes out: counts that were kept by another rule are put together until they may.
    """
    if survey.state is not State.CLOSED:
        return []
    answers: defaultdict[str, defaultdict[str, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for (item, region, point), count in counts.items():
        answers[item][region][point] += count
    asked: defaultdict[str, dict[str, dict[int, int]]] = defaultdict(dict)
    for (item, region), (of, some) in turnout.items():
        asked[item][region] = {1: some, 0: of - some}
    found = []
    for item in survey.items:
        parts = told(answers[item], survey.least_scores)
        if not parts:
            continue
        known = {region: _distribution(points) for region, points in parts.items()}
        together = Distribution(tuple(map(sum, zip(*(one.counts for one in known.values()), strict=True))))
        turned_out = told(asked[item], survey.least_scores)
        everybody: Counter[int] = sum(map(Counter, turned_out.values()), Counter())
        found.append(
            Result(
                item=item,
                together=together,
                apart=known if known.keys() != {ELSEWHERE} else {},
                response=_share(everybody),
                responses={region: one for region, some in turned_out.items() if (one := _share(some)) is not None},
            )
        )
    return found


def _distribution(points: Mapping[int, int]) -> Distribution:
    return Distribution(tuple(points.get(point, 0) for point in POINTS))


def _share(some: Mapping[int, int]) -> Share | None:
    return share(some.get(1, 0), sum(some.values()))


def remarks_told(survey: Survey, remarks: Sequence[Remark]) -> dict[str, list[str]]:
    """What may be read of the comments on a survey, by item ("" = on all of it): of a closed one, from its least number
    on, without anything that says whose they are. The one way to them."""
    if survey.state is not State.CLOSED:
        return {}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in remarks:
        found[one.item].append(one.text)
    return {item: said for item, said in found.items() if len(said) >= survey.least_remarks}


class Change(StrEnum):
    UP = "up"
    DOWN = "down"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Moved:
    """From one survey to a later one. `p` is the two-sided probability of so large a difference by chance."""

    way: Change
    p: float


def moved(before: Distribution, after: Distribution) -> Moved:
    """Whether agreement rose or fell between two groups of answers that nobody can pair: the Mann–Whitney U test with
    its correction for ties, and an arrow only where it is below 5 % and the intervals of both shares do not overlap.

    H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947).
    """
    p = float(scipy.stats.mannwhitneyu(_points(before), _points(after), method="asymptotic").pvalue)
    old, new = before.favourable, after.favourable
    way = Change.UNCLEAR
    if p < 0.05 and new.low > old.high:
        way = Change.UP
    elif p < 0.05 and new.high < old.low:
        way = Change.DOWN
    return Moved(way, p)


def _points(of: Distribution) -> Sequence[int]:
    return [point for point, count in zip(POINTS, of.counts, strict=True) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Index:
    """A domain at a glance: the mean of its items' favourable shares, 0 to 1, over the `told` of its `items` that may
    be told. The interval takes the items as independent, which is what a rotation makes them."""

    domain: str
    part: float
    low: float
    high: float
    told: int
    items: int


def index(domain: str, items: Sequence[str], results: Sequence[Result]) -> Index | None:
    """None where nothing of the domain may be told. Interval by the normal approximation of a mean of shares."""
    found = [one.together.favourable for one in results if one.item in items]
    if not found:
        return None
    # Agresti and Coull's two of each keep the interval open where all agree (The American Statistician 52, 1998).
    near = [((one.count + 2) / (one.n + 4), one.n + 4) for one in found]
    error = sum(part * (1 - part) / n for part, n in near) ** 0.5 / len(found)
    z = float(scipy.stats.norm.ppf(0.975))
    middle, at = sum(part for part, _ in near) / len(near), sum(one.part for one in found) / len(found)
    return Index(domain, at, max(0.0, middle - z * error), min(1.0, middle + z * error), len(found), len(items))
