"""The commands and words of what comes after an event: who was there, whether it was useful, notes and recording."""

import re
from collections.abc import Mapping
from typing import Any

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.event_cards import zone_of_reader
from dialogs.events import occurrence_named
from dialogs.message import Button, Fact, Field, Link, Message, Quote
from dialogs.moments import for_reader
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import after_events, attendance
from knowledge.event import LONGEST_LINK, Event
from knowledge.held import Attendance, Kind, Material
from knowledge.measurement.results import Result
from knowledge.notices import Notice
from knowledge.occurrences import Occurrence
from knowledge.people import Person
from knowledge.text import LONGEST_TEXT, clean

_EVENT, _TEXT = Argument.EVENT, Argument.TEXT
_CODE = re.compile(r"[a-z]{2,3}[ -]?[a-z]{2,3}", re.IGNORECASE)
_KEY = re.compile(r"(\d{8}T\d{4})\b\s*")


def _code_alone(said: str) -> str:
    """A code without its event's number as if that were 0, which is none."""
    return f"0 {said}" if _CODE.fullmatch(said.strip()) else said


@command("here", _EVENT, Argument.CODE, optional=1, fr="présent présente", es="presente", group=Group.EVENTS,
         reading=_code_alone)  # fmt: skip
def here(desk: Desk, person: Person, event: int, code: str = "") -> list[Notice]:
    """`here 7` of whoever said that they come; `here fkqra`, or `here 7 fkqra`, of anybody who reads the code."""
    if code.strip():
        return attendance.by_code(desk, person, code, event or None)
    return attendance.here(desk, person, event)


@command("attendance", _EVENT, _TEXT, optional=1, fr="présences", es="asistencia", group=Group.EVENTS)
def attendance_(desk: Desk, person: Person, event: int, text: str = "") -> list[Notice]:
    """`attendance 7`; of a series `attendance 7 23 March`."""
    key = occurrence_named(desk, person, event, text) if text.strip() else ""
    return attendance.show(desk, person, event, key)


@command("event notes", _EVENT, _TEXT, Argument.ABOUT, optional=2, fr="notes_événement", es="notas_evento",
         group=Group.EVENTS)  # fmt: skip
def event_notes(desk: Desk, person: Person, event: int, text: str = "", about: str = "") -> list[Notice]:
    """`event notes 7 We agreed …` gives them, of whoever looks after the event; `event notes 7` asks for what is left
    of it. Of a series the last that began is meant, unless its key stands in front."""
    return _materials_of(desk, person, event, f"{text} {about}".strip(), Kind.NOTES)


@command("recording", _EVENT, _TEXT, Argument.URL, optional=2, fr="enregistrement", es="grabación", group=Group.EVENTS)
def recording(desk: Desk, person: Person, event: int, text: str = "", url: str = "") -> list[Notice]:
    """`recording 7 https://…`; `recording 7` is the same as `event notes 7`."""
    return _materials_of(desk, person, event, f"{text} {url}".strip(), Kind.RECORDING)


def _materials_of(desk: Desk, person: Person, event: int, said: str, kind: Kind) -> list[Notice]:
    found = _KEY.match(said)
    key, said = (found[1], said[found.end() :]) if found else ("", said)
    if not clean(said):
        return after_events.want(desk, person, event, key)
    return after_events.attach(desk, person, event, kind, said, key)


# Words


def event_facts(say: Say, values: Mapping[str, Any]) -> list[Fact]:
    """Which event, and when it was by the reader's clock."""
    event: Event = values["event"]
    one: Occurrence | None = values["occurrence"]
    facts = [Fact(say("held.event"), one.title if one is not None else event.title)]
    if one is not None:
        facts.append(Fact(say("event.when"), for_reader(say, event, one, zone_of_reader(say))))
    return facts


def want_button(say: Say, values: Mapping[str, Any]) -> tuple[Button, ...]:
    """For what is left of an event, where the message is about one and its reader has not asked for it yet."""
    event: Event | None = values.get("event")
    if event is None or values["wished"]:
        return ()
    one: Occurrence | None = values.get("occurrence")
    key = one.key if event.recurs and one is not None else values.get("key", "")
    return (Button(say("button.want_materials"), f"event notes {event.id} {key}".strip()),)


@words_for("attendance.noted")
def _noted(words: Words, values: Values) -> Message:
    say = words.say
    key = "attendance.noted_over" if values["over"] else "attendance.noted"
    return Message(text=say(key, title=values["event"].title), buttons=want_button(say, values))


@words_for("attendance.shown")
def _shown(words: Words, values: Values) -> Message:
    say, event, one = words.say, values["event"], values["occurrence"]
    shown: Attendance = values["shown"]
    facts = event_facts(say, values)
    if shown.code:
        facts.append(Fact(say("attendance.code"), shown.code.upper()))
    if shown.names:
        facts.append(Fact(say("attendance.names"), say.listed(list(shown.names))))
    if shown.asked:
        told = _useful(say, shown.useful) if shown.counted else say("held.sealed", at=shown.counted_at)
        facts.append(Fact(say("held.useful"), told))
    if values["cares"] and shown.wanted:
        facts.append(Fact(say("held.wanted"), say.count("held.wanted_by", shown.wanted)))
    key = f" {one.key}" if event.recurs else ""
    buttons = []
    if values["cares"]:
        if shown.code:
            buttons.append(Button(say("button.attendance_again"), f"attendance {event.id}{key}"))
        buttons.append(Button(say("button.add_materials"), f"event notes {event.id}{key}"))
    note = say("attendance.code_note", code=shown.code.upper(), until=shown.until) if shown.code else ""
    return Message(
        title=say("attendance.title", event=event.id),
        text=say.count("attendance.count", shown.count) if shown.count else say("attendance.nobody"),
        facts=tuple(facts),
        buttons=tuple(buttons),
        note=note or ("" if values["cares"] else say("attendance.others_note")),
    )


def _useful(say: Say, found: Result | None) -> str:
    if found is None:
        return say("held.few")
    agree = found.together.favourable
    return say("held.told", percent=round(100 * agree.part), count=agree.count, n=agree.n)


@words_for("held.counted")
def _counted(words: Words, values: Values) -> Message:
    say = words.say
    facts = [*event_facts(say, values), Fact(say("held.useful"), _useful(say, values["useful"]))]
    if values["count"]:
        facts.append(Fact(say("attendance.were"), say.count("attendance.count", values["count"])))
    return Message(
        title=say("held.counted_title", event=values["event"].id), text=say("held.counted"), facts=tuple(facts)
    )


@words_for("held.attached")
def _attached(words: Words, values: Values) -> Message:
    """What there is, and the form for more."""
    say, event, one = words.say, values["event"], values["occurrence"]
    there: dict[Kind, Material] = {each.kind: each for each in values["materials"]}
    key = f" {one.key}" if event.recurs else ""
    notes, film = there.get(Kind.NOTES), there.get(Kind.RECORDING)
    facts = event_facts(say, values)
    facts.append(
        Fact(
            say("held.wanted"),
            say.count("held.wanted_by", values["wanted"]) if values["wanted"] else say("held.nobody_yet"),
        )
    )
    return Message(
        title=say("held.materials_title", event=event.id),
        text=say("held.attached" if there else "held.nothing_attached"),
        facts=tuple(facts),
        fields=(
            Field("about", say("held.notes"), notes.text if notes else "", say("held.notes_eg"), multiline=True,
                  max_length=LONGEST_TEXT),
            Field("url", say("held.recording"), film.text if film else "", "https://", max_length=LONGEST_LINK),
        ),
        buttons=(
            Button(say("button.keep_notes"), f"event notes {event.id}{key}", "primary", form=True),
            Button(say("button.keep_recording"), f"recording {event.id}{key}", form=True),
        ),
        note=say("held.attached_note"),
    )  # fmt: skip


@words_for("held.wished")
def _wished(words: Words, values: Values) -> Message:
    return Message(text=words.say("held.wished", title=values["event"].title))


@words_for("held.materials")
def _materials(words: Words, values: Values) -> Message:
    say = words.say
    there: list[Material] = list(values["materials"])
    return Message(
        title=say("held.left_title"),
        text=say("held.left", title=values["occurrence"].title),
        quotes=tuple(Quote(one.text, say("held.notes")) for one in there if one.kind is Kind.NOTES),
        facts=(Fact(say("event.when"), for_reader(say, values["event"], values["occurrence"], zone_of_reader(say))),),
        links=tuple(Link(say("held.recording"), one.text) for one in there if one.kind is Kind.RECORDING),
    )
