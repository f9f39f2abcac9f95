"""Working hours and quiet hours, by everybody's own clock."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.hours import Hours, works_on, zone_of
from knowledge.people import Person

HOURS = Hours()


def living_in(zone: str, **more: object) -> Person:
    return Person(1, "Somebody", time_zone=zone, **more)  # type: ignore[arg-type]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "start", "hours", "end"),
    [
        ("Africa/Dakar", "2026-03-02 09:00", 4, "2026-03-02 13:00"),
        ("Africa/Dakar", "2026-03-02 15:00", 4, "2026-03-03 11:00"),
        # Friday evening: the weekend does not count.
        ("Africa/Dakar", "2026-03-06 16:00", 4, "2026-03-09 12:00"),
        # In Amman Friday and Saturday are the weekend (UTC+3, no summer time).
        ("Asia/Amman", "2026-03-05 13:00", 4, "2026-03-08 09:00"),
        ("Asia/Amman", "2026-03-06 08:00", 1, "2026-03-08 07:00"),
        # 1 May is a holiday in Senegal; the Saturday and Sunday after it are days off too.
        ("Africa/Dakar", "2026-04-30 16:00", 2, "2026-05-04 10:00"),
        # Clocks go forward in New York on Sunday 8 March: Monday begins an hour earlier by UTC than Friday did.
        ("America/New_York", "2026-03-06 21:00", 2, "2026-03-09 14:00"),
        # ... and back on Sunday 1 November.
        ("America/New_York", "2026-10-30 20:00", 2, "2026-11-02 15:00"),
        ("Not/AZone", "2026-03-02 09:00", 8, "2026-03-02 17:00"),
    ],
)
def test_working_hours_pass_only_while_somebody_works(zone: str, start: str, hours: float, end: str) -> None:
    assert HOURS.after(utc(start), timedelta(hours=hours), living_in(zone)) == utc(end)
    assert HOURS.between(utc(start), utc(end), zone) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "now", "heard"),
    [
        ("Africa/Dakar", "2026-03-02 12:00", "2026-03-02 12:00"),
        ("Africa/Dakar", "2026-03-02 18:00", "2026-03-03 08:00"),
        ("Africa/Dakar", "2026-03-02 03:00", "2026-03-02 08:00"),
        ("Africa/Dakar", "2026-03-06 19:00", "2026-03-09 08:00"),
        ("Pacific/Fiji", "2026-03-02 09:00", "2026-03-02 20:00"),
        ("Asia/Amman", "2026-03-06 09:00", "2026-03-08 05:00"),
    ],
)
def test_quiet_hours_are_those_of_the_persons_own_clock(zone: str, now: str, heard: str) -> None:
    assert HOURS.heard_from(utc(now), living_in(zone)) == utc(heard)


def test_whoever_is_away_is_heard_from_when_they_are_back() -> None:
    away = living_in("Africa/Dakar", away_until=utc("2026-03-14 00:00"))
    # A Saturday: they are back, and off until Monday.
    assert HOURS.heard_from(utc("2026-03-02 12:00"), away) == utc("2026-03-16 08:00")
    assert Hours(quiet=None).heard_from(utc("2026-03-02 12:00"), away) == utc("2026-03-14 00:00")


ZONES = st.sampled_from(
    ["Africa/Dakar", "Asia/Amman", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]
)
MINUTES_OF_TWO_YEARS = st.integers(0, 2 * 365 * 24 * 60)
MOMENTS = MINUTES_OF_TWO_YEARS.map(lambda minutes: utc("2026-01-01") + timedelta(minutes=minutes))


@given(ZONES, MOMENTS, st.integers(1, 60 * 40))
def test_waiting_ends_within_somebodys_working_day_and_never_early(zone: str, start: datetime, minutes: int) -> None:
    person = living_in(zone)
    end = HOURS.after(start, timedelta(minutes=minutes), person)
    assert end >= start + timedelta(minutes=minutes)
    local = end.astimezone(zone_of(zone))
    assert time(9) <= local.time() <= time(17)
    assert works_on(local.date(), zone)


@given(ZONES, MOMENTS, st.integers(1, 600), st.integers(1, 600))
def test_waiting_twice_is_waiting_once_for_as_long_as_both(zone: str, start: datetime, one: int, other: int) -> None:
    person = living_in(zone)
    first, second = timedelta(minutes=one), timedelta(minutes=other)
    assert HOURS.after(HOURS.after(start, first, person), second, person) == HOURS.after(start, first + second, person)


@given(ZONES, MOMENTS)
def test_nobody_is_disturbed_in_quiet_hours_or_on_a_day_off(zone: str, now: datetime) -> None:
    person = living_in(zone)
    at = HOURS.heard_from(now, person)
    local = at.astimezone(zone_of(zone))
    assert at >= now
    assert time(8) <= local.time() < time(18)
    assert works_on(local.date(), zone)
    assert HOURS.heard_from(at, person) == at


@pytest.mark.parametrize(
    ("quiet", "morning"),
    [("", "2026-03-03 09:00"), ("20:00-07:00", "2026-03-03 09:00"), ("20:00-10:30", "2026-03-03 10:30"),
     ("none", "2026-03-03 09:00"), ("23:00-18:30", "2026-03-03 18:30")],
)  # fmt: skip
def test_a_morning_begins_when_somebodys_own_quiet_hours_are_over(quiet: str, morning: str) -> None:
    assert HOURS.morning(utc("2026-03-02 12:00"), living_in("UTC", quiet=quiet)) == utc(morning)
