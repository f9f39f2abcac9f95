"""What a plot is, and how all look: one palette that colour-blind people can tell apart, one way to write numbers.

Colours are those of M. Okabe and K. Ito (Color Universal Design, 2008). No plot tells anything by colour alone.
"""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dialogs.wording import Say

Spec = dict[str, Any]

BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
INK: Final = "#17212b"
SOFT: Final = "#4d5a67"
GRID: Final = "#e3e8ee"
POINTS: Final = ("#D55E00", "#F2B48A", "#D9DDE2", "#8EC3E6", "#0072B2")
"""From strongly disagree to strongly agree."""

WIDE: Final = 540
NARROW: Final = 330
"""What a plot takes on a desktop and on a phone, in pixels."""

_FONT = "-apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
# As d3-format wants them; the spaces do not break.
_NUMBERS: Mapping[str, Mapping[str, Any]] = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""], "percent": "%"},
    "fr": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", ""], "percent": "\u00a0%"},
    "es": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""], "percent": "\u00a0%"},
}


@dataclass(frozen=True, slots=True)
class Plot:
    """`alt` says in a sentence or two what the plot shows. `wide` and `narrow` are the same as Vega-Lite for a desktop
    and for a phone; `head` and `rows` the table behind it, worded."""

    key: str
    title: str
    alt: str
    wide: Spec
    narrow: Spec
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def spec(say: Say, width: int, body: Mapping[str, Any]) -> Spec:
    """A whole specification that fits `width`, labels and legend included."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": "white",
        "padding": 8,
        "config": {
            "font": _FONT,
            "locale": {"number": dict(_NUMBERS[say.language])},
            "view": {"stroke": None},
            "axis": {
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "labelColor": INK,
                "titleColor": SOFT,
                "gridColor": GRID,
                "domainColor": "#8c99a6",
                "tickColor": "#8c99a6",
                "labelLimit": 200 if width > NARROW else 128,
            },
            "legend": {
                "orient": "top",
                "title": None,
                "labelFontSize": 12,
                "labelColor": INK,
                "labelLimit": 0,
                "columns": 3 if width > NARROW else 1,
                "symbolOpacity": 1,
            },
            "header": {
                "title": None,
                "labelFontSize": 13,
                "labelFontWeight": "bold",
                "labelColor": INK,
                "labelOrient": "top",
                "labelAnchor": "start",
            },
            "text": {"fontSize": 12, "color": INK},
        },
        **body,
    }


def data(rows: Sequence[Mapping[str, Any]]) -> Spec:
    return {"values": [dict(row) for row in rows]}


def lines(text: str, width: int, most: int = 18) -> str:
    """A label as it stands on an axis: on a phone in lines of so many characters, which `BROKEN` parts again."""
    return "|".join(textwrap.wrap(text, most)) if width <= NARROW else text


BROKEN: Final = "split(datum.label, '|')"


def titled(text: str, width: int) -> str | list[str]:
    """The title of an axis, in lines where there is little room."""
    return textwrap.wrap(text, 34) if width <= NARROW else text


def percent(part: float) -> int:
    return round(100 * part)


def tooltip(*pairs: tuple[str, str]) -> list[Spec]:
    """Of (field, title): everything in a tooltip is worded already."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in pairs]
