"""What members said, as plots: domains and items before and after, the whole distribution, who answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.plots.plot import (
    BLUE,
    BROKEN,
    INK,
    NARROW,
    ORANGE,
    POINTS,
    WIDE,
    Plot,
    Spec,
    data,
    lines,
    percent,
    spec,
    titled,
    tooltip,
)
from dialogs.reporting import agreed, glance
from dialogs.wording import Say
from knowledge.measurement.disclosure import ELSEWHERE
from knowledge.measurement.results import Index, Result, Share
from knowledge.reporting import Line, Report


def domains(say: Say, of: Report) -> Plot | None:
    """The domains at a glance; None while nothing may be told. Short enough for a chat."""
    rows: list[dict[str, Any]] = []
    table: list[tuple[str, ...]] = []
    for section in of.sections:
        name = section.domain.name[say.language]
        for wave, one in (("baseline", section.baseline), ("latest", section.latest)):
            if one is not None:
                rows.append({"name": name, "wave": say(f"plot.{wave}"), "told": _index(say, one), **_ends(one)})
        cells = (_index(say, one) if one else say("plot.not_told") for one in (section.baseline, section.latest))
        table.append((name, *cells))
    if not rows:
        return None
    return Plot(
        "domains",
        say("plot.domains"),
        glance(say, of),
        *_both(lambda width: _dumbbell(say, width, rows, [row[0] for row in table], step=44)),
        (say("plot.domain"), say("plot.baseline"), say("plot.latest")),
        tuple(table),
    )


def items(say: Say, of: Report) -> Plot | None:
    """Each item's agreement before the launch and last, by domain."""
    rows: list[dict[str, Any]] = []
    table: list[tuple[str, ...]] = []
    names: list[str] = []
    for section in of.sections:
        for line in section.lines:
            name = _name(say, of, line.item)
            names.append(name)
            for wave, one in (("baseline", line.baseline), ("latest", line.latest)):
                if one is not None:
                    share = one.together.favourable
                    told = agreed(say, share)
                    rows.append({"name": name, "wave": say(f"plot.{wave}"), "told": told, **_ends(share)})
            table.append((section.domain.name[say.language], name, *(_told(say, one) for one in _waves(line))))
    if not rows:
        return None
    up = [line.item for section in of.sections for line in section.lines if line.moved and line.moved.way == "up"]
    down = [line.item for section in of.sections for line in section.lines if line.moved and line.moved.way == "down"]
    return Plot(
        "items",
        say("plot.items"),
        say("plot.items_alt", up=say.listed(up) or say("plot.none"), down=say.listed(down) or say("plot.none")),
        *_both(lambda width: _dumbbell(say, width, rows, names, step=30)),
        (say("plot.domain"), say("plot.item"), say("plot.baseline"), say("plot.latest")),
        tuple(table),
    )


def spread(say: Say, of: Report) -> Plot | None:
    """How many chose each of the five points, around the middle of the middle one."""
    points = [say(f"pulse.point_{point}") for point in range(1, 6)]
    rows: list[dict[str, Any]] = []
    table: list[tuple[str, ...]] = []
    best: tuple[float, str] | None = None
    for line in (line for section in of.sections for line in section.lines):
        shown = line.latest or line.baseline
        if shown is None:
            continue
        counts, n = shown.together.counts, shown.together.n
        name = _name(say, of, line.item)
        at = -(counts[0] + counts[1] + counts[2] / 2) / n
        for place, (point, count) in enumerate(zip(points, counts, strict=True)):
            part = count / n
            told = say("plot.count", count=count, n=n, percent=percent(part))
            rows.append({"name": name, "point": point, "place": place, "from": at, "to": at + part, "told": told})
            at += part
        table.append((name, *map(str, counts), str(n)))
        agree = shown.together.favourable.part
        best = max(best or (agree, name), (agree, name))
    if best is None:
        return None

    def body(width: int) -> Spec:
        return spec(say, width, {
            "data": _lined(rows, width),
            "width": _inner(width),
            "height": {"step": 26},
            "mark": {"type": "bar", "height": {"band": 0.78}},
            "encoding": {
                "y": _named(list(dict.fromkeys(str(row["name"]) for row in rows)), width),
                "x": {"field": "from", "type": "quantitative", "title": titled(say("plot.spread_axis"), width),
                      "scale": {"domain": [-1, 1]},
                      "axis": {"labelExpr": "format(abs(datum.value), '.0%')", "tickCount": 5}},
                "x2": {"field": "to"},
                "color": {"field": "point", "type": "nominal", "sort": points,
                          "scale": {"domain": points, "range": list(POINTS)}},
                "order": {"field": "place"},
                "tooltip": tooltip(("name", say("plot.item")), ("point", say("plot.answer")),
                                   ("told", say("plot.how_many"))),
            },
        })  # fmt: skip

    return Plot(
        "spread",
        say("plot.spread"),
        say("plot.spread_alt", name=best[1], percent=percent(best[0])),
        *_both(body),
        (say("plot.item"), *points, say("plot.answers")),
        tuple(table),
    )


def response(say: Say, of: Report) -> Plot | None:
    """How many of those asked answered, by region, against the target."""
    target = next((one.least for one in of.edition.targets if one.of == "response_rate"), None)
    rows = [
        {"name": region_name(say, region), "told": _rate(say, share), **_ends(share)}
        for region, share in sorted(of.responses.items(), key=lambda one: (one[0] == ELSEWHERE, -one[1].part))
    ]
    if not rows:
        return None

    def body(width: int) -> Spec:
        x = _percent_axis(say("plot.response_axis"), width)
        layers: list[Spec] = [
            {"mark": {"type": "rule", "strokeWidth": 3, "color": BLUE, "opacity": 0.4},
             "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}}},
            {"mark": {"type": "point", "filled": True, "size": 110, "color": BLUE, "opacity": 1},
             "encoding": {"x": {**x, "field": "part"}}},
        ]  # fmt: skip
        if target is not None:
            layers.append(_target(say, target))
        return spec(say, width, {
            "data": _lined(rows, width),
            "width": _inner(width),
            "height": {"step": 30},
            "encoding": {
                "y": _named(list(dict.fromkeys(str(row["name"]) for row in rows)), width),
                "tooltip": tooltip(("name", say("plot.region")), ("told", say("plot.answered"))),
            },
            "layer": layers,
        })  # fmt: skip

    table = tuple((str(row["name"]), str(row["told"])) for row in rows)
    low, high = rows[-1], rows[0]
    return Plot(
        "response",
        say("plot.response"),
        say("plot.response_alt", most=high["name"], high=percent(float(str(high["part"]))), least=low["name"],
            low=percent(float(str(low["part"])))),
        *_both(body),
        (say("plot.region"), say("plot.answered")),
        table,
    )  # fmt: skip


def _dumbbell(say: Say, width: int, rows: Sequence[Mapping[str, Any]], names: Sequence[str], step: int) -> Spec:
    """Two points for each name with their intervals, and what is between them. Before is hollow, after is filled."""
    waves = [say("plot.baseline"), say("plot.latest")]
    colour = {"field": "wave", "type": "nominal", "sort": waves, "scale": {"domain": waves, "range": [ORANGE, BLUE]}}
    shape = {"field": "wave", "type": "nominal", "scale": {"domain": waves, "range": ["diamond", "circle"]}}
    offset = {"field": "wave", "type": "nominal", "sort": waves}
    x = _percent_axis(say("plot.agree_axis"), width)
    return spec(say, width, {
        "data": _lined(rows, width),
        "width": _inner(width),
        "height": {"step": step / 2, "for": "offset"},
        "encoding": {
            "y": _named(names, width, paddingInner=0.25),
            "yOffset": offset,
            "tooltip": tooltip(("name", say("plot.item")), ("wave", say("plot.when")), ("told", say("plot.share"))),
        },
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.45},
             "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour}},
            {"mark": {"type": "point", "filled": True, "size": 95, "opacity": 1},
             "encoding": {"x": {**x, "field": "part"}, "color": colour, "shape": shape}},
        ],
    })  # fmt: skip


def _both(body: Callable[[int], Spec]) -> tuple[Spec, Spec]:
    return body(WIDE), body(NARROW)


def _inner(width: int) -> int:
    """What is left beside the labels, which vl-convert and browsers measure by themselves."""
    return width - (225 if width > NARROW else 155)


def _named(names: Sequence[str], width: int, **scale: Any) -> Spec:
    """The names down the side, in this order."""
    shown = [lines(name, width) for name in names]
    return {
        "field": "line",
        "type": "nominal",
        "sort": shown,
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelPadding": 8, "labelExpr": BROKEN},
        "scale": {"domain": shown, **scale},
    }


def _lined(rows: Sequence[Mapping[str, Any]], width: int) -> Spec:
    return data([{**row, "line": lines(str(row["name"]), width)} for row in rows])


def _percent_axis(title: str, width: int) -> Spec:
    return {
        "type": "quantitative",
        "title": titled(title, width),
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1] if width > NARROW else [0, 0.5, 1]},
    }


def _target(say: Say, at: float) -> Spec:
    """A dashed line with its name, over whatever is drawn."""
    return {
        "data": {"values": [{"at": at, "told": say("plot.target", amount=say("report.percent", percent=percent(at)))}]},
        "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 2, "color": INK},
        "encoding": {
            "x": {"field": "at", "type": "quantitative"},
            "y": {"value": 0},
            "y2": {"value": "height"},
            "tooltip": tooltip(("told", say("plot.target_name"))),
        },
    }


def _ends(one: Share | Index) -> dict[str, float]:
    return {"part": round(one.part, 4), "low": round(one.low, 4), "high": round(one.high, 4)}


def _waves(line: Line) -> tuple[Result | None, Result | None]:
    return line.baseline, line.latest


def _told(say: Say, one: Result | None) -> str:
    return say("plot.not_told") if one is None else agreed(say, one.together.favourable)


def _index(say: Say, one: Index) -> str:
    return say("report.index", percent=percent(one.part), low=percent(one.low), high=percent(one.high), told=one.told,
               items=one.items)  # fmt: skip


def _rate(say: Say, one: Share) -> str:
    return say("report.rate", percent=percent(one.part), count=one.count, n=one.n, low=percent(one.low),
               high=percent(one.high))  # fmt: skip


def _name(say: Say, of: Report, item: str) -> str:
    return f"{item} {of.edition.statements[item].name[say.language]}"


def region_name(say: Say, region: str) -> str:
    if region in (ELSEWHERE, "global"):
        return say("plot.global") if region else say("plot.elsewhere")
    return say(f"region.{region}")
