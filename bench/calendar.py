"""Reads calendar files through the real import and says what came of them; and makes files to try it on.

    python -m bench.calendar --make DIR
    python -m bench.calendar --dir DIR [--json]

`--make` writes a corpus: valid files of many forms, odd ones as real programs write them, and hostile ones. `--dir`
reads every .ics below a folder as one sent in chat is read: in a process of its own, bounded in time, memory and size.
`partly` are files of which something was read and something was not; `rejected` those of which nothing was; `timed_out`
those whose process had to be ended, `exceptions` those that escaped as an error: none may. The exit code is 1 where one
did, or where one took longer than the limit.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.calendars.guard import SECONDS, Guard
from knowledge.ics.reading import LARGEST, Reading

NOW = datetime(2026, 11, 28, tzinfo=UTC)


async def measure(files: Sequence[Path]) -> dict[str, float]:
    """Each of the files, one after the other. The figures by name."""
    guard = Guard()
    figures: dict[str, float] = dict.fromkeys(("files", "read", "partly", "rejected", "timed_out", "exceptions"), 0)
    slowest = 0.0
    for path in files:
        content = _content(path)
        began = time.monotonic()
        figures["files"] += 1
        try:
            figures[_outcome(await guard.read(content, NOW))] += 1
        except Exception as error:
            figures["exceptions"] += 1
            print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
        took = time.monotonic() - began
        if took > slowest:
            slowest = took
    return {**figures, "slowest_s": round(slowest, 2)}


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        # A channel hands over no more either.
        return file.read(LARGEST + 1)


def _outcome(reading: Reading) -> str:
    if any(problem.kind == "timed_out" for problem in reading.problems):
        return "timed_out"
    if reading.rejected:
        return "rejected"
    return "partly" if reading.problems or reading.unknown_zones else "read"


# The corpus


def event(number: int = 1, *more: str, start: str = "DTSTART:20270314T150000Z", title: str = "Meeting") -> str:
    lines = [f"UID:{number}@example.org", "DTSTAMP:20261101T000000Z", start, f"SUMMARY:{title} {number}", *more]
    return "\r\n".join(["BEGIN:VEVENT", *filter(None, lines), "END:VEVENT"])


def calendar(*parts: str, head: str = "") -> str:
    return "\r\n".join(filter(None, ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//EN", head, *parts,
                                     "END:VCALENDAR", ""]))  # fmt: skip


def _one(*more: str, start: str, head: str = "") -> bytes:
    return calendar(event(1, *more, start=start), head=head).encode()


def _two(*more: str, start: str = "DTSTART:20270314T150000Z") -> bytes:
    """One that is strange, and one that is not."""
    return calendar(event(1, *more, start=start), event(2)).encode()


def corpus() -> Iterator[tuple[str, bytes]]:
    """Names and contents, the largest (100 MB) aside."""
    yield from _valid()
    yield from _odd()
    yield from _hostile()


def _valid() -> Iterator[tuple[str, bytes]]:
    zoned = "DTSTART;TZID={}:20270314T150000"
    for name in ("Europe/Zurich", "America/New_York", "Pacific/Fiji", "Africa/Casablanca", "Australia/Lord_Howe"):
        text = calendar(event(1, "DURATION:PT90M", start=zoned.format(name)))
        yield f"valid/zone_{name.replace('/', '_')}.ics", text.encode()
    for name in ("W. Europe Standard Time", "Eastern Standard Time", "Fiji Standard Time"):
        text = calendar(event(1, start=zoned.format(f'"{name}"')))
        yield f"valid/windows_{name.replace(' ', '_')}.ics", text.encode()
    for frequency in ("DAILY", "WEEKLY;BYDAY=MO,WE", "MONTHLY;BYDAY=3TU", "YEARLY", "WEEKLY;COUNT=10",
                      "MONTHLY;BYMONTHDAY=-1", "WEEKLY;UNTIL=20271231T000000Z", "DAILY;INTERVAL=3"):  # fmt: skip
        text = calendar(event(1, f"RRULE:FREQ={frequency}", start=zoned.format("Europe/Zurich")))
        yield f"valid/rule_{frequency.split(';')[0].lower()}_{len(frequency)}.ics", text.encode()
    series = event(
        1, "RRULE:FREQ=WEEKLY;COUNT=8", "EXDATE;TZID=Europe/Zurich:20270321T150000",
        "RDATE;TZID=Europe/Zurich:20270325T100000", start=zoned.format("Europe/Zurich"),
    )  # fmt: skip
    moved = event(
        1, "RECURRENCE-ID;TZID=Europe/Zurich:20270328T150000", "SEQUENCE:1",
        start="DTSTART;TZID=Europe/Zurich:20270329T150000",
    )  # fmt: skip
    yield "valid/series.ics", calendar(series, moved).encode()
    yield "valid/all_day.ics", _one("DTEND;VALUE=DATE:20270317", start="DTSTART;VALUE=DATE:20270314")
    yield "valid/cancelled.ics", calendar(event(1, "STATUS:CANCELLED"), event(2)).encode()
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM"
    yield "valid/alarm.ics", calendar(event(1, alarm)).encode()
    yield "valid/hundred.ics", calendar(*(event(number) for number in range(100))).encode()
    yield "valid/accents.ics", calendar(event(1, title="Réunion à Genève – acción · 会议")).encode()
    definition = "\r\n".join([
        "BEGIN:VTIMEZONE", "TZID:Our own time", "BEGIN:STANDARD", "DTSTART:19701025T030000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200", "END:DAYLIGHT", "END:VTIMEZONE",
    ])  # fmt: skip
    yield "valid/own_zone.ics", calendar(event(1, start=zoned.format("Our own time")), head=definition).encode()


def _odd() -> Iterator[tuple[str, bytes]]:
    yield "odd/no_start.ics", calendar(event(1, start=""), event(2)).encode()
    yield "odd/no_uid.ics", calendar(event(1).replace("UID:1@example.org\r\n", "")).encode()
    yield "odd/bare_newlines.ics", calendar(event(1), event(2)).replace("\r\n", "\n").encode()
    yield "odd/old_mac.ics", calendar(event(1)).replace("\r\n", "\r").encode()
    yield "odd/latin1.ics", calendar(event(1, title="Réunion à Genève")).encode("latin-1")
    yield "odd/utf16.ics", calendar(event(1, title="Réunion")).encode("utf-16")
    yield "odd/bom.ics", b"\xef\xbb\xbf" + calendar(event(1)).encode()
    yield "odd/folded.ics", calendar(event(1, title="A title that is fold\r\n ed over\r\n\t and over")).encode()
    yield "odd/floating.ics", calendar(event(1, start="DTSTART:20270314T150000")).encode()
    yield "odd/unknown_zone.ics", calendar(event(1, start="DTSTART;TZID=Moon/Base:20270314T150000")).encode()
    yield "odd/wr_timezone.ics", _one(start="DTSTART:20270314T150000", head="X-WR-TIMEZONE:Africa/Dakar")
    yield "odd/no_end.ics", calendar(event(1), event(2)).rpartition("END:VEVENT")[0].encode()
    yield "odd/no_frame.ics", event(1).encode()
    yield "odd/ends_before.ics", calendar(event(1, "DTEND:20270314T140000Z")).encode()
    yield "odd/lasts_years.ics", calendar(event(1, "DTEND:20370314T140000Z"), event(2)).encode()
    yield "odd/bad_date.ics", calendar(event(1, start="DTSTART:20279999T999999Z"), event(2)).encode()
    yield "odd/bad_rule.ics", calendar(event(1, "RRULE:FREQ=SOMETIMES"), event(2)).encode()
    yield "odd/two_rules.ics", calendar(event(1, "RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), event(2)).encode()
    yield "odd/two_starts.ics", calendar(event(1, "DTSTART:20270315T150000Z"), event(2)).encode()
    yield "odd/orphan.ics", calendar(event(1, "RECURRENCE-ID:20270314T150000Z")).encode()
    yield "odd/from_then_on.ics", calendar(
        event(1, "RRULE:FREQ=WEEKLY"), event(1, "RECURRENCE-ID;RANGE=THISANDFUTURE:20270321T150000Z")
    ).encode()  # fmt: skip
    yield "odd/past.ics", calendar(event(1, start="DTSTART:20200314T150000Z")).encode()
    yield "odd/todo_only.ics", calendar("BEGIN:VTODO\r\nUID:1\r\nSUMMARY:x\r\nEND:VTODO").encode()
    yield "odd/empty.ics", b""
    yield "odd/no_events.ics", calendar().encode()
    yield "odd/a_page.ics", b"<!doctype html><html><body>Sign in</body></html>"
    yield "odd/period_dates.ics", calendar(event(1, "RDATE;VALUE=PERIOD:20270320T150000Z/PT1H")).encode()
    yield "odd/no_colon.ics", calendar(event(1, "THIS LINE HAS NO COLON"), event(2)).encode()


def _hostile() -> Iterator[tuple[str, bytes]]:
    for name, rule in {
        "secondly": "FREQ=SECONDLY", "minutely": "FREQ=MINUTELY;INTERVAL=1", "hourly": "FREQ=HOURLY",
        "interval_0": "FREQ=DAILY;INTERVAL=0", "interval_minus": "FREQ=DAILY;INTERVAL=-5",
        "count_huge": "FREQ=DAILY;COUNT=999999999", "never": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "never_daily": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "setpos": "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-366",
        "by_all": "FREQ=YEARLY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))),
        "long": "FREQ=DAILY;BYMONTHDAY=" + ",".join(["1"] * 5000), "interval_huge": "FREQ=DAILY;INTERVAL=" + "9" * 400,
    }.items():  # fmt: skip
        yield f"hostile/rule_{name}.ics", calendar(event(1, f"RRULE:{rule}"), event(2)).encode()
    yield "hostile/year_1.ics", _two("RRULE:FREQ=DAILY", start="DTSTART:00010101T000000Z")
    yield "hostile/year_9999.ics", _two("RRULE:FREQ=DAILY", start="DTSTART:99991231T000000Z")
    yield "hostile/events_50000.ics", calendar(*(event(number) for number in range(50_000))).encode()
    yield (
        "hostile/series_2500.ics",
        calendar(
            *(event(number, "RRULE:FREQ=DAILY", start="DTSTART:19700101T000000Z") for number in range(2500))
        ).encode(),
    )
    yield (
        "hostile/exdates.ics",
        _two("RRULE:FREQ=DAILY", *(f"EXDATE:20270{1 + n % 9}{1 + n % 28:02}T150000Z" for n in range(3000))),
    )
    yield "hostile/nested.ics", calendar("BEGIN:VEVENT\r\n" * 20_000, event(2)).encode()
    deep = "BEGIN:VALARM\r\n" * 50_000 + "END:VALARM\r\n" * 50_000
    yield "hostile/deep.ics", calendar(event(1, deep.strip()), event(2)).encode()
    yield "hostile/long_line.ics", calendar(event(1, "DESCRIPTION:" + "x" * 5_000_000), event(2)).encode()
    folded = "DESCRIPTION:" + "x\r\n " * 400_000
    yield "hostile/folds.ics", calendar(event(1, folded + "x"), event(2)).encode()
    params = "X-A;" + ";".join(f'P{number}="{"y" * 50}"' for number in range(1500)) + ":z"
    yield "hostile/parameters.ics", calendar(event(1, params), event(2)).encode()
    yield "hostile/quotes.ics", calendar(event(1, 'X-A;B="' + '"' * 30_001 + ":z"), event(2)).encode()
    yield "hostile/backslashes.ics", calendar(event(1, "DESCRIPTION:" + "\\" * 90_000), event(2)).encode()
    zones = "\r\n".join(f"BEGIN:VTIMEZONE\r\nTZID:Z{number}\r\nEND:VTIMEZONE" for number in range(5000))
    yield "hostile/zones.ics", calendar(event(1), head=zones).encode()
    looping = "\r\n".join([
        "BEGIN:VTIMEZONE", "TZID:Loop", "BEGIN:STANDARD", "DTSTART:19700101T000000", "RRULE:FREQ=SECONDLY",
        "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
    ])  # fmt: skip
    yield "hostile/zone_secondly.ics", _one(start="DTSTART;TZID=Loop:20270314T150000", head=looping)
    yield "hostile/nul.ics", calendar(event(1, title="a\0b\x1b[31mc"), event(2)).encode()
    yield "hostile/bidi.ics", calendar(event(1, title="\u202egnp.exe\u200b")).encode()
    yield "hostile/random.ics", bytes((number * 7919 + number // 3) % 256 for number in range(200_000))
    yield "hostile/begin_only.ics", b"BEGIN:VCALENDAR\r\n" * 100_000
    yield "hostile/sequence.ics", calendar(event(1, "SEQUENCE:" + "9" * 5000), event(2)).encode()
    yield "hostile/duration.ics", calendar(event(1, "DURATION:P99999999999W"), event(2)).encode()
    yield "hostile/tzid_path.ics", calendar(event(1, start="DTSTART;TZID=../../../etc/passwd:20270314T150000")).encode()


def make(folder: Path, largest: int = 100_000_000) -> int:
    """Writes the corpus; returns how many files."""
    many = 0
    for name, content in corpus():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        many += 1
    with (folder / "hostile" / "large.ics").open("wb") as file:
        file.write(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
        block = (event(1, "DESCRIPTION:" + "x" * 990_000) + "\r\n").encode()
        while file.tell() < largest:
            file.write(block)
        file.write(b"END:VCALENDAR\r\n")
    return many + 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bench.calendar", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dir", type=Path, default=None, metavar="DIR", help="read every .ics below it")
    parser.add_argument("--make", type=Path, default=None, metavar="DIR", help="write a corpus to try it on")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args(arguments)
    if options.make is not None:
        print(f"{make(options.make)} files in {options.make}")
    if options.dir is None:
        return 0 if options.make is not None else parser.error("say --dir DIR or --make DIR")
    figures = asyncio.run(measure(sorted(options.dir.rglob("*.ics"))))
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:12} {value:g}")
    return 1 if figures["exceptions"] or figures["slowest_s"] > SECONDS + 5 else 0


if __name__ == "__main__":
    sys.exit(main())
