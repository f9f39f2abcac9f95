"""A digest's life, what is worth standing in it, and whose morning it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.candidates import Candidate, Sort, fits, worth
from knowledge.digest import MOST_PICKED, MOST_SENT, Digest, State, first_five, week_of
from knowledge.errors import Refusal
from knowledge.hours import Hours
from knowledge.people import Person
from knowledge.places import Audience, Kind, Network

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NETWORK = Network(1, "n", {"en": "N"}, Kind.THEMATIC, Audience.UNDP, "global", ("wells",))
DRAFT = Digest(7, 1, "2026-W10", NOW)


def candidate(**told: object) -> Candidate:
    plain = {
        "key": "item:1", "sort": Sort.KNOWLEDGE, "title": "T", "summary": "S", "language": "en",
        "audience": Audience.UNDP, "network": None, "topics": (), "at": NOW, "line": "read 1",
    }  # fmt: skip
    return Candidate(**{**plain, **told})  # type: ignore[arg-type]


def of(*keys: str) -> Digest:
    made = DRAFT
    for key in keys:
        made = made.with_pick(key)
    return made


def keys(made: Digest) -> str:
    return "".join(one.key for one in made.picks)


@pytest.mark.parametrize(
    ("place", "to", "order"), [(1, 1, "abcd"), (1, 4, "bcda"), (4, 1, "dabc"), (2, 3, "acbd"), (3, 2, "acbd")]
)
def test_what_is_moved_stands_where_it_was_moved_to(place: int, to: int, order: str) -> None:
    assert keys(of(*"abcd").moved(place, to)) == order


@given(st.integers(1, MOST_PICKED), st.data())
def test_moving_loses_nothing(count: int, data: st.DataObject) -> None:
    made = of(*(chr(97 + n) for n in range(count)))
    place, to = (data.draw(st.integers(1, count)) for _ in range(2))
    moved = made.moved(place, to)
    assert sorted(keys(moved)) == sorted(keys(made))
    assert moved.at(to) == made.at(place)
    assert moved.moved(to, place) == made


@pytest.mark.parametrize("place", [0, -1, 3, 99])
def test_a_place_that_is_none_is_refused(place: int) -> None:
    for move in (of(*"ab").without, of(*"ab").worded, lambda place: of(*"ab").moved(1, place)):
        with pytest.raises(Refusal, match="no_place"):
            move(place)


def test_nothing_stands_in_it_twice_and_no_more_than_fits() -> None:
    with pytest.raises(Refusal, match="picked"):
        of("a").with_pick("a")
    with pytest.raises(Refusal, match="full"):
        of(*map(str, range(MOST_PICKED + 1)))


def test_one_yes_is_enough_unless_two_are_wanted() -> None:
    assert of("a").approved(3, NOW, twice=False).state is State.APPROVED
    first = of("a").approved(3, NOW, twice=True)
    assert first.state is State.SECOND
    with pytest.raises(Refusal, match="second_is_another"):
        first.approved(3, NOW, twice=True)
    both = first.approved(4, NOW, twice=True)
    assert (both.state, both.approved_by, both.second_by) == (State.APPROVED, 3, 4)
    assert both.recalled().state is State.DRAFT


def test_an_empty_one_is_not_approved_and_an_approved_one_not_changed() -> None:
    with pytest.raises(Refusal, match="empty"):
        DRAFT.approved(3, NOW, twice=False)
    approved = of("a").approved(3, NOW, twice=False)
    for change in (lambda: approved.with_pick("b"), lambda: approved.without(1), lambda: approved.worded(1, title="x")):
        with pytest.raises(Refusal, match="not_draft"):
            change()
    with pytest.raises(Refusal, match="not_out"):
        approved.sent().recalled()


@given(st.lists(st.booleans(), max_size=MOST_PICKED))
def test_a_reader_gets_five_at_most_their_topics_first_and_else_as_the_facilitator_ordered(theirs: list[bool]) -> None:
    got = first_five([(mine, place) for place, mine in enumerate(theirs, 1)])
    assert len(got) == min(len(theirs), MOST_SENT)
    mine, others = [p for p in got if theirs[p - 1]], [p for p in got if not theirs[p - 1]]
    assert got == sorted(mine) + sorted(others)
    assert len(mine) == min(sum(theirs), MOST_SENT)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"at": NOW - timedelta(days=6)}),
        ({"topics": ("wells",)}, {}),
        ({"network": 1}, {}),
        ({"reach": 20}, {"reach": 1}),
        ({"topics": ("wells",), "at": NOW - timedelta(days=6)}, {}),
        ({"starts_at": NOW + timedelta(days=1)}, {"starts_at": NOW + timedelta(days=15)}),
    ],
)
def test_what_is_fresh_near_and_of_reach_comes_first(better: dict[str, object], worse: dict[str, object]) -> None:
    assert worth(candidate(**better), NETWORK, NOW) > worth(candidate(**worse), NETWORK, NOW)


def test_what_is_for_another_network_alone_fits_none_but_that() -> None:
    assert not fits(NETWORK, candidate(audience=Audience.SUB_NETWORK, network=2))
    assert fits(NETWORK, candidate(audience=Audience.SUB_NETWORK, network=1))
    assert fits(NETWORK, candidate(audience=Audience.PUBLIC))


@pytest.mark.parametrize(
    ("zone", "after", "morning"),
    [
        ("UTC", "2026-03-02 09:00", "2026-03-02 09:00"),
        ("UTC", "2026-03-02 09:01", "2026-03-03 09:00"),
        ("Asia/Kolkata", "2026-03-02 00:00", "2026-03-02 03:30"),
        # Saturday and Sunday, then a Monday.
        ("America/Bogota", "2026-03-07 00:00", "2026-03-09 14:00"),
        # The clocks go forward on 29 March in Paris: 09:00 is 07:00 UTC from then on.
        ("Europe/Paris", "2026-03-27 12:00", "2026-03-30 07:00"),
        # Good Friday is a holiday in Germany, and so is Easter Monday.
        ("Europe/Berlin", "2026-04-02 12:00", "2026-04-07 07:00"),
        # Friday and Saturday are the weekend in Jordan.
        ("Asia/Amman", "2026-03-05 12:00", "2026-03-08 06:00"),
    ],
)
def test_a_morning_is_the_first_of_a_working_day_by_the_reader_s_clock(zone: str, after: str, morning: str) -> None:
    start, expected = (datetime.fromisoformat(at).replace(tzinfo=UTC) for at in (after, morning))
    assert Hours().morning(start, Person(1, "P", time_zone=zone)) == expected


def test_a_morning_waits_for_whoever_is_away() -> None:
    away = Person(1, "P", time_zone="UTC", away_until=datetime(2026, 3, 10, tzinfo=UTC))
    assert Hours().morning(NOW, away) == datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "week"), [("2026-01-01", "2026-W01"), ("2027-01-01", "2026-W53"), ("2026-03-02", "2026-W10")]
)
def test_a_week_is_an_iso_week(at: str, week: str) -> None:
    assert week_of(datetime.fromisoformat(at).replace(tzinfo=UTC)) == week
