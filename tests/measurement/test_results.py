"""What closed surveys say, against worked examples and the libraries that know."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import activity
from bench import disclosure as bench
from knowledge.measurement.disclosure import ELSEWHERE, KNOWN
from knowledge.measurement.results import Change, Distribution, index, moved, released, share
from knowledge.survey import Kind, State, Survey

CLOSED = Survey(1, Kind.ROTATION, ("O1", "O2"), 28, seed=1, state=State.CLOSED)


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # 32 of 40, the example of the requirements.
        (32, 40, 0.652, 0.895),
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998),
        # table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_its_wilson_interval(count: int, n: int, low: float, high: float) -> None:
    found = share(count, n)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low, abs=0.0006), pytest.approx(high, abs=0.0006))


def test_of_nothing_nothing_is_known() -> None:
    assert share(0, 0) is None
    assert released(CLOSED, {}, {}) == []
    assert index("community", ["C1"], []) is None


@given(st.lists(st.integers(0, 40), min_size=5, max_size=5).filter(any))
def test_a_share_lies_in_its_interval_and_a_mean_among_its_points(counts: list[int]) -> None:
    one = Distribution(tuple(counts))
    assert one.favourable.low <= one.favourable.part <= one.favourable.high
    assert 1 <= one.mean <= 5
    assert one.early is (sum(counts) < 20)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ((2, 8, 20, 8, 2), (2, 3, 5, 20, 10), Change.UP),
        ((2, 3, 5, 20, 10), (2, 8, 20, 8, 2), Change.DOWN),
        # Better, but so little that it may be chance.
        ((2, 8, 20, 8, 2), (1, 7, 19, 11, 2), Change.UNCLEAR),
        # Better, of few.
        ((1, 1, 2, 1, 1), (0, 1, 1, 3, 2), Change.UNCLEAR),
    ],
)
def test_an_arrow_needs_a_test_and_intervals_apart(
    before: tuple[int, ...], after: tuple[int, ...], way: Change
) -> None:
    assert moved(Distribution(before), Distribution(after)).way is way


def test_an_index_is_the_mean_of_the_items_that_may_be_told() -> None:
    counts = {("O1", "", 4): 8, ("O1", "", 2): 8, ("O2", "", 5): 4, ("O2", "", 1): 12}
    found = index("organizational", ["O1", "O2", "O3"], released(CLOSED, counts, {}))
    assert found is not None
    assert (found.part, found.told, found.items) == (pytest.approx((0.5 + 0.25) / 2), 2, 3)
    assert found.low < found.part < found.high


COUNTS = st.dictionaries(
    st.tuples(st.just("O1"), st.sampled_from(["", "africa", "asia-pacific", "global"]), st.integers(1, 5)),
    st.integers(1, 12),
)


@given(COUNTS)
def test_only_what_may_be_told_comes_out_whatever_was_kept(counts: Mapping[tuple[str, str, int], int]) -> None:
    for result in released(CLOSED, counts, {}):
        groups = [result.together, *result.apart.values()]
        assert all(one.n >= 5 and one.n - max(one.counts) > KNOWN for one in groups)
        assert result.together.n == sum(counts.values())
        if result.apart:
            assert sum(one.n for one in result.apart.values()) == result.together.n
            assert result.apart.keys() != {ELSEWHERE}


def test_an_open_survey_tells_nothing() -> None:
    counts = {("O1", "", point): 9 for point in (1, 3, 5)}
    assert released(CLOSED, counts, {})
    for state in (State.PLANNED, State.RUNNING, State.PAUSED):
        survey = Survey(1, Kind.ROTATION, ("O1",), 28, seed=1, state=state)
        assert released(survey, counts, {}) == []


def test_the_bench_s_attackers_find_whom_a_least_size_alone_gives_away_and_nobody_of_ours() -> None:
    found = bench.run(seed=7, members=60, surveys=15, known=KNOWN)
    assert found["recovered"] == 0
    assert found["recovered_k_only"] > found["recovered_k_only_knowing_nothing"] > 0
    assert found["cells_published_share"] > 0.1


def test_nobody_s_asking_helping_or_word_follows_from_a_month_s_slices() -> None:
    found = activity.run(seed=3, members=50, months=12, known=KNOWN)
    assert found["recovered_activity"] == 0
    assert found["recovered_activity_k_only"] > 0
    assert found["slices_published_share"] > 0.05


def test_those_who_try_find_in_slices_what_a_worse_rule_gives_away(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("disclosure", "releasing"):
        monkeypatch.setattr(f"knowledge.measurement.{name}.KNOWN", 0)
    assert activity.run(seed=3, members=50, months=12, known=3)["recovered_activity"] > 0


def test_the_bench_s_attackers_find_what_a_worse_rule_gives_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.measurement.disclosure.KNOWN", 0)
    assert bench.run(seed=7, members=60, surveys=15, known=3)["recovered"] > 0
