"""What is kept of a survey's answers: counts, of groups in which an answer can hide.

The ledger knows who answered which item, and the directory knows everybody's region. Whoever holds both could read a
single answer from one region as that person's. So answers are counted when their survey closes and not before, an
item that may not be told is not kept at all, and a region only where it and what remains may both be told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random

from knowledge.measurement.disclosure import told


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
    """What remains of a survey. `counts` by (item, region, point); `lost` answers were destroyed, since not even all of
    an item together may be told."""

    counts: Mapping[tuple[str, str, int], int]
    remarks: tuple[Remark, ...]
    lost: int


def mixed(sealed: Iterable[Response | Remark], least_scores: int, least_remarks: int, random: Random) -> Kept:
    """Counts answers and shuffles comments; what may not be told (`knowledge.measurement.disclosure`) is left out for
    ever, and regions that may not be told apart are counted as ELSEWHERE."""
    counts: defaultdict[str, Counter[tuple[str, int]]] = defaultdict(Counter)
    remarks: defaultdict[str, list[Remark]] = defaultdict(list)
    for one in sealed:
        if isinstance(one, Remark):
            remarks[one.item].append(one)
        else:
            counts[one.item][one.region, one.point] += 1
    kept: dict[tuple[str, str, int], int] = {}
    lost = 0
    for item, found in counts.items():
        parts: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for (region, point), count in found.items():
            parts[region][point] += count
        tellable = told(parts, least_scores, random)
        if not tellable:
            lost += found.total()
        for region, points in tellable.items():
            kept |= {(item, region, point): count for point, count in points.items()}
    comments = [one for said in remarks.values() if len(said) >= least_remarks for one in said]
    random.shuffle(comments)
    return Kept(kept, tuple(comments), lost)
