"""What is kept of answers: groups that are large enough to hide in."""

from collections import Counter
from itertools import combinations, combinations_with_replacement
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.measurement.disclosure import ELSEWHERE, KNOWN, told, told_apart
from knowledge.mixing import Remark, Response, mixed
from knowledge.survey import Kind, Survey, expected, margin

REGIONS = ("africa", "asia-pacific", "latin-america-caribbean", "global")
RESPONSES = st.builds(
    Response, st.sampled_from(["O1", "O2", "C1"]), st.integers(1, 5), st.sampled_from(REGIONS)
)  # fmt: skip
REMARKS = st.builds(Remark, st.sampled_from(["O1", ""]), st.text(min_size=1, max_size=5))


@given(said=st.lists(RESPONSES | REMARKS, max_size=120), least=st.integers(2, 8), seed=st.integers())
def test_every_group_that_is_kept_is_large_enough(said: list[Response | Remark], least: int, seed: int) -> None:
    kept = mixed(said, least, 2 * least, Random(seed))
    groups: Counter[tuple[str, str]] = Counter()
    most: Counter[tuple[str, str]] = Counter()
    for (item, region, _), count in kept.counts.items():
        groups[item, region] += count
        most[item, region] = max(most[item, region], count)
    assert all(size >= least and size - most[group] > KNOWN for group, size in groups.items())
    responses = [one for one in said if isinstance(one, Response)]
    assert groups.total() + kept.lost == len(responses)
    # No answer changes its point, whatever becomes of its region.
    for item in {one.item for one in responses}:
        points = Counter(one.point for one in responses if one.item == item)
        told = Counter(dict.fromkeys(points, 0))
        for (of, _, point), count in kept.counts.items():
            if of == item:
                told[point] += count
        assert told == points or not told.total()
    remarks = [one for one in said if isinstance(one, Remark)]
    for item in {one.item for one in remarks}:
        there = sum(one.item == item for one in remarks)
        assert sum(one.item == item for one in kept.remarks) == (there if there >= 2 * least else 0)


ALIKE, MIXED = {4: 9}, {1: 2, 3: 2, 5: 2}


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({"a": MIXED, "b": MIXED}, {"a", "b"}),
        # One answer is left over: the smallest is given up with it.
        ({"a": {2: 5, 4: 6}, "b": MIXED, "c": {1: 1}}, {"a"}),
        ({"a": {2: 5, 4: 6}, "b": {1: 2, 5: 2}, "c": {1: 2, 2: 2}}, {"a"}),
        ({"a": MIXED, "b": {1: 1, 2: 1, 3: 1}}, set()),
        ({"a": MIXED, ELSEWHERE: MIXED}, {"a"}),
        ({"a": MIXED, ELSEWHERE: {1: 1}}, set()),
        # Many who all said the same: each of their answers would be known.
        ({"a": MIXED, "b": ALIKE}, set()),
        ({"a": {2: 5, 4: 6}, "b": ALIKE, "c": MIXED}, {"a"}),
        ({}, set()),
    ],
)  # fmt: skip
def test_a_region_is_told_apart_only_where_it_and_the_rest_can_hide(
    parts: dict[str, dict[int, int]], shown: set[str]
) -> None:
    assert told_apart(parts, 5) == shown


@given(parts=st.dictionaries(st.sampled_from("abcdef"), st.dictionaries(st.integers(1, 5), st.integers(0, 9))))
def test_no_three_learn_a_fourth_one_s_answer_from_whatever_is_told(parts: dict[str, dict[int, int]]) -> None:
    table = told(parts, 5)
    assert sum(sum(counts.values()) for counts in table.values()) in (
        0, sum(sum(counts.values()) for counts in parts.values()),
    )  # fmt: skip
    # Whatever is added and subtracted, what comes out are parts together.
    for size in range(1, len(table) + 1):
        for some in combinations(table.values(), size):
            together = sum((Counter(counts) for counts in some), Counter())
            for known in combinations_with_replacement(sorted(together), KNOWN):
                left = together - Counter(known)
                assert len(left) != 1


def test_comments_are_not_in_the_order_in_which_they_came() -> None:
    said = [Remark("O1", str(number)) for number in range(60)]
    assert [one.text for one in mixed(said, 5, 10, Random(1)).remarks] != [one.text for one in said]


def test_a_plan_says_how_many_answers_it_will_bring_and_how_sure_they_are() -> None:
    # The proposal's own example: about 65 members, half of whom answer, bring five a month to each of fourteen items.
    month = expected(Survey(1, Kind.ROTATION, tuple(map(str, range(14))), 28, seed=1), 70, 0.5)
    assert (month.answers, month.members_needed) == (5, 70)
    # Wilson 95 %: at 96 answers about ten points either way.
    assert margin(96) == pytest.approx(0.098, abs=0.001)
    assert margin(0) is None
