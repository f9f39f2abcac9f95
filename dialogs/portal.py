"""The commands that open what is published: the portal, what is missing, and the lessons as a table."""

from urllib.parse import urlencode

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Link, Message
from dialogs.ports import Desk
from knowledge import gaps, searching
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.text import excerpt

_MOST = 3
_MOST_GAPS = 5


@command("portal", Argument.TEXT, optional=1, fr="portail", es="portal", menu=True, reads=True, group=Group.KNOWLEDGE)
def portal(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    found = searching.search(desk, person, searching.Wanted(text[:300])) if text else None
    path = "/portal?" + urlencode({"q": text[:300]}) if text else "/portal"
    values = {
        "items": [one.id for one in found.items[:_MOST]] if found else [],
        "none": found is not None and not found.items,
        "url": desk.pages.link(person.id, path),
    }
    return [Notice(person.id, "portal", values)]


@command("gaps", fr="lacunes", es="carencias", roles=DESK, strict=True, reads=True, group=Group.KNOWLEDGE)
def show_gaps(desk: Desk, person: Person) -> list[Notice]:
    return [Notice(person.id, "gaps", {"found": gaps.gaps(desk), "url": desk.pages.link(person.id, "/gaps")})]


@command("lessons", fr="leçons", es="lecciones", roles=DESK, strict=True, reads=True, group=Group.KNOWLEDGE)
def lessons(desk: Desk, person: Person) -> list[Notice]:
    urls = {kind: desk.pages.link(person.id, f"/lessons?format={kind}") for kind in ("xlsx", "csv", "json")}
    return [Notice(person.id, "lessons", {"urls": urls})]


@words_for("portal")
def _portal(words: Words, values: Values) -> Message:
    say = words.say
    entries = []
    for number in values["items"]:
        item = words.item(number)
        if item is not None:
            read = Button(say("button.read"), f"read {number}")
            entries.append(Entry(title=item.question, text=excerpt(item.answer, 200), buttons=(read,)))
    return Message(
        text=say("portal.nothing" if values["none"] else "portal.text"),
        entries=tuple(entries),
        links=(Link(say("portal.open"), values["url"]),),
    )


@words_for("gaps")
def _gaps(words: Words, values: Values) -> Message:
    say, found = words.say, values["found"]
    entries = tuple(
        Entry(
            title=words.topics([gap.topic]),
            text=say("gaps.line", askers=gap.askers, questions=gap.questions, experts=gap.experts),
        )
        for gap in found.found[:_MOST_GAPS]
    )
    months = {"since": say.month(found.since), "until": say.month(found.last_day)}
    return Message(
        text=say("gaps.text", **months) if entries else say("gaps.none", least=gaps.LEAST),
        entries=entries,
        links=(Link(say("portal.open"), values["url"]),),
    )


@words_for("lessons")
def _lessons(words: Words, values: Values) -> Message:
    links = tuple(Link(kind.upper(), url) for kind, url in values["urls"].items())
    return Message(text=words.say("lessons.text"), links=links)
