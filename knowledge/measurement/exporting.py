"""A report as a table, one line for each figure, for whoever goes on calculating."""

from collections.abc import Iterator, Mapping, Sequence

from knowledge.measurement.disclosure import ELSEWHERE
from knowledge.measurement.figures import Figure
from knowledge.measurement.releasing import NOWHERE
from knowledge.measurement.results import Distribution, Index, Share
from knowledge.reporting import Report

Value = str | int | float | None
Row = Mapping[str, Value]
"""By the names of `COLUMNS`; None where nothing is known or nothing may be told."""

COLUMNS = {
    "framework": "Version of the measurement framework. Results of different versions are never added up.",
    "since": "First day of the month, UTC.",
    "until": "First day after the month, UTC.",
    "kind": "index: a domain's mean of its items; item: a statement members agree with; indicator: read from activity;"
    " response: how many of those asked answered, by region; flow_regions, flow_networks: answers from whose people to"
    " whose; evaluation, interview: evidence entered by the desk; target: set before the launch.",
    "key": "The domain, the item (O1 to I5), the indicator or the target, as the framework names it; with _p90,"
    " what nine of ten wait at most.",
    "name": "The same, in words.",
    "survey": "baseline: before the launch; latest: the last closed survey that may be told. Empty for activity.",
    "region": "The region; elsewhere: all regions that are not told apart; empty: the whole community.",
    "network": "The network, by its key; empty: all. Only indicators are told by network.",
    "unit": "share: 0 to 1; hours, minutes, people, items, groups, answers: so many.",
    "value": "The figure. Of an item: the share of answers 4 or 5.",
    "low": "Lower end of the 95 % interval: Wilson's for shares; for an index by the normal approximation.",
    "high": "Upper end of it.",
    "count": "How many of n.",
    "n": "Of how many: answers, questions, offers; of an index, items that may be told.",
    "early": "1 where n is below 20: an early signal.",
    "mean": "Of an item: the mean of the points.",
    "points_1": "Answers “strongly disagree”.",
    "points_2": "Answers “disagree”.",
    "points_3": "Answers “neither”.",
    "points_4": "Answers “agree”.",
    "points_5": "Answers “strongly agree”.",
    "invited": "How many were asked; empty where it may not be told.",
    "response": "The share of them that answered.",
    "change": "Of an item's latest survey: up, down or unclear against the baseline (Mann–Whitney below 5 %, and"
    " intervals apart).",
    "p": "The probability of so large a difference by chance, two-sided.",
    "expected": "Of answers across regions: the share under random mixing. Of a target: what was wanted.",
    "place": "Of evidence: where.",
    "day": "Of evidence: the day it was said or written.",
    "text": "Of evidence: what was found, in the words of whoever entered it.",
    "met": "Of a target: yes, no, or open while the interval holds it.",
}
"""The data dictionary: each column and what it means."""


def rows(reports: Sequence[Report], networks: Mapping[int, str], language: str) -> Iterator[Row]:
    """Every figure of the whole community's report, which comes first, and of its parts; the framework's names in that
    language. `networks` are their keys by id."""
    for report in reports:
        month: Row = {
            "framework": report.edition.version,
            "since": f"{report.since:%Y-%m-%d}",
            "until": f"{report.until:%Y-%m-%d}",
        }
        if report.network is None and not report.region:
            found = _of_all(report, networks, language)
        else:
            of = {"network": networks.get(report.network or 0, ""), "region": report.region or None}
            found = ({**one, **of} for one in _indicators(report, language) if one["value"] is not None)
        for one in found:
            yield {**dict.fromkeys(COLUMNS), **month, **one}


def _of_all(report: Report, networks: Mapping[int, str], language: str) -> Iterator[Row]:
    edition = report.edition
    for section in report.sections:
        named: Row = {
            "kind": "index",
            "key": section.domain.key,
            "name": section.domain.name[language],
            "network": "The network, by its key; empty: all. Only indicators are told by network.",
            "unit": "share",
        }
        for survey, one in (("baseline", section.baseline), ("latest", section.latest)):
            if one is not None:
                yield {**named, "survey": survey, **_index(one)}
        for line in section.lines:
            item: Row = {"kind": "item", "key": line.item, "name": edition.statements[line.item].name[language]}
            for survey, result in (("baseline", line.baseline), ("latest", line.latest)):
                if result is None:
                    continue
                moved = line.moved if survey == "latest" else None
                change: Row = {"change": moved.way.value, "p": round(moved.p, 4)} if moved is not None else {}
                yield {**item, "survey": survey, **_spread(result.together), **_response(result.response), **change}
                for region, of_region in result.apart.items():
                    response = _response(result.responses.get(region))
                    yield {**item, "survey": survey, "region": _region(region), **_spread(of_region), **response}
    yield from _indicators(report, language)
    for region, part in report.responses.items():
        yield {"kind": "response", "key": "response_rate", "region": _region(region), "unit": "share", **_share(part)}
    for kind, group_of, some in (
        ("flow_regions", _region, report.regions),
        ("flow_networks", lambda group: _network(group, networks), report.networks),
    ):
        for flow in some:
            ends = f"{group_of(flow.source)} > {group_of(flow.target)}"
            yield {"kind": kind, "key": ends, "unit": "answers", "value": flow.answers}
    for finding in report.evidence:
        yield {
            "kind": finding.kind.value,
            "key": finding.item,
            "name": edition.statements[finding.item].name[language],
            "place": finding.place,
            "day": finding.held_on.isoformat(),
            "text": finding.text,
        }
    for standing in report.standings:
        of = standing.target.of
        yield {
            "kind": "target",
            "key": of,
            "name": edition.indicators[of].name[language] if of in edition.indicators else of,
            "unit": edition.indicators[of].unit if of in edition.indicators else "items" if of == "leaks" else "share",
            "value": _rounded(standing.now),
            "low": _rounded(standing.low),
            "high": _rounded(standing.high),
            "n": standing.n,
            "expected": _rounded(standing.wanted),
            "met": {True: "yes", False: "no", None: "open"}[standing.met],
        }


def _indicators(report: Report, language: str) -> Iterator[Row]:
    edition = report.edition
    for key, figure in report.figures.items():
        one_of = edition.indicators[key]
        named = {"kind": "indicator", "key": key, "name": one_of.name[language], "unit": one_of.unit}
        yield {**named, **_figure(figure)}
        if figure.ninety is not None:
            yield {**named, "key": f"{key}_p90", "value": _rounded(figure.ninety), "n": figure.n}


def _region(group: str) -> str:
    return "elsewhere" if group == ELSEWHERE else group


def _network(group: str, networks: Mapping[int, str]) -> str:
    return _region(group) if group in (ELSEWHERE, NOWHERE) else networks.get(int(group), group)


def _index(one: Index) -> Row:
    return {"value": _rounded(one.part), "low": _rounded(one.low), "high": _rounded(one.high), "n": one.told}


def _spread(of: Distribution) -> Row:
    points = {f"points_{point}": count for point, count in enumerate(of.counts, 1)}
    return {"unit": "share", **_share(of.favourable), "mean": _rounded(of.mean), "early": int(of.early), **points}


def _response(one: Share | None) -> Row:
    return {} if one is None else {"invited": one.n, "response": _rounded(one.part)}


def _share(one: Share | None) -> Row:
    if one is None:
        return {}
    ends: Row = {"low": _rounded(one.low), "high": _rounded(one.high)}
    return {"value": _rounded(one.part), **ends, "count": one.count, "n": one.n}


def _figure(one: Figure) -> Row:
    counted: Row = {"value": _rounded(one.value), "count": one.count, "n": one.n, "expected": _rounded(one.expected)}
    return {**counted, **_share(one.share)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
