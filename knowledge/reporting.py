"""The report: what members said, what the community did, and where that stands against what was promised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from knowledge.errors import Refusal
from knowledge.measurement.activity import Activity
from knowledge.measurement.figures import Figure, figures
from knowledge.measurement.findings import Finding
from knowledge.measurement.flows import Flow
from knowledge.measurement.frameworks import Domain, Edition
from knowledge.measurement.releasing import NOWHERE, Release, release
from knowledge.measurement.results import Index, Moved, Result, Share, index, moved
from knowledge.measurement.standing import Standing, responses, standings
from knowledge.notices import Notice
from knowledge.people import DESK, Grant, Person, Role
from knowledge.places import Network
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


MOST_NAMED = 5
"""Of those who connect others."""


@dataclass(frozen=True, slots=True)
class Report:
    """Of one closed month, UTC, of the whole community or of a place: of a network (by id), of a region, or of the
    questions of a network whose askers are of a region. `figures` are by indicator of the framework, all unknown where
    the place is not told (`told`). Of a network there are no `sections`: survey answers carry none.

    `waits` are the framework's surveys that still run, `responses` the parts that answered by region, `connectors` the
    names of those who agreed to be named as connecting others, `evidence` what evaluations and interviews say. Answers
    flow between `regions` and between `networks`, by id; `NOWHERE` is none.
    """

    edition: Edition
    since: datetime
    until: datetime
    network: int | None
    region: str
    told: bool
    sections: tuple[Section, ...]
    activity: Activity
    figures: Mapping[str, Figure]
    standings: tuple[Standing, ...]
    responses: Mapping[str, Share]
    regions: tuple[Flow, ...]
    networks: tuple[Flow, ...]
    connectors: tuple[str, ...]
    evidence: tuple[Finding, ...]
    waits: int


def report(
    work: Work,
    person: Person,
    month: datetime | None = None,
    network: Network | None = None,
    region: str = "",
    *,
    item: str = "",
) -> list[Notice]:
    """`month` is any moment in it; None is the last that is over. Without a place, who looks after no more than one
    network gets that. `item` tells of one statement alone. Raises Refusal for a month that is not over, for a place
    that is not theirs as for one that does not exist, and for a statement within a network: answers carry none."""
    if network is None and not may_read(person):
        network = _only_place(work, person)
    if network is not None and not may_read(person, network.id):
        raise Refusal("network.unknown", name=network.name(person.language))
    if item and network is not None:
        raise Refusal("report.item_network", item=item)
    made_of_it = made(work, month, None if network is None else network.id, region)
    if item:
        return [Notice(person.id, "report.item", {"report": made_of_it, "item": item})]
    return [Notice(person.id, "report", {"report": made_of_it, **_beside(work, person, made_of_it)})]


def _beside(work: Work, person: Person, of: Report) -> dict[str, str]:
    """Where the same is shown: on the dashboard, and of the whole community as a picture, "" where there is none."""
    where = {"month": f"{of.since:%Y-%m}"}
    if of.network is not None:
        where["network"] = str(of.network)
    if of.region:
        where["region"] = of.region
    shown = of.network is None and not of.region and any(one.latest or one.baseline for one in of.sections)
    picture = work.pages.address("picture", f"domains {of.since:%Y-%m} {person.language}") if shown else ""
    return {"dashboard": work.pages.link(person.id, f"/dashboard?{urlencode(where)}"), "picture": picture}


def may_read(person: Person, network: int | None = None) -> bool:
    """Whether they may read the report of a network; None is the whole community, which every desk reads. A network's
    is for its desk and its moderators, and for those of everywhere."""
    if network is None:
        return person.has_somewhere(*DESK)
    readers = DESK | {Role.MODERATOR}
    return any(grant.role in readers and grant.network in (None, network) for grant in person.grants)


def may_compare(person: Person) -> bool:
    return Grant(Role.KM_TEAM) in person.grants


def _only_place(work: Work, person: Person) -> Network:
    there = [one for one in work.catalogue.networks if may_read(person, one.id)]
    if len(there) != 1:
        raise Refusal("report.which_place", networks=[one.name(person.language) for one in there])
    return there[0]


def may_be_named(work: Work, person: Person, *, yes: bool) -> list[Notice]:
    """Whether a report may say by name that they connect others. No by default, and taken back for past months too."""
    work.people.prefer(person.id, connector=yes)
    return [Notice(person.id, "connector.on" if yes else "connector.off")]


def compare(work: Work, person: Person, month: datetime | None = None) -> list[Notice]:
    """Every network of which anything may be told, side by side, by the same definitions."""
    if not may_compare(person):
        raise Refusal("report.compare_km")
    whole, side_by_side = compared(work, month)
    return [Notice(person.id, "report.compared", {"whole": whole, "networks": side_by_side})]


def compared(work: Work, month: datetime | None = None) -> tuple[Report, list[Report]]:
    """The whole community's report, and that of each network of which anything may be told."""
    whole = made(work, month)
    found = [made(work, whole.since, one.id) for one in work.catalogue.networks]
    return whole, [one for one in found if one.told]


def slices(work: Work, whole: Report) -> list[Report]:
    """A month's report, and that of every part of the community that is told: for whoever goes on calculating."""
    found = released(work, whole.since)
    places = [(None if not one.network else one.network, one.region) for one in found.slices]
    return [
        whole,
        *(
            made(work, whole.since, None if network is None else int(network), region)
            for network, region in places
            if network != NOWHERE
        ),
    ]


def released(work: Work, since: datetime) -> Release:
    """What is told of the closed month that began then: as it was first counted, whoever looks and whenever."""
    kept = work.measurement.kept(since)
    if kept is not None:
        return kept
    found, brokers = counted(work, since)
    return work.measurement.keep(found, brokers, work.now)


def counted(work: Work, since: datetime) -> tuple[Release, tuple[int, ...]]:
    """A closed month counted anew, and who lies on most ways between others. For `released` and the clock alone."""
    window = work.measurement.window(since, _after(since), work.pace.follow_up)
    return release(window, work.policy.hours, work.random)


def last_over(now: datetime) -> datetime:
    """The beginning of the last month that is over."""
    return _before(_first(now))


def made(work: Work, month: datetime | None = None, network: int | None = None, region: str = "") -> Report:
    """The one report behind chat, page and export."""
    since = last_over(work.now) if month is None else _first(month)
    if since >= _first(work.now):
        raise Refusal("report.not_over")
    until = _after(since)
    edition = work.framework.current
    # Survey answers carry no network, so that none can be told by it.
    surveys = work.surveys.of_framework(edition.version) if network is None else []
    closed = [
        one for one in surveys if one.state is State.CLOSED and one.closes_at is not None and one.closes_at < until
    ]
    latest = _latest(work, [one for one in closed if one.kind is not Kind.BASELINE])
    baseline = _latest(work, [one for one in closed if one.kind is Kind.BASELINE])
    told_of = responses([*latest.values()] or [*baseline.values()])
    if region:
        latest, baseline = _within(latest, region), _within(baseline, region)
    found = released(work, since)
    of_place = found.of("" if network is None else str(network), region)
    done = of_place or Activity(since, until)
    known = figures(done)
    by_indicator = {key: known[one.formula] for key, one in edition.indicators.items()}
    shown = [] if network is not None else [*latest.values()] or [*baseline.values()]
    return Report(
        edition=edition,
        since=since,
        until=until,
        network=network,
        region=region,
        told=of_place is not None,
        sections=() if network is not None else tuple(_section(one, latest, baseline) for one in edition.domains),
        activity=done,
        figures=by_indicator,
        standings=standings(edition, by_indicator, shown),
        responses=told_of,
        regions=found.regions,
        networks=found.networks,
        connectors=() if network is not None or region else _connectors(work, since),
        evidence=() if network is not None or region else tuple(work.evidence.of_framework(edition.version, until)),
        waits=sum(one.state in (State.RUNNING, State.PAUSED) for one in surveys),
    )


def _connectors(work: Work, since: datetime) -> tuple[str, ...]:
    people = (work.people.get(number) for number in work.measurement.connectors(since))
    return tuple(one.name for one in people if not one.forgotten)[:MOST_NAMED]


def _within(results: Mapping[str, Result], region: str) -> dict[str, Result]:
    """What is told of a region apart, as results of its own."""
    return {
        item: replace(one, together=one.apart[region], apart={}, response=one.responses.get(region), responses={})
        for item, one in results.items()
        if region in one.apart
    }


def trend(work: Work, month: datetime | None = None, months: int = 12, network: int | None = None) -> list[Report]:
    """The reports of so many closed months, oldest first, ending with that one; none from before the first member."""
    began = work.measurement.first_joined()
    found: list[Report] = []
    at = month
    while began is not None and len(found) < months:
        report = made(work, at, network)
        if report.until <= began:
            break
        found.insert(0, report)
        at = month_before(report)
    return found


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


def month_after(month: datetime) -> datetime:
    return _after(month)


def _after(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _before(first: datetime) -> datetime:
    return first.replace(year=first.year - (first.month == 1), month=(first.month - 2) % 12 + 1)
