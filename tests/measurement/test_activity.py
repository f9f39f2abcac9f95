"""What a community does, in figures: against published examples, brute force, and small windows counted by hand."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.hours import Hours
from knowledge.measurement.activity import (
    Activity,
    Followed,
    Given,
    Member,
    Passage,
    Window,
    activity,
    spread,
    top_share,
)
from knowledge.measurement.figures import Figure
from knowledge.measurement.frameworks import frameworks
from knowledge.measurement.profiles import Seen
from knowledge.measurement.results import share
from knowledge.measurement.standing import standings
from knowledge.measurement.waiting import waited
from knowledge.question import Outcome

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = datetime(2026, 4, 1, tzinfo=UTC)
NEVER = Passage(None, None, (), 1, "africa", None, 0, 0, 0, None)


def _passage(sent: float, answered: float | None = None, **more: object) -> Passage:
    """Sent so many days after the window began, answered so many hours later by person 1 in Africa."""
    at = SINCE + timedelta(days=sent)
    answers = () if answered is None else (Given(1, "africa", at + timedelta(hours=answered)),)
    parts = {"settled_at": None, "answers": answers, "asker": 1, "asker_region": "africa", "outcome": None, "offers": 1}
    parts |= {"declined": 0, "ended": 0, "minutes_saved": None, **more}
    return Passage(sent_at=at, **parts)  # type: ignore[arg-type]


def _counted(passages: list[Passage], came: list[datetime] | None = None, active: int = 0, used: int = 0) -> Activity:
    """Of members who came then, of whom the first so many asked, and of so many who used what they got."""
    window = Window(
        since=SINCE,
        until=UNTIL,
        passages=passages,
        members=[Member(number, "africa", at) for number, at in enumerate(came or [])],
        seen=Seen(frozenset(range(active)), frozenset(), frozenset(), frozenset(), None),
        followed=[Followed(True, number, "africa") for number in range(used)],
    )
    return activity(window, Hours(), Random(1))[0]


def test_waiting_is_kaplan_and_meier_s() -> None:
    # Remission of leukaemia under 6-mercaptopurine, in weeks, + censored: E. Freireich and others, Blood 21 (1963), as
    # in D. Collett, Modelling Survival Data in Medical Research: the median is 23 weeks.
    ends = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = waited([(float(week), True) for week in ends] + [(float(week), False) for week in still])
    assert found is not None
    assert (found.n, found.answered, found.median, found.ninety) == (21, 9, 23.0, None)
    # The placebo arm, without censoring: the median is 8 weeks, and nine of ten have relapsed by 17.
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    found = waited([(float(week), True) for week in placebo])
    assert found is not None
    assert (found.median, found.ninety) == (8.0, 17.0)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), min_size=1, max_size=30))
def test_the_expected_share_across_regions_is_that_of_all_pairs(pairs: list[tuple[str, str]]) -> None:
    found = spread(pairs)
    assert found is not None
    every = [asked != answered for (asked, _), (_, answered) in product(pairs, pairs)]
    assert found.expected == pytest.approx(sum(every) / len(every))
    assert found.crossing.part == pytest.approx(sum(asked != answered for asked, answered in pairs) / len(pairs))


def test_the_share_of_five_is_told_only_beside_others() -> None:
    assert top_share(Counter({1: 9, 2: 1, 3: 1, 4: 1, 5: 1})) is None
    found = top_share(Counter({number: 10 - number for number in range(9)}))
    assert found is not None
    assert (found.count, found.n) == (10 + 9 + 8 + 7 + 6, 54)


def test_a_window_by_hand() -> None:
    passages = [
        _passage(1, 2, outcome=Outcome.SOLVED, offers=1, ended=1),
        _passage(2, 100, outcome=Outcome.PARTLY, offers=3, declined=2, ended=3, minutes_saved=30),
        _passage(3, None, offers=2, declined=1, ended=1),
        _passage(4, 5, minutes_saved=60),
        # Too young to be left alone; its answer comes after the window.
        _passage(30, 60),
        # Settled by an earlier answer before it was sent.
        Passage(None, SINCE + timedelta(days=5), (), 1, "africa", Outcome.SOLVED, 0, 0, 0, None),
    ]
    came = [SINCE - timedelta(days=9)] * 8 + [SINCE + timedelta(days=2)] * 3
    whole = _counted(passages, came, active=7, used=2)
    people, found = whole.people, whole.done
    assert people is not None
    assert found is not None
    assert (people.members_before, people.members_after, people.active, found.questions) == (8, 11, 7, 5)
    # Nobody helped, and who was here was not noted.
    assert (people.helping, people.reading, people.noted) == (0, None, False)
    shares = {
        "answer": found.answer_rate, "alone": found.zero_reply_rate, "solved": found.solved_rate,
        "reuse": found.reuse_rate, "applied": found.applied_rate, "declined": found.decline_rate,
    }  # fmt: skip
    assert {name: (one.count, one.n) for name, one in shares.items() if one is not None} == {
        "answer": (3, 4), "alone": (2, 4), "solved": (1, 2), "reuse": (1, 6), "declined": (3, 5),
    }  # fmt: skip
    assert found.hops == pytest.approx((1 + 3 + 2 + 1 + 1) / 5)
    assert found.wait is not None
    assert (found.wait.n, found.wait.answered) == (5, 3)
    # Said for sums alone, and by two.
    assert (found.minutes_saved, found.applied_rate) == (None, None)
    more = [_passage(6, 1, minutes_saved=10)] * 4
    found = _counted([*passages, *more], came, active=7, used=5).done
    assert found is not None
    assert found.minutes_saved == 130
    assert found.applied_rate is not None
    assert (found.applied_rate.count, found.applied_rate.n) == (5, 5)


def test_people_are_counted_only_where_they_and_the_others_are_many() -> None:
    came = [SINCE - timedelta(days=9)] * 12
    counts = [(one.people.active if one.people else None) for one in (_counted([], came, many) for many in range(13))]
    # Of 12, four or fewer say who did, and three or fewer who did not.
    assert counts == [0, None, None, None, None, 5, 6, 7, 8, None, None, None, None]


def test_of_nothing_nothing_is_known() -> None:
    found = _counted([])
    assert found.done is not None
    assert found.people is not None
    done = found.done
    assert (done.answer_rate, done.wait, done.hops, done.spread, done.top_five) == (None,) * 5
    assert (found.people.active, found.people.helping, found.connections) == (0, 0, None)
    alone = _counted([NEVER]).done
    assert alone is not None
    assert alone.reuse_rate is not None
    assert alone.answer_rate is None


def test_a_curve_is_read_at_given_hours_with_its_interval() -> None:
    # The same 6-mercaptopurine arm: 0.807 (0.563 to 0.923) survive week 7 and 0.753 (0.503 to 0.889) week 10, with
    # intervals on the log-log scale (D. Collett, Modelling Survival Data in Medical Research).
    ends = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    still = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = waited([(float(week), True) for week in ends] + [(float(week), False) for week in still])
    assert found is not None
    by_hours = {point.hours: point for point in found.curve}
    for hours, left, low, high in ((8.0, 0.807, 0.563, 0.923), (12.0, 0.753, 0.503, 0.889)):
        point = by_hours[hours]
        assert (1 - point.answered, 1 - point.high, 1 - point.low) == (
            pytest.approx(left, abs=0.0006), pytest.approx(low, abs=0.0006), pytest.approx(high, abs=0.0006),
        )  # fmt: skip
    # Nobody had answered before week 6, and the curve ends with the longest wait.
    assert by_hours[4.0].answered == 0
    assert max(by_hours) == 24.0


def test_of_few_waits_there_is_no_curve() -> None:
    found = waited([(1.0, True)] * 4)
    assert found is not None
    assert found.curve == ()


@pytest.mark.parametrize(
    ("crossing", "expected", "met"), [(60, 0.4, True), (40, 0.4, None), (20, 0.4, False), (60, None, None)]
)
def test_a_target_above_chance_is_met_where_the_interval_lies_above_it(
    crossing: int, expected: float | None, met: bool | None
) -> None:
    part = share(crossing, 100)
    assert part is not None
    edition = frameworks().current
    figures = {"cross_region_share": Figure(part.part, share=part, n=100, expected=expected)}
    found = {one.target.of: one for one in standings(edition, figures, [])}
    assert found["cross_region_share"].met is met
    assert found["cross_region_share"].wanted == expected
    # Whatever happens, nobody here would see a leak.
    assert (found["leaks"].now, found["leaks"].met) == (None, None)
    assert found["answer_rate"].now is None
