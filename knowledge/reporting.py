"""The report: what members said, what the community did, and where that stands against what was promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from knowledge.errors import Refusal
from knowledge.measurement.activity import Activity, activity
from knowledge.measurement.frameworks import Domain, Edition, Target
from knowledge.measurement.results import EARLY, Index, Moved, Result, index, moved, share
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.survey import Kind, State, Survey


@dataclass(frozen=True, slots=True)
class Line:
    """One item: what was said of it last, what was said before the launch, and whether that moved. None where nothing
    may be told."""

    item: str
    latest: Result | None
    baseline: Result | None
    moved: Moved | None


@dataclass(frozen=True, slots=True)
class Section:
    domain: Domain
    latest: Index | None
    baseline: Index | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and where it stands: `now` in its own unit, with an interval where it is a share; `met` is None while
    that is not known, or while the interval holds the target."""

    target: Target
    now: float | None
    low: float | None
    high: float | None
    n: int
    met: bool | None


@dataclass(frozen=True, slots=True)
class Report:
    """Of one closed month, UTC, of the whole community. `waits` are the framework's surveys that still run."""

    edition: Edition
    since: datetime
    until: datetime
    sections: tuple[Section, ...]
    activity: Activity
    standings: tuple[Standing, ...]
    waits: int


def report(work: Work, person: Person, month: datetime | None = None) -> list[Notice]:
    """`month` is any moment in it; None is the last that is over. Raises Refusal for one that is not."""
    return [Notice(person.id, "report", {"report": made(work, month)})]


def made(work: Work, month: datetime | None = None) -> Report:
    """The one report behind chat, page and export."""
    this = _first(work.now)
    since = _before(this) if month is None else _first(month)
    if since >= this:
        raise Refusal("report.not_over")
    until = _after(since)
    edition = work.framework.current
    surveys = work.surveys.of_framework(edition.version)
    closed = [
        one for one in surveys if one.state is State.CLOSED and one.closes_at is not None and one.closes_at < until
    ]
    latest = _latest(work, [one for one in closed if one.kind is not Kind.BASELINE])
    baseline = _latest(work, [one for one in closed if one.kind is Kind.BASELINE])
    done = activity(
        work.measurement.passages(since, until),
        work.measurement.joined(),
        work.measurement.active(since, until),
        since,
        until,
    )
    return Report(
        edition=edition,
        since=since,
        until=until,
        sections=tuple(_section(domain, latest, baseline) for domain in edition.domains),
        activity=done,
        standings=tuple(
            _standing(target, done, [*latest.values()] or [*baseline.values()]) for target in edition.targets
        ),
        waits=sum(one.state in (State.RUNNING, State.PAUSED) for one in surveys),
    )


def _latest(work: Work, surveys: Sequence[Survey]) -> dict[str, Result]:
    """By item, from the last survey in which it may be told."""
    found: dict[str, Result] = {}
    for one in sorted(surveys, key=lambda one: (one.closes_at or work.now, one.id)):
        found |= {result.item: result for result in work.surveys.results(one)}
    return found


def _section(domain: Domain, latest: Mapping[str, Result], baseline: Mapping[str, Result]) -> Section:
    lines = []
    for item in domain.items:
        new, old = latest.get(item), baseline.get(item)
        way = moved(old.together, new.together) if new is not None and old is not None else None
        lines.append(Line(item, new, old, way))
    return Section(
        domain,
        index(domain.key, domain.items, list(latest.values())),
        index(domain.key, domain.items, list(baseline.values())),
        tuple(lines),
    )


def _standing(target: Target, done: Activity, results: Sequence[Result]) -> Standing:
    if target.of == "first_answer":
        wait = done.wait
        now = wait.median if wait is not None else None
        n = wait.n if wait is not None else 0
        # The median has no interval here: of few questions it says too little.
        return Standing(target, now, None, None, n, _met(target, now, now, now) if n >= EARLY else None)
    if target.of == "response_rate":
        told = [one.response for one in results if one.response is not None]
        found = share(sum(one.count for one in told), sum(one.n for one in told))
    else:
        found = getattr(done, target.of)
    if found is None:
        return Standing(target, None, None, None, 0, None)
    return Standing(target, found.part, found.low, found.high, found.n, _met(target, found.part, found.low, found.high))


def _met(target: Target, now: float | None, low: float | None, high: float | None) -> bool | None:
    if now is None or low is None or high is None:
        return None
    if target.least is not None:
        return True if low >= target.least else False if high < target.least else None
    assert target.most is not None
    return True if high <= target.most else False if low > target.most else None


def month_before(of: Report) -> datetime:
    """The beginning of the month before a report's."""
    return _before(of.since)


def _first(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _after(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _before(first: datetime) -> datetime:
    return first.replace(year=first.year - (first.month == 1), month=(first.month - 2) % 12 + 1)
