"""Whose turn it is, and with which item."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import rotation
from knowledge.hours import Hours, works_on, zone_of
from knowledge.ledger import Turn
from knowledge.people import Person
from knowledge.survey import BETWEEN, Kind, Survey

ITEMS = tuple(f"I{number}" for number in range(14))
ZONES = st.sampled_from(
    ["Europe/Zurich", "America/New_York", "Pacific/Fiji", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda passed: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=passed)
)


@given(seed=st.integers(), person=st.integers(1), few=st.integers(1, 14), fits=st.sets(st.sampled_from(ITEMS)))
def test_no_item_comes_again_before_all_have(seed: int, person: int, few: int, fits: set[str]) -> None:
    items = ITEMS[:few]
    turn = Turn(person)
    asked: list[str] = []
    for _ in range(2 * few):
        done = asked[turn.cycle * few :]
        item, cycle = rotation.next_item(items, seed, turn, done, sorted(fits))
        left = set(items) - set(done)
        if left:
            assert item in left
            assert item in fits or not left & fits
        asked.append(item)
        turn = Turn(person, cycle=cycle)
    assert all(count == 2 for count in Counter(asked).values())


def test_every_item_is_as_likely_at_every_place() -> None:
    places = Counter(
        (place, item) for person in range(1, 5001) for place, item in enumerate(rotation.order(ITEMS, 7, person, 0))
    )
    # 5,000 / 14 = 357, with a standard deviation of 18: five of them either way.
    assert min(places.values()) > 266
    assert max(places.values()) < 448


def test_a_survey_without_items_is_an_error() -> None:
    with pytest.raises(ValueError, match="without items"):
        rotation.next_item((), 1, Turn(1), ())


@given(now=MOMENTS, zone=ZONES, away=st.none() | st.integers(0, 40), quiet=st.booleans())
def test_nobody_is_asked_outside_their_working_hours(now: datetime, zone: str, away: int | None, quiet: bool) -> None:
    hours = Hours() if quiet else Hours(quiet=None)
    until = now + timedelta(days=away) if away is not None else None
    person = Person(id=1, name="A", time_zone=zone, away_until=until)
    at = rotation.asking_time(hours, now, person)
    wall = at.astimezone(zone_of(zone))
    assert at >= max(now, until or now)
    assert hours.working[0] <= wall.time() < hours.working[1]
    assert works_on(wall.date(), zone)
    assert rotation.asking_time(hours, at, person) == at


@given(kind=st.sampled_from(Kind), days=st.integers(3, 84), person=st.integers(1), since=st.none() | st.integers(0, 20))
def test_a_survey_reaches_everybody_in_time_and_nobody_too_soon(
    kind: Kind, days: int, person: int, since: int | None
) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    asked_at = None if since is None else now - timedelta(days=since)
    survey = Survey(1, kind, ITEMS, days, seed=3)
    at = rotation.first_due(survey, Turn(person, asked_at=asked_at), now)
    assert now <= at
    if survey.is_wave:
        assert at <= now + timedelta(days=days) / 4
    elif asked_at is not None:
        assert at >= asked_at + BETWEEN
    else:
        assert at <= now + timedelta(days=days) / 2
