"""What is kept of a survey's answers: counts, of groups that are large enough to hide in.

The ledger knows who answered which item, and the directory knows everybody's region. Whoever holds both could read a
single answer from one region as that person's. So answers are counted when their survey closes and not before, an
item with too few is not kept at all, and a region is kept only where enough answered from it and enough remain.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

ELSEWHERE = ""
"""The region of answers whose own region would say too much."""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, of nobody: `point` 1 to 5, `region` as in the directory."""

    item: str
    point: int
    region: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on an item ("" = on the whole survey), of nobody."""

    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What remains of a survey. `counts` by (item, region, point); `lost` answers were destroyed, being too few."""

    counts: Mapping[tuple[str, str, int], int]
    remarks: tuple[Remark, ...]
    lost: int


def mixed(sealed: Iterable[Response | Remark], least_scores: int, least_remarks: int, random: Random) -> Kept:
    """Counts answers and shuffles comments; what is too little to hide in is left out for ever.

    Every (item, region) that is kept holds `least_scores` answers or more, those ELSEWHERE among them.
    """
    counts: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    remarks: defaultdict[str, list[Remark]] = defaultdict(list)
    for one in sealed:
        if isinstance(one, Remark):
            remarks[one.item].append(one)
        else:
            counts[one.item][one.region, one.point] += 1
    kept: Counter[tuple[str, str, int]] = Counter()
    lost = 0
    for item, found in counts.items():
        if found.total() < least_scores:
            lost += found.total()
            continue
        sizes: Counter[str] = Counter()
        for (region, _), count in found.items():
            sizes[region] += count
        shown = regions_shown(sizes, least_scores)
        for (region, point), count in found.items():
            kept[item, region if region in shown else ELSEWHERE, point] += count
    told = [one for said in remarks.values() if len(said) >= least_remarks for one in said]
    random.shuffle(told)
    return Kept(dict(kept), tuple(told), lost)


def regions_shown(sizes: Mapping[str, int], least: int) -> frozenset[str]:
    """The regions that may be told apart: each has `least` or more, and what is left over has none, or `least` or more.

    The smallest are given up first.
    """
    by_size = sorted((region for region in sizes if region != ELSEWHERE), key=lambda region: (-sizes[region], region))
    shown = [region for region in by_size if sizes[region] >= least]
    rest = sum(sizes.values()) - sum(sizes[region] for region in shown)
    while shown and 0 < rest < least:
        rest += sizes[shown.pop()]
    return frozenset(shown)
