"""What is kept of answers: groups that are large enough to hide in."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.mixing import ELSEWHERE, Remark, Response, mixed, regions_shown
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
    for (item, region, _), count in kept.counts.items():
        groups[item, region] += count
    assert all(size >= least for size in groups.values())
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


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"a": 5, "b": 5}, {"a", "b"}),
        ({"a": 9, "b": 5, "c": 1}, {"a"}),
        ({"a": 5, "b": 4}, set()),
        ({"a": 9, "b": 4, "c": 4}, {"a"}),
        ({"a": 5, ELSEWHERE: 5}, {"a"}),
        ({"a": 5, ELSEWHERE: 1}, set()),
        ({}, set()),
    ],
)
def test_a_region_is_told_apart_only_where_it_and_the_rest_can_hide(sizes: dict[str, int], shown: set[str]) -> None:
    assert regions_shown(sizes, 5) == shown


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
