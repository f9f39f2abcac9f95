"""Rules of recurrence (RFC 5545, RRULE): which ones we take, and the wall times they give.

dateutil reads and expands them. It would do so for ever where a rule asks for it, so a rule is screened before it is
kept, and only ever expanded up to a moment.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from dateutil.rrule import rrule, rrulestr

from knowledge.errors import Refusal

LONGEST_RULE = 500
"""Characters."""
MOST_COUNTED = 5000
"""A COUNT that is higher says nothing that "for ever" would not."""
MOST_A_DAY = 12
"""Times a day that one event may take place."""
YEARS = 30
"""How far a rule is looked at, from its start."""
EARLIEST = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall time
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_PARTS = frozenset(
    """FREQ INTERVAL COUNT UNTIL BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS
    WKST""".split()
)


def screened(rule: str, start: datetime, until: datetime | None = None) -> str:
    """The rule as it is kept: upper case, its COUNT turned into the UNTIL (a wall time) that it comes to. `start` is
    the wall time it begins at, `until` the wall time of its own UNTIL where that was told in UTC.

    Raises Refusal `rule.*` for what is no rule, never takes place, or does so too often.
    """
    parts = _parts(rule)
    frequency = parts.get("FREQ", "")
    if frequency in ("SECONDLY", "MINUTELY"):
        raise Refusal("rule.too_often", rule=rule[:80])
    if frequency not in _FREQUENCIES:
        raise Refusal("rule.unknown", rule=rule[:80])
    if start < EARLIEST:
        raise Refusal("rule.too_old", rule=rule[:80])
    interval, count = _number(parts, "INTERVAL", rule), _number(parts, "COUNT", rule)
    times = 1
    for part, most in (("BYHOUR", 24), ("BYMINUTE", 60), ("BYSECOND", 60)):
        times *= min(most, len(parts[part].split(","))) if part in parts else 1
    if frequency == "HOURLY":
        times *= -(-24 // (interval or 1)) if "BYHOUR" not in parts else 1
    if times > MOST_A_DAY or (count or 0) > MOST_COUNTED:
        raise Refusal("rule.too_often", rule=rule[:80])
    horizon = start.replace(year=start.year + YEARS, day=min(start.day, 28))
    ends = until or (_wall(parts["UNTIL"], rule) if "UNTIL" in parts else None)
    kept = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    open_ended = ";".join(f"{name}={value}" for name, value in kept.items())
    found = _expanded(open_ended, start, min(ends or horizon, horizon))
    if count:
        last = None
        for last in islice(found, count):  # noqa: B007 - only the last is wanted
            pass
        ends = last
    else:
        last = next(iter(found), None)
    if last is None:
        raise Refusal("rule.never", rule=rule[:80])
    return f"{open_ended};UNTIL={ends:%Y%m%dT%H%M%S}" if ends else open_ended


def wall_times(rule: str, start: datetime, since: datetime, until: datetime) -> Iterator[datetime]:
    """The wall times from `since` to `until`, both included, that a screened rule gives."""
    return (at for at in _expanded(rule, start, until) if at >= since)


def shifted(rule: str, by: timedelta) -> str:
    """The rule of a series that begins that much later: it ends that much later too."""
    parts = _parts(rule)
    if "UNTIL" in parts:
        parts["UNTIL"] = f"{_wall(parts['UNTIL'], rule) + by:%Y%m%dT%H%M%S}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _parts(rule: str) -> dict[str, str]:
    if len(rule) > LONGEST_RULE:
        raise Refusal("rule.unknown", rule=rule[:80])
    said = rule.strip().upper().removeprefix("RRULE:").strip(";")
    pairs = [part.partition("=") for part in said.split(";")]
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    if len(parts) != len(pairs) or not set(parts) <= _PARTS or not all(parts.values()):
        raise Refusal("rule.unknown", rule=rule[:80])
    return parts


def _number(parts: dict[str, str], part: str, rule: str) -> int | None:
    if part not in parts:
        return None
    # INTERVAL=0 would stand still for ever.
    if not parts[part].isdecimal() or len(parts[part]) > 9 or not int(parts[part]):
        raise Refusal("rule.unknown", rule=rule[:80])
    return int(parts[part])


def _wall(said: str, rule: str) -> datetime:
    """UNTIL as a wall time: what it says in UTC is close enough where nobody told the zone."""
    digits = said.removesuffix("Z")
    try:
        return datetime.strptime(digits, "%Y%m%dT%H%M%S" if "T" in digits else "%Y%m%d")  # noqa: DTZ007 - a wall time
    except ValueError:
        raise Refusal("rule.unknown", rule=rule[:80]) from None


def _expanded(rule: str, start: datetime, until: datetime) -> Iterator[datetime]:
    """Bounded by `until` and by the rule's own UNTIL, so that it ends whatever the rule says."""
    parts = _parts(rule)
    ends = min(until, _wall(parts.pop("UNTIL"), rule)) if "UNTIL" in parts else until
    open_ended = _read(";".join(f"{name}={value}" for name, value in parts.items()), start)
    return iter(open_ended.replace(until=ends))


@lru_cache(maxsize=512)
def _read(rule: str, start: datetime) -> rrule:
    try:
        found = rrulestr(rule, dtstart=start)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError):
        raise Refusal("rule.unknown", rule=rule[:80]) from None
    assert isinstance(found, rrule), "one line, no set"
    return found
