"""When somebody is reminded: over changes of clocks, before quiet hours, after a silence; and how many at a time."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import Refusal
from knowledge.hours import Hours, works_on
from knowledge.reminder import BEFORE_QUIET, due_at, leads_said, spread, useful_until, when

HOURS, ALWAYS = Hours(), Hours(quiet=None)
ZONES = [
    "Europe/Zurich",
    "America/New_York",
    "Pacific/Fiji",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
]
DAY, QUARTER = 1440, 15


def at(wall: str, zone: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "starts", "lead", "due"),
    [
        # A day before is 24 hours before: on the day after the clocks went forward or back another hour of the wall.
        ("Europe/Zurich", "2026-03-29T15:00", DAY, "2026-03-28T14:00"),
        ("Europe/Zurich", "2026-03-30T15:00", DAY, "2026-03-27T17:45"),
        ("Europe/Zurich", "2026-10-26T15:00", DAY, "2026-10-23T17:45"),
        ("America/New_York", "2026-03-10T15:00", DAY, "2026-03-09T15:00"),
        ("America/New_York", "2026-11-02T15:00", DAY, "2026-10-30T17:45"),
        ("Pacific/Fiji", "2026-05-13T10:00", DAY, "2026-05-12T10:00"),
        # Ramadan moves Morocco's clocks: on 2026-02-15 back, on 2026-03-22 forward.
        ("Africa/Casablanca", "2026-02-17T10:00", DAY, "2026-02-16T10:00"),
        ("Africa/Casablanca", "2026-03-24T10:00", DAY, "2026-03-23T10:00"),
        # Half an hour, on 2026-04-05 back and on 2026-10-04 forward.
        ("Australia/Lord_Howe", "2026-04-08T10:00", DAY, "2026-04-07T10:00"),
        ("Australia/Lord_Howe", "2026-10-07T10:00", DAY, "2026-10-06T10:00"),
        # A quarter of an hour before.
        ("Asia/Kolkata", "2026-05-13T15:00", QUARTER, "2026-05-13T14:45"),
        # Quiet hours: the evening before them.
        ("Asia/Kolkata", "2026-05-13T19:00", QUARTER, "2026-05-13T17:45"),
        ("Asia/Kolkata", "2026-05-13T20:30", DAY, "2026-05-12T17:45"),
        ("Asia/Kolkata", "2026-05-13T03:00", QUARTER, "2026-05-12T17:45"),
        ("Asia/Kolkata", "2026-05-13T08:10", QUARTER, "2026-05-12T17:45"),
        ("Asia/Kolkata", "2026-05-13T08:15", QUARTER, "2026-05-13T08:00"),
        # A day off is quiet, but for an event that is on one.
        ("Europe/Zurich", "2026-05-11T09:00", DAY, "2026-05-08T17:45"),
        ("Europe/Zurich", "2026-05-10T10:00", QUARTER, "2026-05-10T09:45"),
        ("Europe/Zurich", "2026-05-10T10:00", DAY, "2026-05-09T10:00"),
    ],
)
def test_a_reminder_comes_by_the_readers_clock(zone: str, starts: str, lead: int, due: str) -> None:
    found = due_at(HOURS, at(starts, zone), lead, zone).astimezone(ZoneInfo(zone))
    assert f"{found:%Y-%m-%dT%H:%M}" == due


@pytest.mark.parametrize(
    ("zone", "starts", "due"),
    [
        ("Europe/Zurich", "2026-03-29T15:00", "2026-03-28T14:00"),
        ("Europe/Zurich", "2026-10-25T15:00", "2026-10-24T16:00"),
        ("America/New_York", "2026-03-08T15:00", "2026-03-07T14:00"),
        ("America/New_York", "2026-11-01T15:00", "2026-10-31T16:00"),
        ("Africa/Casablanca", "2026-02-15T15:00", "2026-02-14T16:00"),
        ("Africa/Casablanca", "2026-03-22T15:00", "2026-03-21T14:00"),
        ("Australia/Lord_Howe", "2026-04-05T15:00", "2026-04-04T15:30"),
        ("Australia/Lord_Howe", "2026-10-04T15:00", "2026-10-03T14:30"),
        ("Pacific/Fiji", "2026-11-08T15:00", "2026-11-07T15:00"),
    ],
)
def test_over_a_change_of_clocks_a_day_before_is_24_hours_before(zone: str, starts: str, due: str) -> None:
    found = due_at(ALWAYS, at(starts, zone), DAY, zone).astimezone(ZoneInfo(zone))
    assert f"{found:%Y-%m-%dT%H:%M}" == due


moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
leads = st.integers(1, 7 * 1440)


def quiet(moment: datetime, zone: str) -> bool:
    wall = moment.astimezone(ZoneInfo(zone)).time()
    return not time(8) <= wall < time(18)


@given(moments, leads, st.sampled_from(ZONES))
def test_a_reminder_is_never_late_and_never_at_night(starts: datetime, lead: int, zone: str) -> None:
    due = due_at(HOURS, starts, lead, zone)
    assert due <= starts - timedelta(minutes=lead)
    assert not quiet(due, zone)
    if not quiet(starts - timedelta(minutes=lead), zone):
        wanted = starts - timedelta(minutes=lead)
        day = wanted.astimezone(ZoneInfo(zone)).date()
        if works_on(day, zone):
            assert wanted - due <= BEFORE_QUIET


@given(moments, leads, st.sampled_from(ZONES), st.integers(-8 * 1440, 1440))
def test_what_is_said_about_when_holds_at_that_moment(starts: datetime, lead: int, zone: str, minutes: int) -> None:
    now = starts + timedelta(minutes=minutes)
    found = when(HOURS, now, starts, lead, zone)
    if found is None:
        assert now >= due_at(HOURS, starts, lead, zone)
    else:
        assert found <= now or not quiet(found, zone)
        assert found < useful_until(starts, lead) or found == due_at(HOURS, starts, lead, zone)
        # Asked again at that moment, it goes out.
        again = when(HOURS, max(found, now), starts, lead, zone)
        assert again is not None
        assert again <= max(found, now)


@pytest.mark.parametrize(
    ("now", "lead", "goes"),
    [
        ("2026-05-12T14:00", DAY, "2026-05-12T15:00"),
        ("2026-05-12T15:00", DAY, "now"),
        # Down for hours: still of use; in the night not before it is over; too near the event, no more.
        ("2026-05-12T17:00", DAY, "now"),
        ("2026-05-12T23:00", DAY, "2026-05-13T08:00"),
        ("2026-05-13T13:59", DAY, "now"),
        ("2026-05-13T14:00", DAY, "never"),
        ("2026-05-13T14:50", QUARTER, "now"),
        ("2026-05-13T15:00", QUARTER, "never"),
        ("2026-05-15T09:00", QUARTER, "never"),
    ],
)
def test_after_a_silence_only_what_is_still_of_use_is_sent(now: str, lead: int, goes: str) -> None:
    zone = "Asia/Kolkata"
    moment = at(now, zone)
    found = when(HOURS, moment, at("2026-05-13T15:00", zone), lead, zone)
    wanted = {"now": moment, "never": None}.get(goes, goes)
    assert found == (at(wanted, zone) if isinstance(wanted, str) else wanted)


@given(st.integers(1, 60_000), st.floats(1, 100))
def test_many_are_spread_and_the_last_is_out_in_time(total: int, per_second: float) -> None:
    wanted = datetime(2026, 5, 13, 12, tzinfo=UTC)
    places = sorted({0, total // 2, total - 1})
    found = [spread(wanted, place, total, per_second) for place in places]
    assert found == sorted(found)
    assert found[-1] == wanted
    assert abs((wanted - found[0]).total_seconds() - (total - 1) / per_second) < 1


@pytest.mark.parametrize(
    ("said", "leads"),
    [
        ("a day and 15 min", (1440, 15)),
        ("2 h", (120,)),
        ("1 jour, 30 minutes", (1440, 30)),
        ("una hora y 10 min", (60, 10)),
        ("15 min, 1 day, 15 min", (1440, 15)),
        ("1 week before", (10080,)),
    ],
)
def test_how_long_before_is_read_as_people_say_it(said: str, leads: tuple[int, ...]) -> None:
    assert leads_said(said) == leads


@pytest.mark.parametrize(
    ("said", "key"),
    [("soon", "reminder.unclear"), ("8 days", "reminder.far"), ("1 h 2 h 3 h 4 h 5 h 6 h", "reminder.many"),
     ("0 min", "reminder.far")],
)  # fmt: skip
def test_what_is_no_time_before_is_refused(said: str, key: str) -> None:
    with pytest.raises(Refusal) as refused:
        leads_said(said)
    assert refused.value.key == key
