"""What the community did, as plots: the trend, how long questions wait, where knowledge flows, who takes part."""

from collections.abc import Callable, Sequence
from typing import Any

from bot.plots.plot import (
    BLUE,
    GREEN,
    INK,
    NARROW,
    ORANGE,
    PURPLE,
    WIDE,
    Plot,
    Spec,
    data,
    percent,
    spec,
    tooltip,
)
from dialogs.reporting import amount, month_of
from dialogs.wording import Say
from knowledge.measurement.flows import Flow
from knowledge.measurement.profiles import Profile
from knowledge.reporting import Report

_TREND = ("answer_rate", "solved_rate", "cross_region_share", "zero_reply_rate")


def agreement(say: Say, reports: Sequence[Report]) -> Plot | None:
    """The domains, month by month, each as it could be told then."""
    rows: list[dict[str, Any]] = []
    table: list[tuple[str, ...]] = []
    for of in reports:
        cells = []
        for section in of.sections:
            one, name = section.latest, section.domain.name[say.language]
            cells.append(say("plot.not_told") if one is None else amount(say, "share", one.part))
            if one is not None:
                told = say("plot.interval", percent=percent(one.part), low=percent(one.low), high=percent(one.high))
                rows.append({"month": _month(of), "name": name, "part": round(one.part, 4), "low": round(one.low, 4),
                             "high": round(one.high, 4), "told": told, "when": month_of(say, of.since)})  # fmt: skip
        table.append((month_of(say, of.since), *cells))
    if len({row["month"] for row in rows}) < 2:
        return None
    names = [section.domain.name[say.language] for section in reports[-1].sections]
    return Plot(
        "agreement",
        say("plot.agreement"),
        say("plot.agreement_alt", since=month_of(say, reports[0].since), until=month_of(say, reports[-1].since)),
        *_both(lambda width: _panels(say, width, reports, rows, names, columns=3)),
        (say("plot.month"), *names),
        tuple(table),
    )


def trend(say: Say, reports: Sequence[Report]) -> Plot | None:
    """Four indicators as parts of all, each with its target, month by month."""
    edition = reports[-1].edition
    targets = {one.of: one.least if one.least is not None else one.most for one in edition.targets}
    rows: list[dict[str, Any]] = []
    keys = [key for key in _TREND if key in edition.indicators]
    names = {key: edition.indicators[key].name[say.language] for key in keys}
    for of in reports:
        for key in keys:
            share = of.figures[key].share
            if share is not None:
                told = say("plot.interval", percent=percent(share.part), low=percent(share.low),
                           high=percent(share.high))  # fmt: skip
                wanted = of.figures[key].expected if key == "cross_region_share" else targets.get(key)
                rows.append({"month": _month(of), "name": names[key], "part": round(share.part, 4),
                             "low": round(share.low, 4), "high": round(share.high, 4), "told": told,
                             "when": month_of(say, of.since),
                             "wanted": None if wanted is None else round(wanted, 4)})  # fmt: skip
    if len({row["month"] for row in rows}) < 2:
        return None
    table = tuple(
        (
            month_of(say, of.since),
            *(
                say("plot.not_known") if (value := of.figures[key].value) is None else amount(say, "share", value)
                for key in keys
            ),
        )
        for of in reports
    )

    return Plot(
        "trend",
        say("plot.trend"),
        say("plot.trend_alt", since=month_of(say, reports[0].since), until=month_of(say, reports[-1].since)),
        *_both(lambda width: _panels(say, width, reports, rows, list(names.values()), columns=2)),
        (say("plot.month"), *names.values()),
        table,
    )


def _panels(
    say: Say, width: int, reports: Sequence[Report], rows: Sequence[dict[str, Any]], names: Sequence[str], columns: int
) -> Spec:
    """A panel for each name: its part of all by month with its interval, and what was wanted as a dashed line."""
    each = (width - 20 - 60 * columns) // columns if width > NARROW else width - 70
    layers: list[Spec] = [
        {"mark": {"type": "area", "opacity": 0.16, "color": BLUE},
         "encoding": {"y": _part(None, "low"), "y2": {"field": "high"}}},
        {"mark": {"type": "line", "strokeWidth": 2.5, "color": BLUE}, "encoding": {"y": _part(None, "part")}},
        {"mark": {"type": "point", "filled": True, "size": 55, "color": BLUE, "opacity": 1},
         "encoding": {"y": _part(None, "part")}},
    ]  # fmt: skip
    if any(row.get("wanted") is not None for row in rows):
        dashed = {"type": "line", "strokeWidth": 1.5, "strokeDash": [5, 4], "color": INK}
        layers.insert(1, {"mark": dashed, "encoding": {"y": _part(None, "wanted")}})
    tips = tooltip(("when", say("plot.month")), ("name", say("plot.what")), ("told", say("plot.share")))
    return spec(say, width, {
        "data": data(rows),
        "facet": {"field": "name", "type": "nominal", "sort": list(names), "title": None},
        "columns": columns if width > NARROW else 1,
        "spacing": 24,
        "spec": {
            "width": each,
            "height": 120,
            "encoding": {"x": _months(say, reports, each + 70), "tooltip": tips},
            "layer": layers,
        },
    })  # fmt: skip


def waiting(say: Say, of: Report) -> Plot | None:
    """How long questions wait for the first human answer: Kaplan and Meier's curve."""
    wait = of.activity.done.wait if of.activity.done is not None else None
    if wait is None or not wait.curve:
        return None
    rows = [
        {"hours": point.hours, "part": round(point.answered, 4), "low": round(point.low, 4),
         "high": round(point.high, 4), "within": amount(say, "hours", point.hours),
         "told": say("plot.interval", percent=percent(point.answered), low=percent(point.low),
                     high=percent(point.high))}
        for point in wait.curve
    ]  # fmt: skip
    ends = [0.25, 1, 4, 24, 72, 168, 672]
    labels = " : ".join(
        f"datum.value === {at} ? '{say('report.hours', hours=at) if at < 24 else say('plot.days', days=at // 24)}'"
        for at in ends[1:]
    )

    def body(width: int) -> Spec:
        return spec(say, width, {
            "data": data(rows),
            "width": width - 70,
            "height": 220,
            "encoding": {
                "x": {"field": "hours", "type": "quantitative", "title": say("plot.waiting_axis"),
                      "scale": {"type": "log", "domain": [0.25, 672]},
                      "axis": {"values": ends[1:], "labelExpr": f"{labels} : ''", "grid": False}},
                "tooltip": tooltip(("within", say("plot.within")), ("told", say("plot.share"))),
            },
            "layer": [
                {"mark": {"type": "area", "opacity": 0.15, "color": BLUE, "interpolate": "step-after"},
                 "encoding": {"y": _part(say("plot.waiting_part"), "low"), "y2": {"field": "high"}}},
                {"mark": {"type": "line", "strokeWidth": 2.5, "color": BLUE, "interpolate": "step-after"},
                 "encoding": {"y": _part(say("plot.waiting_part"), "part")}},
                {"mark": {"type": "point", "filled": True, "size": 45, "color": BLUE, "opacity": 1},
                 "encoding": {"y": _part(say("plot.waiting_part"), "part")}},
            ],
        })  # fmt: skip

    half = say("report.not_yet") if wait.median is None else amount(say, "hours", wait.median)
    return Plot(
        "waiting",
        say("plot.waiting"),
        say("plot.waiting_alt", median=half, n=wait.n, open=wait.n - wait.answered),
        *_both(body),
        (say("plot.within"), say("plot.waiting_part")),
        tuple((str(row["within"]), str(row["told"])) for row in rows),
    )


def flows(say: Say, key: str, some: Sequence[Flow], name: Callable[[str], str]) -> Plot | None:
    """From whose people answers went to whose: `key` is "regions" or "networks", `name` words a group."""
    if not some:
        return None
    together = sum(one.answers for one in some)
    groups = sorted({one.source for one in some} | {one.target for one in some}, key=lambda one: (one == "", name(one)))
    names = [name(one) for one in groups]
    most = max(one.answers for one in some)
    # A cell without a number would leave open whether it is none or not told: none is said.
    known = {(one.source, one.target): one.answers for one in some}
    sources, targets = ({one.source for one in some}, {one.target for one in some})
    rows = [
        {"source": name(source), "target": name(target), "answers": known.get((source, target), 0),
         "told": say("plot.flow", count=known.get((source, target), 0), n=together)}
        for source in groups if source in sources
        for target in groups if target in targets
    ]  # fmt: skip
    inside = sum(one.answers for one in some if one.source == one.target and one.source)

    def body(width: int) -> Spec:
        each = min(64, (width - 200) // max(1, len(targets))) if width > NARROW else (width - 150) // len(targets)
        axis = {"ticks": False, "domain": False, "labelLimit": 190 if width > NARROW else 120}
        return spec(say, width, {
            "data": data(rows),
            "width": {"step": max(each, 24)},
            "height": {"step": 38},
            "encoding": {
                "y": {"field": "source", "type": "nominal", "sort": names, "title": say(f"plot.flow_{key}_from"),
                      "axis": axis},
                "x": {"field": "target", "type": "nominal", "sort": names, "title": say(f"plot.flow_{key}_to"),
                      "axis": {**axis, "orient": "top", "labelAngle": -40}},
                "tooltip": tooltip(("source", say("plot.flow_from")), ("target", say("plot.flow_to")),
                                   ("told", say("plot.answers"))),
            },
            "layer": [
                {"mark": {"type": "rect", "stroke": "white", "strokeWidth": 2},
                 "encoding": {"color": {"field": "answers", "type": "quantitative", "legend": None,
                                        "scale": {"range": ["#f1f5f9", "#0072B2"], "domain": [0, most]}}}},
                {"mark": {"type": "text", "fontWeight": "bold"},
                 "encoding": {"text": {"field": "answers", "type": "quantitative", "format": ",d"},
                              "color": {"condition": {"test": f"datum.answers > {most * 0.85}", "value": "white"},
                                        "value": INK}}},
            ],
        })  # fmt: skip

    return Plot(
        f"flows_{key}",
        say(f"plot.flows_{key}"),
        say(f"plot.flows_{key}_alt", n=together, inside=inside),
        *_both(body),
        (say("plot.flow_from"), say("plot.flow_to"), say("plot.answers")),
        tuple((str(row["source"]), str(row["target"]), str(row["answers"])) for row in rows),
    )


def people(say: Say, reports: Sequence[Report]) -> Plot | None:
    """How many were active and how many helped, month by month."""
    edition = reports[-1].edition
    keys = [key for key in ("active_members", "helping_members", "reading_members") if key in edition.indicators]
    names = {key: edition.indicators[key].name[say.language] for key in keys}
    rows = [
        {"month": _month(of), "name": names[key], "people": of.figures[key].value, "when": month_of(say, of.since)}
        for of in reports
        for key in keys
        if of.figures[key].value is not None
    ]
    if len({row["month"] for row in rows}) < 2:
        return None
    shown = [names[key] for key in keys if any(row["name"] == names[key] for row in rows)]

    def body(width: int) -> Spec:
        return spec(say, width, {
            "data": data(rows),
            "width": width - 70,
            "height": 200,
            "mark": {"type": "line", "point": {"size": 70, "filled": True}, "strokeWidth": 2.5},
            "encoding": {
                "x": _months(say, reports, width),
                "y": {"field": "people", "type": "quantitative", "title": say("plot.people"),
                      "axis": {"format": ",d", "tickCount": 5}, "scale": {"zero": True}},
                "color": {"field": "name", "type": "nominal", "sort": shown,
                          "scale": {"domain": shown, "range": [BLUE, ORANGE, GREEN][: len(shown)]}},
                "shape": {"field": "name", "type": "nominal", "sort": shown,
                          "scale": {"domain": shown, "range": ["circle", "diamond", "square"][: len(shown)]}},
                "tooltip": tooltip(("when", say("plot.month")), ("name", say("plot.who")),
                                   ("people", say("plot.people"))),
            },
        })  # fmt: skip

    def cell(of: Report, key: str) -> str:
        figure = of.figures[key]
        if figure.few:
            return say("report.few")
        return say("plot.not_known") if figure.value is None else amount(say, "people", figure.value)

    return Plot(
        "people",
        say("plot.people_title"),
        say("plot.people_alt", since=month_of(say, reports[0].since), until=month_of(say, reports[-1].since)),
        *_both(body),
        (say("plot.month"), *names.values()),
        tuple((month_of(say, of.since), *(cell(of, key) for key in keys)) for of in reports),
    )


def profiles(say: Say, of: Report) -> Plot | None:
    """What kinds of members there are, by what each did; None where that may not be told, or was not noted."""
    found = of.activity.people.profiles if of.activity.people is not None and of.activity.people.noted else None
    if found is None:
        return None
    edition = of.edition
    rows = [
        {"name": edition.indicators[key].name[say.language], "people": found[profile]}
        for profile in Profile
        if (key := f"profile_{profile.value}") in edition.indicators
    ]
    if not rows:
        return None
    colours = [BLUE, GREEN, ORANGE, PURPLE, "#999999"][: len(rows)]
    names = [str(row["name"]) for row in rows]

    def body(width: int) -> Spec:
        y = {"field": "name", "type": "nominal", "sort": names, "title": None,
             "axis": {"ticks": False, "domain": False, "labelPadding": 8}}  # fmt: skip
        return spec(say, width, {
            "data": data(rows),
            "width": width - (270 if width > NARROW else 190),
            "height": {"step": 30},
            "encoding": {
                "y": y,
                "x": {"field": "people", "type": "quantitative", "title": say("plot.people"),
                      "axis": {"format": ",d", "tickCount": 4}},
                "tooltip": tooltip(("name", say("plot.who")), ("people", say("plot.people"))),
            },
            "layer": [
                {"mark": {"type": "bar"},
                 "encoding": {"color": {"field": "name", "type": "nominal", "legend": None, "sort": names,
                                        "scale": {"domain": names, "range": colours}}}},
                {"mark": {"type": "text", "align": "left", "dx": 5}, "encoding": {"text": {"field": "people",
                                                                                          "format": ",d"}}},
            ],
        })  # fmt: skip

    return Plot(
        "profiles",
        say("plot.profiles"),
        say("plot.profiles_alt", month=month_of(say, of.since)),
        *_both(body),
        (say("plot.who"), say("plot.people")),
        tuple((str(row["name"]), amount(say, "people", float(str(row["people"])))) for row in rows),
    )


def _both(body: Callable[[int], Spec]) -> tuple[Spec, Spec]:
    return body(WIDE), body(NARROW)


def _month(of: Report) -> str:
    return f"{of.since:%Y-%m}"


def _months(say: Say, reports: Sequence[Report], width: int) -> Spec:
    """Months stand beside each other as names: of a closed month there is no moment within."""
    every = max(1, -(-len(reports) * 40 // max(width - 70, 1)))
    shown = [_month(of) for place, of in enumerate(reports) if (len(reports) - 1 - place) % every == 0]
    labels = " : ".join(
        f"datum.value === '{_month(of)}' ? '{say.short_month(of.since)}'" for of in reports if _month(of) in shown
    )
    return {
        "field": "month",
        "type": "ordinal",
        "title": None,
        "scale": {"type": "point", "padding": 0.3, "domain": [_month(of) for of in reports]},
        "axis": {
            "values": shown,
            "labelExpr": f"{labels} : ''",
            "labelAngle": 0,
            "labelFlush": False,
            "labelOverlap": False,
        },
    }


def _part(title: str | None, field: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]},
    }
