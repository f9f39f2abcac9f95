"""When events take place, against the tz database: wall times stay as they are, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.errors import Refusal
from knowledge.event import Change, State
from knowledge.occurrences import ONCE, comes_twice, first, is_left_out, key_of, occurrences, utc, wall_of
from knowledge.recurrence import screened, shifted
from tests.events.making import event, wall

ZONES = ("Europe/Zurich", "America/New_York", "Pacific/Fiji", "Africa/Casablanca", "Australia/Lord_Howe")


def moments(*texts: str) -> list[datetime]:
    return [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts]


# What the tz database says, written out by hand: a weekly meeting over each change of clocks.
ACROSS = {
    "Geneva, forward": ("Europe/Zurich", "2026-03-22 15:00", ["2026-03-22 14:00", "2026-03-29 13:00"]),
    "Geneva, back": ("Europe/Zurich", "2026-10-18 15:00", ["2026-10-18 13:00", "2026-10-25 14:00"]),
    "New York, forward": ("America/New_York", "2026-03-01 09:00", ["2026-03-01 14:00", "2026-03-08 13:00"]),
    "New York, back": ("America/New_York", "2026-10-25 09:00", ["2026-10-25 13:00", "2026-11-01 14:00"]),
    # Fiji had summer time until January 2021.
    "Suva, none any more": ("Pacific/Fiji", "2026-01-11 10:00", ["2026-01-10 22:00", "2026-01-17 22:00"]),
    "Suva, forward": ("Pacific/Fiji", "2020-12-13 10:00", ["2020-12-12 22:00", "2020-12-19 21:00"]),
    "Suva, back": ("Pacific/Fiji", "2021-01-10 10:00", ["2021-01-09 21:00", "2021-01-16 22:00"]),
    # Morocco sets its clocks back for Ramadan.
    "Casablanca, back": ("Africa/Casablanca", "2026-02-08 10:00", ["2026-02-08 09:00", "2026-02-15 10:00"]),
    "Casablanca, forward": ("Africa/Casablanca", "2026-03-15 10:00", ["2026-03-15 10:00", "2026-03-22 09:00"]),
    # Half an hour.
    "Lord Howe, back": ("Australia/Lord_Howe", "2026-03-29 10:00", ["2026-03-28 23:00", "2026-04-04 23:30"]),
    "Lord Howe, forward": ("Australia/Lord_Howe", "2026-09-27 10:00", ["2026-09-26 23:30", "2026-10-03 23:00"]),
}


@pytest.mark.parametrize("name", ACROSS)
def test_a_weekly_meeting_keeps_its_wall_time_over_a_change_of_clocks(name: str) -> None:
    zone, start, expected = ACROSS[name]
    weekly = event(start, zone, rule="FREQ=WEEKLY")
    wanted = moments(*expected)
    found = occurrences(weekly, wanted[0], wanted[-1] + timedelta(minutes=1))
    assert [one.starts_at for one in found] == wanted
    assert {one.starts_at.astimezone(ZoneInfo(zone)).time() for one in found} == {wall(start).time()}
    assert {one.ends_at - one.starts_at for one in found} == {timedelta(minutes=90)}


@pytest.mark.parametrize(
    ("zone", "at", "moment"),
    [
        ("Europe/Zurich", "2026-03-29 02:30", "2026-03-29 01:30"),
        ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:30"),
        ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22 02:30"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),
    ],
)
def test_a_wall_time_that_clocks_leave_out_is_as_much_later(zone: str, at: str, moment: str) -> None:
    assert is_left_out(wall(at), zone)
    assert not comes_twice(wall(at), zone)
    [found] = occurrences(event(at, zone), *moments("2026-01-01", "2027-01-01"))
    assert [found.starts_at] == moments(moment)


@pytest.mark.parametrize(
    ("zone", "at", "moment"),
    [
        ("Europe/Zurich", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
    ],
)
def test_of_a_wall_time_that_comes_twice_the_first_is_meant(zone: str, at: str, moment: str) -> None:
    assert comes_twice(wall(at), zone)
    assert not is_left_out(wall(at), zone)
    [found] = occurrences(event(at, zone), *moments("2026-01-01", "2027-01-01"))
    assert [found.starts_at] == moments(moment)


@pytest.mark.parametrize("zone", ZONES)
def test_a_days_event_lasts_from_midnight_to_midnight_however_long_that_is(zone: str) -> None:
    daily = event("2026-01-01 00:00", zone, 1440, all_day=True, rule="FREQ=DAILY;UNTIL=20261231T000000")
    found = occurrences(daily, *moments("2025-12-25", "2027-01-05"))
    assert len(found) == 365
    local = [one.starts_at.astimezone(ZoneInfo(zone)) for one in found]
    assert [at.date() for at in local] == [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    for one, following in pairwise(found):
        assert one.ends_at == following.starts_at
    lengths = {(one.ends_at - one.starts_at) for one in found}
    changes = {"Pacific/Fiji": 1, "Australia/Lord_Howe": 3}.get(zone, 3)
    assert len(lengths) == changes


def test_exceptions_additions_and_moved_ones_of_a_series() -> None:
    series = event(
        "2026-03-16 15:00",
        rule="FREQ=WEEKLY;UNTIL=20260413T150000",
        without=(wall("2026-03-30 15:00"),),
        extra=(wall("2026-04-01 10:00"), wall("2026-03-30 15:00")),
        changed=(
            Change(wall("2026-03-23 15:00"), start=wall("2026-04-20 16:00"), minutes=30, place="Room 2"),
            Change(wall("2026-04-06 15:00"), cancelled=True),
        ),
    )
    found = occurrences(series, *moments("2026-03-01", "2026-05-01"))
    assert [(one.key, one.starts_at) for one in found] == list(
        zip(
            ("20260316T1500", "20260401T1000", "20260406T1500", "20260413T1500", "20260323T1500"),
            moments("2026-03-16 14:00", "2026-04-01 08:00", "2026-04-06 13:00", "2026-04-13 13:00", "2026-04-20 14:00"),
            strict=True,
        )
    )
    assert [one.cancelled for one in found] == [False, False, True, False, False]
    moved = found[-1]
    assert (moved.moved, moved.place, moved.ends_at - moved.starts_at) == (True, "Room 2", timedelta(minutes=30))
    # Where it was, and it alone, is not found there.
    assert not occurrences(series, *moments("2026-03-23", "2026-03-24"))
    assert first(series, moments("2026-04-02")[0]) == found[3]


def test_a_moved_event_keeps_its_key_and_a_moved_series_shifts_all_of_it() -> None:
    once = event().moved(wall("2026-03-15 09:00"))
    assert (key_of(once, once.start), once.sequence) == (ONCE, 1)
    series = event(
        "2026-03-16 15:00",
        rule="FREQ=WEEKLY;UNTIL=20260413T150000",
        without=(wall("2026-03-30 15:00"),),
        changed=(Change(wall("2026-04-06 15:00"), start=wall("2026-04-07 15:00")),),
    ).moved(wall("2026-03-17 16:00"), zone="America/New_York")
    found = occurrences(series, *moments("2026-03-01", "2026-05-01"))
    assert [one.key for one in found] == ["20260317T1600", "20260324T1600", "20260407T1600", "20260414T1600"]
    assert [one.starts_at for one in found] == moments(
        "2026-03-17 20:00", "2026-03-24 20:00", "2026-04-08 20:00", "2026-04-14 20:00"
    )


def test_a_cancelled_event_is_there_and_says_so() -> None:
    [found] = occurrences(event().cancelled(), *moments("2026-01-01", "2027-01-01"))
    assert found.cancelled
    assert first(event(state=State.CANCELLED), moments("2026-01-01")[0]) is None


DAYS = st.datetimes(wall("2019-01-01"), wall("2027-12-31")).map(lambda at: at.replace(second=0, microsecond=0))


@given(
    start=DAYS,
    zone=st.sampled_from(ZONES),
    frequency=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    interval=st.integers(1, 5),
    window=st.tuples(st.integers(0, 500), st.integers(1, 200)),
)
def test_occurrences_are_those_of_the_tz_database(
    start: datetime, zone: str, frequency: str, interval: int, window: tuple[int, int]
) -> None:
    """Each moment shows the wall time of the rule, or is one that clocks left out; nothing is missing at either end."""
    series = event(start.isoformat(), zone, rule=f"FREQ={frequency};INTERVAL={interval}")
    since = utc(start, zone) + timedelta(days=window[0])
    until = since + timedelta(days=window[1])
    found = occurrences(series, since, until)
    known = ZoneInfo(zone)
    for one in found:
        at = wall_of(series, one.key)
        assert at is not None
        assert since <= one.starts_at < until
        assert at.time() == start.time()
        shown = one.starts_at.astimezone(known)
        if is_left_out(at, zone):
            # RFC 5545: with the offset as it was before the gap.
            before = (one.starts_at - timedelta(hours=2)).astimezone(known).utcoffset()
            assert before is not None
            assert at - before == one.starts_at.replace(tzinfo=None)
        else:
            assert shown.replace(tzinfo=None) == at
            assert shown.fold == 0
    # The same from windows put together, and by walking every day.
    middle = since + (until - since) / 2
    assert found == occurrences(series, since, middle) + occurrences(series, middle, until)
    if frequency == "DAILY":
        walked = [start + timedelta(days=interval * step) for step in range(720)]
        assert [one.starts_at for one in found] == [
            at for at in (utc(one, zone) for one in walked) if since <= at < until
        ]


@given(start=DAYS, here=st.sampled_from(ZONES), there=st.sampled_from(ZONES))
def test_a_person_who_changes_zone_sees_the_same_moment(start: datetime, here: str, there: str) -> None:
    weekly = event(start.isoformat(), "Europe/Zurich", rule="FREQ=WEEKLY")
    since = utc(start, "Europe/Zurich")
    for one in occurrences(weekly, since, since + timedelta(days=400)):
        at_home, away = (one.starts_at.astimezone(ZoneInfo(zone)) for zone in (here, there))
        # As moments: Python takes a time that comes twice for unequal to any in another zone (PEP 495).
        assert at_home.astimezone(UTC) == away.astimezone(UTC)
        assert at_home.astimezone(ZoneInfo("Europe/Zurich")).replace(tzinfo=None) == wall_of(weekly, one.key) or (
            is_left_out(wall_of(weekly, one.key) or start, "Europe/Zurich")
        )


@given(
    start=DAYS, zone=st.sampled_from(ZONES), days=st.integers(-40, 40), hours=st.integers(0, 23), skip=st.integers(0, 9)
)
def test_a_moved_series_has_as_many_occurrences_as_before(
    start: datetime, zone: str, days: int, hours: int, skip: int
) -> None:
    rule = screened("FREQ=WEEKLY;COUNT=10", start)
    series = event(start.isoformat(), zone, rule=rule, without=(start + timedelta(weeks=skip),))
    moved = series.moved(start + timedelta(days=days, hours=hours))
    everything = moments("2018-01-01", "2030-01-01")
    assert len(occurrences(series, *everything)) == 9
    assert [wall_of(series, one.key) for one in occurrences(series, *everything)] == [
        at - (moved.start - start) for one in occurrences(moved, *everything) if (at := wall_of(moved, one.key))
    ]


BEGIN = wall("2026-03-16 15:00")


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ("FREQ=SECONDLY", "rule.too_often"),
        ("FREQ=MINUTELY;INTERVAL=30", "rule.too_often"),
        ("FREQ=HOURLY", "rule.too_often"),
        ("FREQ=DAILY;BYHOUR=1,2,3,4;BYMINUTE=0,10,20,30", "rule.too_often"),
        ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + ",".join(map(str, range(24))), "rule.too_often"),
        ("FREQ=DAILY;COUNT=999999999", "rule.too_often"),
        ("FREQ=DAILY;INTERVAL=0", "rule.unknown"),
        ("FREQ=DAILY;INTERVAL=-1", "rule.unknown"),
        ("FREQ=SOMETIMES", "rule.unknown"),
        ("FREQ=DAILY;FREQ=WEEKLY", "rule.unknown"),
        ("FREQ=DAILY;EVERY=2", "rule.unknown"),
        ("FREQ=MONTHLY;BYMONTHDAY=99", "rule.never"),
        ("", "rule.unknown"),
        ("every Monday", "rule.unknown"),
        ("FREQ=DAILY;" * 200, "rule.unknown"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "rule.never"),
        ("FREQ=DAILY;UNTIL=20200101", "rule.never"),
    ],
)
def test_a_rule_that_would_never_end_is_not_taken(rule: str, refusal: str) -> None:
    with pytest.raises(Refusal) as refused:
        screened(rule, BEGIN)
    assert refused.value.key == refusal


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("rrule:freq=weekly;count=3", "FREQ=WEEKLY;UNTIL=20260330T150000"),
        ("FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("FREQ=MONTHLY;BYDAY=3MO;UNTIL=20261231", "FREQ=MONTHLY;BYDAY=3MO;UNTIL=20261231T000000"),
        ("FREQ=HOURLY;INTERVAL=4;COUNT=2", "FREQ=HOURLY;INTERVAL=4;UNTIL=20260316T190000"),
    ],
)
def test_a_count_is_kept_as_the_day_it_comes_to(rule: str, kept: str) -> None:
    assert screened(rule, BEGIN) == kept


def test_a_shifted_rule_ends_later() -> None:
    assert shifted("FREQ=WEEKLY;UNTIL=20260330T150000", timedelta(days=1)) == "FREQ=WEEKLY;UNTIL=20260331T150000"
    assert shifted("FREQ=WEEKLY", timedelta(days=1)) == "FREQ=WEEKLY"
