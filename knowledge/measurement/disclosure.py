"""What may be told of people's answers: the one rule behind chat, page, export and programs.

A group is told when it is large enough, and when no three of its people who lay their own answers side by side can work
out a fourth. Groups are told as parts that do not overlap: then whatever is subtracted from whatever else is a group
that was told itself, or several of them. Sizes alone do not protect: five who all chose the same point are five answers
known, and a region left out is the total less the others (complementary suppression: L. Willenborg and T. de Waal,
Elements of Statistical Disclosure Control, Springer 2001, chapter 6). Nor does a rule that anybody knows: that a group
was not told would say that its people agree (a minimality attack: R. Wong and others, VLDB 2007). So some that might be
told are not, by lot.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

KNOWN = 3
"""How many people may lay together what they said themselves, and still learn nobody else's answer."""

BY_LOT = 1 / 6
"""The part of all that may be told apart and is not: so that nothing follows from not being told."""

ELSEWHERE = ""
"""The part of all who are not told apart."""

Parts = Mapping[str, Mapping[int, int]]
"""How many chose what, by part of the community (a region)."""


def tellable(counts: Iterable[int], least: int) -> bool:
    """Whether a group may be told of which so many chose each possibility.

    It has `least` people or more, and more than `KNOWN` of them chose otherwise than most did. Were they fewer, those
    few would know what each of the others chose. As it is, whichever `KNOWN` are taken out, somebody remains who did
    not choose what another of the rest chose.
    """
    sizes = list(counts)
    total = sum(sizes)
    return total >= least and total - max(sizes, default=0) > KNOWN


def tellable_people(values: Iterable[tuple[int, Hashable]], least: int) -> bool:
    """The same where one person may stand for several things: of (person, what). There are `least` people or more, and
    whatever it is, more than `KNOWN` of them stand for something else too."""
    by_person: defaultdict[int, set[Hashable]] = defaultdict(set)
    for person, value in values:
        by_person[person].add(value)
    alone = Counter(next(iter(found)) for found in by_person.values() if len(found) == 1)
    return len(by_person) >= least and len(by_person) - max(alone.values(), default=0) > KNOWN


def told_apart(parts: Parts, least: int, lots: Random | None = None) -> frozenset[str]:
    """The parts to tell one by one: each may be told, and so may all that is left, or nothing is left.

    The smallest are given up first. ELSEWHERE is never among them. With `lots` some are left out by lot; that is for
    whoever decides it first, and what was decided stands (`knowledge.mixing`).
    """
    answers = {part: list(Counter(counts).elements()) for part, counts in parts.items()}
    return apart(answers, lambda some: tellable(Counter(some).values(), least), lots)


def apart(
    parts: Mapping[str, Sequence[T]], may: Callable[[Sequence[T]], bool], lots: Random | None = None
) -> frozenset[str]:
    """`told_apart` of whatever the parts are made of, by any rule of what `may` be told together."""
    able = [part for part, found in parts.items() if part != ELSEWHERE and may(found)]
    if lots is not None:
        able = [part for part in sorted(able) if lots.random() >= BY_LOT]
    shown = sorted(able, key=lambda part: (-len(parts[part]), part))
    rest = [one for part, found in parts.items() if part not in shown for one in found]
    while shown and rest and not may(rest):
        rest += parts[shown.pop()]
    return frozenset(shown)


def told(parts: Parts, least: int, lots: Random | None = None) -> dict[str, dict[int, int]]:
    """What may be told of a table: its parts told apart and the others as ELSEWHERE; {} where not even all together
    may be. Zeros are left out."""
    together = _together(parts, set(parts))
    if not tellable(together.values(), least):
        return {}
    shown = told_apart(parts, least, lots)
    rest = _together(parts, set(parts) - shown)
    kept = {part: Counter(parts[part]) for part in shown} | ({ELSEWHERE: rest} if rest else {})
    return {part: {what: count for what, count in counts.items() if count} for part, counts in kept.items()}


def _together(parts: Parts, which: Iterable[str]) -> Counter[int]:
    found: Counter[int] = Counter()
    for part in which:
        found.update(parts[part])
    return +found
