"""Calendars of other programs: read as they mean it, each event by itself, and never at the cost of the others."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import calendar as bench
from bot.calendars.guard import Guard
from knowledge.event import Change, Event
from knowledge.ics.carrying import from_json, to_json
from knowledge.ics.reading import LARGEST, Found, Problem, Reading, read
from knowledge.ics.writing import written
from knowledge.occurrences import occurrences, wall_of
from knowledge.recurrence import screened
from tests.events.making import START, event, wall

NOW = datetime(2026, 11, 28, tzinfo=UTC)
UTC_2026, UTC_2030 = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
CORPUS = dict(bench.corpus())
QUICK = [name for name, content in CORPUS.items() if len(content) < 100_000 and "never" not in name]


def kinds(reading: Reading) -> set[str]:
    return {problem.kind for problem in reading.problems}


def only(text: str, zone: str = "") -> Found:
    [found] = read(text.encode(), NOW, zone).events
    return found


@pytest.mark.parametrize("name", QUICK)
def test_any_file_is_read_or_told_of(name: str) -> None:
    reading = read(CORPUS[name], NOW)
    assert reading.events or reading.past or reading.problems
    assert from_json(to_json(reading)) == reading
    if name.startswith("valid/"):
        assert reading.events
        assert not reading.problems
    if name.startswith("hostile/rule_"):
        # The event beside the hostile one is read all the same.
        assert [one.title for one in reading.events] == ["Meeting 2"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("odd/no_start.ics", "no_start"),
        ("odd/latin1.ics", "encoding"),
        ("odd/no_end.ics", "unended"),
        ("odd/bad_date.ics", "broken"),
        ("odd/bad_rule.ics", "broken"),
        ("odd/two_rules.ics", "rule_unknown"),
        ("odd/lasts_years.ics", "too_long_lasting"),
        ("odd/from_then_on.ics", "from_then_on"),
        ("odd/empty.ics", "empty"),
        ("odd/a_page.ics", "no_calendar"),
        ("odd/todo_only.ics", "no_events"),
        ("hostile/rule_secondly.ics", "rule_too_often"),
        ("hostile/rule_interval_0.ics", "rule_unknown"),
        ("hostile/rule_count_huge.ics", "rule_too_often"),
        ("hostile/year_1.ics", "rule_too_old"),
    ],
)
def test_what_is_wrong_has_a_word(name: str, told: str) -> None:
    assert kinds(read(CORPUS[name], NOW)) == {told}


def test_a_series_comes_with_its_exceptions_and_its_moved_days() -> None:
    [series] = read(CORPUS["valid/series.ics"], NOW).events
    assert (series.zone, series.start, series.minutes) == ("Europe/Zurich", wall("2027-03-14 15:00"), 60)
    assert series.rule == "FREQ=WEEKLY;UNTIL=20270502T150000"
    assert series.without == (wall("2027-03-21 15:00"),)
    assert series.extra == (wall("2027-03-25 10:00"),)
    assert series.changed == (Change(wall("2027-03-28 15:00"), start=wall("2027-03-29 15:00")),)
    assert series.sequence == 1


@pytest.mark.parametrize(
    ("start", "zone", "said"),
    [
        ("DTSTART;TZID=W. Europe Standard Time:20270314T150000", "Europe/Berlin", ""),
        ("DTSTART:20270314T150000Z", "UTC", ""),
        ("DTSTART;TZID=Moon/Base:20270314T150000", "", "Moon/Base"),
        ("DTSTART:20270314T150000", "", ""),
        ("DTSTART;TZID=../../../etc/passwd:20270314T150000", "", "../../../etc/passwd"),
    ],
)
def test_a_zone_is_known_or_asked_about(start: str, zone: str, said: str) -> None:
    found = only(bench.calendar(bench.event(1, start=start)))
    assert (found.zone, found.zone_said, found.start) == (zone, said, wall("2027-03-14 15:00"))
    chosen = only(bench.calendar(bench.event(1, start=start)), zone="Africa/Dakar")
    assert chosen.zone == (zone or "Africa/Dakar")


def test_what_cannot_be_seen_is_left_out_and_an_address_of_nobody_is_taken_over() -> None:
    text = bench.calendar(
        bench.event(1, "ORGANIZER;CN=Asha Rao:mailto:asha@example.org", "ATTENDEE:mailto:bruno@example.org",
                    "LOCATION:https://meet.example/x", title="\u202eHello\u200b")
    )  # fmt: skip
    found = only(text)
    assert (found.title, found.organiser) == ("Hello 1", "Asha Rao")
    assert (found.link, found.place) == ("https://meet.example/x", "")
    assert "@" not in to_json(read(text.encode(), NOW)).replace("1@example.org", "")


@settings(max_examples=25)
@given(
    st.sampled_from(["Europe/Zurich", "America/New_York", "Pacific/Fiji", "Africa/Casablanca", "Australia/Lord_Howe"]),
    st.sampled_from(["", "FREQ=WEEKLY;COUNT=20", "FREQ=MONTHLY;COUNT=8", "FREQ=DAILY;INTERVAL=3;COUNT=40"]),
    st.datetimes(wall("2026-12-01"), wall("2027-06-01")).map(lambda at: at.replace(minute=0, second=0, microsecond=0)),
    st.sets(st.integers(0, 5), max_size=2),
    st.booleans(),
)
def test_what_we_write_another_library_expands_as_we_do_and_we_read_back(
    zone: str, rule: str, start: datetime, dropped: set[int], all_day: bool
) -> None:
    start = start.replace(hour=0) if all_day else start
    kept = screened(rule, start) if rule else ""
    series = event(start.isoformat(), zone, rule=kept)
    walls = [wall_of(series, one.key) or start for one in occurrences(series, UTC_2026, UTC_2030)]
    without = tuple(walls[place] for place in sorted(dropped) if rule and place < len(walls))
    left = [at for at in walls if at not in without]
    moves = bool(rule and len(left) > 2 and not all_day)
    changed = (Change(left[1], start=left[1] + timedelta(hours=30)),) if moves else ()
    mine: Event = event(
        start.isoformat(), zone, 1440 if all_day else 90, rule=kept, all_day=all_day, without=without, changed=changed,
        uid="1@x", title="Meeting",
    )  # fmt: skip
    content = written([mine], START)
    ours = [one.starts_at for one in occurrences(mine, UTC_2026, UTC_2030)]
    theirs = recurring_ical_events.of(icalendar.Calendar.from_ical(content)).between(UTC_2026, UTC_2030)
    if all_day:
        assert sorted(one["DTSTART"].dt for one in theirs) == [at.astimezone(ZoneInfo(zone)).date() for at in ours]
    else:
        assert sorted(one["DTSTART"].dt.astimezone(UTC) for one in theirs) == ours
    [back] = read(content, datetime(2026, 11, 1, tzinfo=UTC)).events
    again = event(
        back.start.isoformat(), zone, back.minutes, rule=back.rule, all_day=back.all_day, without=back.without,
        changed=back.changed, uid="1@x", title="Meeting",
    )  # fmt: skip
    assert [one.starts_at for one in occurrences(again, UTC_2026, UTC_2030)] == ours


@settings(max_examples=40)
@given(st.binary(max_size=400), st.integers(0, 10_000))
def test_a_file_broken_anywhere_is_read_without_an_error(junk: bytes, at: int) -> None:
    content = CORPUS["valid/series.ics"]
    place = at % len(content)
    reading = read(content[:place] + junk + content[place:], NOW)
    assert reading.events or reading.past or reading.problems


async def test_a_process_that_hangs_is_ended_and_told_of() -> None:
    reading = await Guard(seconds=0.05).read(CORPUS["valid/series.ics"], NOW)
    assert reading == Reading(problems=(Problem("timed_out"),))


async def test_too_large_a_file_is_not_even_looked_at() -> None:
    assert kinds(await Guard().read(b"x" * (LARGEST + 1), NOW)) == {"too_large"}


async def test_the_process_reads_what_is_read_here(tmp_path: Path) -> None:
    content = CORPUS["valid/series.ics"]
    assert await Guard().read(content, NOW) == read(content, NOW)


def test_the_bench_counts_what_came_of_each_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("valid/series.ics", "odd/no_start.ics", "odd/a_page.ics", "hostile/rule_secondly.ics"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(CORPUS[name])
    assert bench.main(["--dir", str(tmp_path), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {name: figures[name] for name in ("files", "read", "partly", "rejected", "timed_out", "exceptions")} == {
        "files": 4, "read": 1, "partly": 2, "rejected": 1, "timed_out": 0, "exceptions": 0
    }  # fmt: skip
