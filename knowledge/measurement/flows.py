"""Where knowledge flows: how many answers went from which group to which, told only where nobody can be found in it.

Whoever answered must not learn from it where the asker is from, nor the asker where the answer is from. So a group is
shown by itself only where the people at the other end of its answers may be told of (`disclosure.tellable_people`); the
others are put together, on each side, until that is so of them too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from knowledge.measurement.disclosure import BY_LOT, ELSEWHERE, apart, tellable_people

LEAST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """One answer: from whom, of which group, to whom, of which. People are counted, never told."""

    source: str
    helper: int
    target: str
    asker: int


@dataclass(frozen=True, slots=True)
class Flow:
    """So many answers from the people of one group to those of another; ELSEWHERE are all who are not told apart."""

    source: str
    target: str
    answers: int


def flows(sent: Sequence[Sent], lots: Random | None = None) -> tuple[Flow, ...]:
    """The whole matrix, without empty cells; () where not even all together may be told."""
    sources, targets = ({one.source for one in sent}, {one.target for one in sent})
    if lots is not None:
        sources, targets = ({one for one in sorted(side) if lots.random() >= BY_LOT} for side in (sources, targets))
    # Each time one side is put together the other side's ends are fewer and larger groups, and are judged anew.
    while True:
        grouped = [(_among(one.source, sources), _among(one.target, targets), one) for one in sent]
        by_source = _apart((source, target, one.asker) for source, target, one in grouped)
        by_target = _apart((target, source, one.helper) for source, target, one in grouped)
        if by_source is None or by_target is None:
            return ()
        if by_source | {ELSEWHERE} >= sources and by_target | {ELSEWHERE} >= targets:
            counts = Counter((source, target) for source, target, _ in grouped)
            return tuple(Flow(source, target, count) for (source, target), count in sorted(counts.items()))
        sources, targets = sources & by_source, targets & by_target


def _among(group: str, shown: set[str]) -> str:
    return group if group in shown else ELSEWHERE


def _apart(ends: Iterable[tuple[str, str, int]]) -> frozenset[str] | None:
    """Which groups may be shown by themselves, of (group, group at the other end, person there); None where not even
    all together may be."""
    parts: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for group, other, person in ends:
        parts[group].append((person, other))
    if not tellable_people((one for part in parts.values() for one in part), LEAST_PEOPLE):
        return None
    return apart(parts, lambda some: tellable_people(some, LEAST_PEOPLE))
