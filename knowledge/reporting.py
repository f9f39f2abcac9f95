"""The report: what members said, what the community did, and where that stands against what was promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from knowledge.errors import Refusal
from knowledge.measurement.activity import Activity, Window, activity
from knowledge.measurement.figures import Figure, figures
from knowledge.measurement.flows import Flow, Sent, flows
from knowledge.measurement.frameworks import Domain, Edition
from knowledge.measurement.results import Index, Moved, Result, Share, index, moved
from knowledge.measurement.standing import Standing, responses, standings
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
class Report:
    """Of one closed month, UTC, of the whole community. `figures` are by indicator of the framework. `waits` are the
    framework's surveys that still run, `responses` the parts that answered by region. Answers flow between `regions`
    and between `networks`, by id; `NOWHERE` is none."""

    edition: Edition
    since: datetime
    until: datetime
    sections: tuple[Section, ...]
    activity: Activity
    figures: Mapping[str, Figure]
    standings: tuple[Standing, ...]
    responses: Mapping[str, Share]
    regions: tuple[Flow, ...]
    networks: tuple[Flow, ...]
    waits: int


NOWHERE = "-"
"""The group of whoever, and of whatever question, belongs to no network."""


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
    window = work.measurement.window(since, until, work.pace.follow_up)
    done, _ = activity(window, work.policy.hours, work.random)
    known = figures(done)
    by_indicator = {key: known[one.formula] for key, one in edition.indicators.items()}
    told = [*latest.values()] or [*baseline.values()]
    return Report(
        edition=edition,
        since=since,
        until=until,
        sections=tuple(_section(domain, latest, baseline) for domain in edition.domains),
        activity=done,
        figures=by_indicator,
        standings=standings(edition, by_indicator, told),
        responses=responses(told),
        regions=flows(_between_regions(window), work.random),
        networks=flows(_between_networks(window), work.random),
        waits=sum(one.state in (State.RUNNING, State.PAUSED) for one in surveys),
    )


def trend(work: Work, month: datetime | None = None, months: int = 12) -> list[Report]:
    """The reports of so many closed months, oldest first, ending with that one; none from before the first member."""
    began = work.measurement.first_joined()
    found: list[Report] = []
    at = month
    while began is not None and len(found) < months:
        report = made(work, at)
        if report.until <= began:
            break
        found.insert(0, report)
        at = month_before(report)
    return found


def _between_regions(window: Window) -> list[Sent]:
    return [
        Sent(given.region, given.by, one.asker_region, one.asker)
        for one in window.passages
        for given in one.answers
        if given.at < window.until
    ]


def _between_networks(window: Window) -> list[Sent]:
    return [
        Sent(str(given.network or NOWHERE), given.by, str(one.network or NOWHERE), one.asker)
        for one in window.passages
        for given in one.answers
        if given.at < window.until
    ]


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


def month_before(of: Report) -> datetime:
    """The beginning of the month before a report's."""
    return _before(of.since)


def _first(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _after(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _before(first: datetime) -> datetime:
    return first.replace(year=first.year - (first.month == 1), month=(first.month - 2) % 12 + 1)
