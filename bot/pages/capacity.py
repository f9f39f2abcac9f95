"""The capacity map: topics by region, with how many experts there are and how many of them are free."""

from collections.abc import Iterator, Mapping

from bot import exports
from bot.pages.page import File, Shown, Visit, page
from dialogs.wording import Say
from knowledge import capacity
from knowledge.capacity import ANY, Cell, Map
from knowledge.people import DESK
from knowledge.places import REGIONS

COLUMNS = {
    "topic": "Topic, by its key",
    "topic_name": "Topic, by its name",
    "region": "Region, by its key",
    "language": "Language in two letters; empty for everybody once, whatever they speak",
    "people": "Experts with that topic, in that region, who can answer in that language",
    "free": "Of them, those who may be asked once more this week",
    "hours": "What is left of their shares of this week, in hours, all together",
    "names": "Of them, those who agreed to be found by colleagues",
}


@page("/capacity", title="capacity.title", roles=DESK)
async def capacity_page(visit: Visit) -> Shown | File:
    found, topics = await visit.look(
        lambda desk: (
            capacity.mapped(desk, visit.reader),
            {topic.key: topic.name(visit.say.language) for topic in desk.catalogue.topics},
        )
    )
    kind = visit.query.get("format", "")
    if kind in exports.KINDS:
        content = exports.FORMATS[kind](list(rows(found, topics)), COLUMNS)
        return File(content, exports.KINDS[kind], f"capacity-{visit.now:%Y-%m-%d}.{kind}")
    language = visit.query.get("language", "")
    language = language if language in found.languages else ANY
    table = capacity.by_place(found, language)
    here = [region for region in REGIONS if any(region in line for line in table.values())]
    say = visit.say
    return Shown(
        "capacity.html",
        {
            "found": found,
            "language": language,
            "languages": [(code, say.language_name(code)) for code in found.languages],
            "regions": [(region, say(f"region.{region}")) for region in here],
            "lines": [_line(say, topics[topic], line, here) for topic, line in table.items()],
            "formats": [(kind, kind.upper()) for kind in exports.KINDS],
        },
    )


def _line(say: Say, name: str, line: Mapping[str, Cell], regions: list[str]) -> dict[str, object]:
    whole = sum(line.values(), Cell())
    cells = [line.get(region, Cell()) for region in regions]
    most = max((cell.people for cell in cells), default=0)
    return {
        "topic": name,
        "whole": whole,
        "hours": say.value(round(whole.minutes / 60, 1)),
        # A tint of five steps, by the largest of the line: it only repeats what the figures say.
        "cells": [(cell, -(-4 * cell.people // most) if most else 0) for cell in cells],
    }


def rows(found: Map, topics: Mapping[str, str]) -> Iterator[dict[str, str | int | float | None]]:
    """The map as a table: each cell that has anybody, and a line of zeros for a topic that has nobody."""
    for (topic, region, language), cell in found.cells.items():
        yield {
            "topic": topic,
            "topic_name": topics[topic],
            "region": region,
            "language": language,
            "people": cell.people,
            "free": cell.free,
            "hours": round(cell.minutes / 60, 1),
            "names": "; ".join(cell.names),
        }
    for topic in found.without:
        yield {
            "topic": topic,
            "topic_name": topics[topic],
            "region": "",
            "language": "",
            "people": 0,
            "free": 0,
            "hours": 0.0,
            "names": "",
        }
