"""The portal: published knowledge and what is to come, as far as the reader may read it; and what is missing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from bot import exports
from bot.pages.page import File, Shown, Visit, page
from dialogs.composing import Words
from dialogs.curating import circle
from dialogs.ports import Desk
from knowledge import gaps, lessons, searching, tending
from knowledge.errors import Refusal
from knowledge.item import State
from knowledge.people import DESK, Role
from knowledge.places import LANGUAGES
from knowledge.text import excerpt

AHEAD = timedelta(days=60)
MOST_EVENTS = 8


def _number(said: str) -> int | None:
    return int(said) if said.isdecimal() and len(said) <= 18 else None


@page("/portal", title="portal.title")
async def portal(visit: Visit) -> Shown:
    query = visit.query
    wanted = searching.Wanted(
        query.get("q", "")[:300],
        query.get("topic", ""),
        query.get("language", ""),
        _number(query.get("network", "")),
        _number(query.get("page", "")) or 1,
    )
    values = await visit.look(lambda work: _listed(work, visit, wanted))
    return Shown("portal.html", values)


def _listed(work: Desk, visit: Visit, wanted: searching.Wanted) -> Mapping[str, Any]:
    reader, say = visit.reader, visit.say
    found = searching.search(work, reader, wanted)
    words = Words(say, work.catalogue)
    names = {topic.key: topic.name(say.language) for topic in work.catalogue.topics}
    networks = [one for one in work.catalogue.networks if reader.may_read(one.audience, one.id)]

    def address(page: int) -> str:
        chosen = {
            "q": wanted.words, "topic": wanted.topic, "language": wanted.language, "network": wanted.network or "",
            "page": page,
        }  # fmt: skip
        return "/portal?" + urlencode({name: value for name, value in chosen.items() if value not in ("", 1)})

    return {
        "wanted": wanted,
        "found": found,
        "items": [
            {
                "number": one.id,
                "question": one.question,
                "language": one.language,
                "answer": excerpt(one.answer, 240),
                "topics": say.listed([names.get(key, key) for key in one.topics]),
                "circle": circle(words, one.audience, one.network),
                "date": say.day(one.since),
            }
            for one in found.items
        ],
        "topics": sorted(((key, names.get(key, key)) for key in found.topics), key=lambda one: one[1].lower()),
        "languages": [(code, say(f"language.{code}")) for code in LANGUAGES],
        "networks": sorted(((one.id, one.name(say.language)) for one in networks), key=lambda one: one[1].lower()),
        "before": address(found.page - 1) if found.page > 1 else "",
        "after": address(found.page + 1) if found.page < found.pages else "",
        "events": _events(work, visit) if not (wanted.words or wanted.topic or wanted.page > 1) else [],
    }


def _events(work: Desk, visit: Visit) -> list[Mapping[str, Any]]:
    """What the reader may come to within the next weeks, earliest first."""
    coming: list[Mapping[str, Any]] = []
    for one in work.events.starting(work.now, work.now + AHEAD):
        event = work.events.get(one.event)
        if event is not None and visit.reader.may_read(event.audience, event.network):
            coming.append({"title": one.title, "when": visit.say.when(one.starts_at), "place": one.place})
        if len(coming) >= MOST_EVENTS:
            break
    return coming


@page("/item", title="portal.title", listed=False)
async def item(visit: Visit) -> Shown:
    number = _number(visit.query.get("number", ""))
    if number is None:
        raise Refusal("item.unknown", item=visit.query.get("number", "")[:20])
    values = await visit.change(lambda work: _opened(work, visit, number))
    return Shown("item.html", values, values["text"].question)


def _opened(work: Desk, visit: Visit, number: int) -> Mapping[str, Any]:
    reader, say = visit.reader, visit.say
    tending.read(work, reader, number)
    read = tending.readable(work, reader, number)
    names = {topic.key: topic.name(say.language) for topic in work.catalogue.topics}
    shown = tending.shown(work, reader, read)
    return {
        **shown,
        "circle": circle(Words(say, work.catalogue), read.audience, read.network),
        "topics": [(key, names.get(key, key)) for key in read.topics],
        "date": say.day(read.since),
        "stale": read.state is State.STALE,
        "uses": {use.value: count for use, count in shown["uses"].items()},
        "versions": [
            {"number": one.number, "date": say.day(one.at), "question": one.text.question, "answer": one.text.answer}
            for one in tending.earlier(work, read)
        ],
    }


@page("/gaps", title="gaps.title", roles=DESK)
async def missing(visit: Visit) -> Shown | File:
    found, names = await visit.look(
        lambda work: (gaps.gaps(work), {one.key: one.name(visit.say.language) for one in work.catalogue.topics})
    )
    kind = visit.query.get("format", "")
    if kind in exports.FORMATS:
        content = exports.FORMATS[kind](gaps.rows(found, names), gaps.COLUMNS)
        return File(content, exports.KINDS[kind], f"gaps-{found.until:%Y-%m}.{kind}")
    say = visit.say
    lines = [
        {
            "name": names.get(one.topic, one.topic),
            "askers": one.askers,
            "questions": one.questions,
            "known": found.items.get(one.topic, 0),
            "experts": one.experts,
            "supply": say.listed([
                say("gaps.region", region=say(f"region.{region}"), number=number)
                for region, number in sorted(one.supply.items(), key=lambda pair: (-pair[1], pair[0]))
            ]),
            "asked_from": say.listed([
                say("gaps.region", region=say(f"region.{region}"), number=number)
                for region, number in sorted(one.asked_from.items(), key=lambda pair: (-pair[1], pair[0]))
            ]),
        }
        for one in found.found
    ]  # fmt: skip
    return Shown(
        "gaps.html",
        {
            "lines": lines,
            "found": found,
            "since": say.month(found.since),
            "until": say.month(found.last_day),
            "least": gaps.LEAST,
            "formats": sorted(exports.FORMATS),
        },
    )


@page("/lessons", title="lessons.title", roles=frozenset({Role.KM_TEAM, Role.FACILITATOR}), listed=False)
async def lessons_table(visit: Visit) -> File:
    kind = visit.query.get("format", "xlsx")
    if kind not in exports.FORMATS:
        raise Refusal("lessons.format", format=kind[:20])
    table = await visit.look(lambda work: lessons.rows(work, visit.reader))
    content = exports.FORMATS[kind](table, lessons.COLUMNS)
    return File(content, exports.KINDS[kind], f"lessons-{visit.now:%Y-%m-%d}.{kind}")
