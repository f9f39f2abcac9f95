"""The dashboard: a month beside the months before it, for whoever looks after the community or a part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from knowledge import commenting, reporting
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import REGIONS
from knowledge.ports import Work
from knowledge.reporting import Report

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody asked to see; None and "" for all there is."""

    month: datetime | None = None
    network: int | None = None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """`trend` ends with the month that is shown; `months` are all that can be, newest first. `mine` are the networks
    whose reports the reader may see, `whole` whether that of the whole community too; `networks` names all by id.
    `compared` are the networks of which anything is told, for whoever may see all. `comments` are by item."""

    report: Report
    trend: tuple[Report, ...]
    months: tuple[datetime, ...]
    whole: bool
    mine: tuple[int, ...]
    networks: Mapping[int, str]
    compared: tuple[Report, ...]
    comments: Mapping[str, tuple[str, ...]]


def opened(work: Work, person: Person) -> list[Notice]:
    """The way to the dashboard. Raises Refusal for whoever may not read any of it."""
    placed(work, person, Choice())
    return [Notice(person.id, "dashboard.link", {"link": work.pages.link(person.id, "/dashboard")})]


def placed(work: Work, person: Person, chosen: Choice) -> Choice:
    """The choice, with a place where there must be one. Raises Refusal for a place that is not theirs, as for one that
    does not exist."""
    network = chosen.network
    if network is None and not reporting.may_read(person):
        network = next(iter(_mine(work, person)), None)
        if network is None:
            raise Refusal("dashboard.not_yours")
    if network is not None and network not in _mine(work, person):
        raise Refusal("dashboard.not_yours")
    if chosen.region and chosen.region not in REGIONS:
        raise Refusal("report.region", said=chosen.region[:40])
    return Choice(chosen.month, network, chosen.region)


def uncounted(work: Work, month: datetime | None) -> list[datetime]:
    """The months to be shown that nobody has counted yet. They are counted and kept before anything is told of them: a
    second look at one would else tell something else."""
    last = month or reporting.last_over(work.now)
    shown = [at for at in _months(work) if at <= last][:MONTHS]
    return [at for at in shown if work.measurement.kept(at) is None]


def board(work: Work, person: Person, chosen: Choice) -> Board:
    """Raises Refusal for what they may not read, and for a month that is not over. Everything on it is told by
    `reporting.made`, or is a comment that `commenting` tells: there is no other way to a figure."""
    at = placed(work, person, chosen)
    report = reporting.made(work, at.month, at.network, at.region)
    trend = [report] if at.region else reporting.trend(work, report.since, MONTHS, at.network)
    everything = at.network is None and not at.region
    compared = reporting.compared(work, report.since)[1] if everything and reporting.may_compare(person) else []
    return Board(
        report=report,
        trend=tuple(trend or [report]),
        months=_months(work),
        whole=reporting.may_read(person),
        mine=tuple(_mine(work, person)),
        networks={one.id: one.name(person.language) for one in work.catalogue.networks},
        compared=tuple(compared),
        comments=commenting.newest(work, report.until) if everything else {},
    )


def _mine(work: Work, person: Person) -> list[int]:
    return [one.id for one in work.catalogue.networks if reporting.may_read(person, one.id)]


def _months(work: Work) -> tuple[datetime, ...]:
    """The months that are over since the first member came, newest first."""
    began = work.measurement.first_joined()
    found: list[datetime] = []
    at = _first(work.now)
    while began is not None and at > began:
        at = _first(at - timedelta(days=1))
        found.append(at)
    return tuple(found)


def _first(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
