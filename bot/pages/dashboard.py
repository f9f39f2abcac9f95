"""The dashboard: what was measured at a glance, over time and in detail; its downloads and the printable report."""

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from bot import exports
from bot.pages.page import PAGES, File, Shown, Visit, page
from bot.plots import activity, drawing, surveys
from bot.plots.plot import Plot
from bot.templating import as_data
from dialogs.ports import Desk
from dialogs.reporting import agreed, amount, by_region, evidence_line, figure, month_of, percent
from dialogs.wording import Say
from knowledge import dashboard as boards
from knowledge import reporting
from knowledge.dashboard import Board, Choice
from knowledge.errors import Refusal
from knowledge.measurement import exporting
from knowledge.measurement.disclosure import ELSEWHERE
from knowledge.measurement.figures import Figure
from knowledge.measurement.frameworks import Edition
from knowledge.measurement.releasing import NOWHERE, Release
from knowledge.measurement.results import Change, Index
from knowledge.measurement.standing import Standing
from knowledge.people import DESK, Role
from knowledge.places import REGIONS
from knowledge.reporting import Line, Report

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_KINDS = {"csv": "text/csv", "json": "application/json", "xlsx": exports.XLSX}
READERS = DESK | {Role.MODERATOR}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plot and its two pictures as addresses that carry them, "" where they could not be drawn in time."""

    plot: Plot
    wide: str
    narrow: str
    specs: Markup


@page("/dashboard", title="dashboard.page", roles=READERS)
async def dashboard(visit: Visit) -> Shown:
    return await _shown(visit, printed=False)


@page("/dashboard/report", title="dashboard.report", roles=READERS, listed=False)
async def printable(visit: Visit) -> Shown:
    """The same, opened in all its parts and made for paper."""
    return await _shown(visit, printed=True)


@page("/dashboard/figures", title="dashboard.page", roles=READERS, listed=False)
async def figures(visit: Visit) -> File:
    """The month's figures to calculate on with; by the same rule as everything else."""
    ending = visit.query.get("as", "")
    if ending not in _KINDS:
        raise Refusal("dashboard.format", formats=", ".join(sorted(_KINDS)))
    chosen = _chosen(visit.query)
    await _count(visit, chosen)

    def rows(work: Desk) -> tuple[datetime, list[exporting.Row]]:
        at = boards.placed(work, visit.reader, chosen)
        made = reporting.made(work, at.month, at.network, at.region)
        keys = {one.id: one.key for one in work.catalogue.networks}
        everything = at.network is None and not at.region
        some = reporting.slices(work, made) if everything else [made]
        return made.since, list(exporting.rows(some, keys, visit.say.language))

    since, found = await visit.look(rows)
    content = exports.FORMATS[ending](found, exporting.COLUMNS)
    return File(content, _KINDS[ending], f"figures-{since:%Y-%m}.{ending}")


async def _shown(visit: Visit, *, printed: bool) -> Shown:
    chosen = _chosen(visit.query)
    await _count(visit, chosen)
    board = await visit.look(lambda work: boards.board(work, visit.reader, chosen))
    say, of = visit.say, board.report
    plots = {one.key: await _drawn(one) for one in plotted(say, board)}
    when = month_of(say, of.since)
    return Shown(
        "dashboard.html",
        {
            "printed": printed,
            "when": when,
            "month": f"{of.since:%Y-%m}",
            "months": [(f"{at:%Y-%m}", month_of(say, at)) for at in board.months],
            "cards": _cards(say, of),
            "standings": [_standing(say, of.edition, one) for one in of.standings],
            "domains": [(section.domain, [_item(say, board, line) for line in section.lines])
                        for section in of.sections],
            "indicators": _indicators(say, of),
            "plots": plots,
            "waits": say.count("report.surveys_open", of.waits) if of.waits else "",
            "made": say.day(visit.now),
            "edition": of.edition,
            "formats": sorted(_KINDS),
            "reads_gaps": PAGES["/gaps"].open_to(visit.reader),
            "query": _query(of),
            "place": ", ".join(filter(None, (board.networks.get(of.network or 0, ""), of.region
                                             and surveys.region_name(say, of.region)))),
            "told": of.told,
            "network": of.network,
            "region": of.region,
            "whole": board.whole,
            "networks": [(number, board.networks[number]) for number in board.mine],
            "regions": [(region, surveys.region_name(say, region)) for region in REGIONS],
            "compared": _compared(say, board),
            "connectors": say.listed(list(of.connectors)),
        },
        title=say("dashboard.title", month=when),
    )  # fmt: skip


async def _count(visit: Visit, chosen: Choice) -> None:
    """Counts the months that nobody counted yet: read apart from where they are kept, so that nobody waits to write."""
    await visit.look(lambda work: boards.placed(work, visit.reader, chosen))
    for at in await visit.look(lambda work: boards.uncounted(work, chosen.month)):
        found, brokers = await visit.look(partial(reporting.counted, since=at))
        await visit.change(partial(_keep, found=found, brokers=brokers))


def _keep(work: Desk, *, found: Release, brokers: tuple[int, ...]) -> None:
    work.measurement.keep(found, brokers, work.now)


def plotted(say: Say, board: Board) -> list[Plot]:
    """Every plot of which something may be told."""
    of, trend = board.report, board.trend

    def network(group: str) -> str:
        if group in (ELSEWHERE, NOWHERE):
            return say("plot.nowhere") if group else say("plot.elsewhere_networks")
        return board.networks.get(int(group), group)

    found = [
        surveys.domains(say, of),
        surveys.items(say, of),
        surveys.spread(say, of),
        surveys.response(say, of),
        activity.agreement(say, trend),
        activity.trend(say, trend),
        activity.waiting(say, of),
        activity.flows(say, "regions", of.regions, lambda group: surveys.region_name(say, group)),
        activity.flows(say, "networks", of.networks, network),
        activity.people(say, trend),
        activity.profiles(say, of),
    ]
    return [one for one in found if one is not None]


async def _drawn(plot: Plot) -> Drawn:
    wide, narrow = [await drawing.svg(spec) for spec in (plot.wide, plot.narrow)]
    return Drawn(plot, _address(wide), _address(narrow), as_data({"wide": plot.wide, "narrow": plot.narrow}))


def _address(picture: bytes | None) -> str:
    return "" if picture is None else f"data:image/svg+xml;base64,{b64encode(picture).decode()}"


def _chosen(query: Mapping[str, str]) -> Choice:
    said, network = query.get("month", ""), query.get("network", "")
    found = _MONTH.fullmatch(said)
    if said and found is None:
        raise Refusal("report.month", said=said[:20])
    if network and not (network.isascii() and network.isdecimal() and len(network) < 10):
        raise Refusal("dashboard.not_yours")
    month = None if found is None else datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)
    return Choice(month, int(network) if network else None, query.get("region", ""))


def _query(of: Report) -> str:
    """The choice that leads to this report, for links from it."""
    chosen = {"month": f"{of.since:%Y-%m}", "network": of.network or "", "region": of.region}
    return urlencode({name: value for name, value in chosen.items() if value})


def _cards(say: Say, of: Report) -> list[dict[str, Any]]:
    """The four domains at a glance."""
    found: list[dict[str, Any]] = []
    for section in of.sections:
        now, before = section.latest, section.baseline
        found.append({
            "name": section.domain.name[say.language],
            "value": say("plot.not_told") if now is None else say("report.percent", percent=percent(now.part)),
            "told": now is not None,
            "label": say("dashboard.agree"),
            "interval": "" if now is None else _interval(say, now),
            "before": say("dashboard.no_baseline") if before is None
            else say("dashboard.before", percent=percent(before.part), low=percent(before.low),
                     high=percent(before.high)),
            "change": _apart(say, before, now),
            "bar": None if now is None else (now, before),
        })  # fmt: skip
    lines = [
        (of.edition.indicators[key].name[say.language], _brief(say, of.edition.indicators[key].unit, of.figures[key]))
        for key in ("answer_rate", "first_answer_working", "cross_region_share", "active_members")
        if key in of.figures
    ]
    found.append({"name": say("dashboard.optimization"), "lines": lines})
    return found


def _brief(say: Say, unit: str, one: Figure) -> str:
    """A figure in a few words; all of it stands in the table of indicators."""
    if one.share is not None:
        return say("plot.interval", percent=percent(one.share.part), low=percent(one.share.low),
                   high=percent(one.share.high))  # fmt: skip
    return figure(say, unit, one) if one.value is None else amount(say, unit, one.value)


def _apart(say: Say, before: Index | None, now: Index | None) -> tuple[str, str]:
    """How a domain moved: the kind of mark and its words. An arrow only where the intervals are apart."""
    if before is None or now is None:
        return "", ""
    if now.low > before.high:
        return "good", say("dashboard.higher")
    if now.high < before.low:
        return "bad", say("dashboard.lower")
    return "open", say("dashboard.unclear")


def _interval(say: Say, of: Index) -> str:
    return say("dashboard.interval", low=percent(of.low), high=percent(of.high), told=of.told, items=of.items)


def _standing(say: Say, edition: Edition, one: Standing) -> dict[str, str]:
    of, target = one.target.of, one.target
    unit = edition.indicators[of].unit if of in edition.indicators else "items" if of == "leaks" else "share"
    name = edition.indicators[of].name[say.language] if of in edition.indicators else say(f"report.{of}")
    wanted = "" if one.wanted is None else amount(say, unit, one.wanted)
    if target.above_random:
        said = say("report.above", amount=wanted) if wanted else say("report.above_unknown")
    else:
        said = say("report.least" if target.least is not None else "report.most", amount=wanted)
    now = say("plot.not_known") if one.now is None else amount(say, unit, one.now)
    if one.now is not None and one.low is not None and one.high is not None:
        now = say("plot.interval", percent=percent(one.now), low=percent(one.low), high=percent(one.high))
    state = "unknown" if one.now is None else {True: "met", False: "missed", None: "open"}[one.met]
    return {
        "name": name,
        "wanted": said,
        "now": now,
        "n": str(one.n) if one.n else "",
        "state": say(f"dashboard.state_{state}"),
        "mark": {"met": "good", "missed": "bad"}.get(state, "open"),
    }


def _item(say: Say, board: Board, line: Line) -> dict[str, Any]:
    edition = board.report.edition
    statement = edition.statements[line.item]
    moved = line.moved
    mark = ("", "")
    if moved is not None:
        way = {Change.UP: ("good", "higher"), Change.DOWN: ("bad", "lower")}.get(moved.way, ("open", "unclear"))
        mark = (way[0], say(f"dashboard.{way[1]}"))
    return {
        "key": line.item,
        "name": statement.name[say.language],
        "statement": statement.statement[say.language],
        "source": statement.source,
        "mark": mark,
        "now": say("plot.not_told") if line.latest is None else agreed(say, line.latest.together.favourable),
        "before": say("plot.not_told") if line.baseline is None else agreed(say, line.baseline.together.favourable),
        "early": line.latest is not None and line.latest.together.early,
        "comments": board.comments.get(line.item, ()),
        "evidence": [evidence_line(say, one) for one in board.report.evidence if one.item == line.item],
        "regions": [] if line.latest is None else by_region(say, line.latest),
        "asked": "" if line.latest is None or line.latest.response is None
        else say("plot.count", count=line.latest.response.count, n=line.latest.response.n,
                 percent=percent(line.latest.response.part)),
    }  # fmt: skip


_SIDE_BY_SIDE = ("answer_rate", "first_answer_working", "zero_reply_rate", "solved_rate", "cross_region_share")


def _compared(say: Say, board: Board) -> tuple[list[str], list[tuple[str, str, list[str]]]]:
    """The names of some indicators, and each network's figures of them: its name, the way to its own report."""
    edition = board.report.edition
    keys = [key for key in _SIDE_BY_SIDE if key in edition.indicators]
    rows = [
        (
            board.networks.get(of.network or 0, "") or say("dashboard.all"),
            f"/dashboard?{_query(of)}",
            [_brief(say, edition.indicators[key].unit, of.figures[key]) for key in keys],
        )
        for of in ((board.report, *board.compared) if board.compared else ())
    ]
    return [edition.indicators[key].name[say.language] for key in keys], rows


def _indicators(say: Say, of: Report) -> list[tuple[str, str, str]]:
    """Each with its figure and what it means."""
    found = []
    for key, one in of.edition.indicators.items():
        known = of.figures[key]
        told = figure(say, one.unit, known) if known.few or known.value is not None or known.n else ""
        found.append((one.name[say.language], told or say("plot.not_known"), one.definition[say.language]))
    return found
