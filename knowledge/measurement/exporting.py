"""A report as a table, one line for each figure, for whoever goes on calculating."""

from collections.abc import Iterator, Mapping

from knowledge.measurement.disclosure import ELSEWHERE
from knowledge.measurement.figures import Figure
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
    " response: how many of those asked answered, by region; target: set before the launch.",
    "key": "The domain, the item (O1 to I5), the indicator or the target, as the framework names it; with _p90,"
    " what nine of ten wait at most.",
    "name": "The same, in words.",
    "survey": "baseline: before the launch; latest: the last closed survey that may be told. Empty for activity.",
    "region": "The region; elsewhere: all regions that are not told apart; empty: the whole community.",
    "unit": "share: 0 to 1; hours, minutes, people, items, groups: so many.",
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
    "met": "Of a target: yes, no, or open while the interval holds it.",
}
"""The data dictionary: each column and what it means."""


def rows(report: Report, language: str) -> Iterator[Row]:
    """Every figure of a report, the framework's names in that language."""
    month: Row = {
        "framework": report.edition.version,
        "since": f"{report.since:%Y-%m-%d}",
        "until": f"{report.until:%Y-%m-%d}",
    }
    for found in _figures(report, language):
        yield {**dict.fromkeys(COLUMNS), **month, **found}


def _figures(report: Report, language: str) -> Iterator[Row]:
    edition = report.edition
    for section in report.sections:
        named: Row = {
            "kind": "index",
            "key": section.domain.key,
            "name": section.domain.name[language],
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
                    place = "elsewhere" if region == ELSEWHERE else region
                    response = _response(result.responses.get(region))
                    yield {**item, "survey": survey, "region": place, **_spread(of_region), **response}
    for key, figure in report.figures.items():
        one_of = edition.indicators[key]
        named = {"kind": "indicator", "key": key, "name": one_of.name[language], "unit": one_of.unit}
        yield {**named, **_figure(figure)}
        if figure.ninety is not None:
            yield {**named, "key": f"{key}_p90", "value": _rounded(figure.ninety), "n": figure.n}
    for region, part in report.responses.items():
        place = "elsewhere" if region == ELSEWHERE else region
        yield {"kind": "response", "key": "response_rate", "region": place, "unit": "share", **_share(part)}
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
