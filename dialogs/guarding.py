"""The commands that keep people safe, and the log of what was done with privilege."""

from dialogs.asking import EXPERTS
from dialogs.commands import Argument, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from knowledge import guarding, reporting
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role

_QUESTION, _TEXT = Argument.QUESTION, Argument.TEXT
_KM_TEAM = frozenset({Role.KM_TEAM})


@command("report", _QUESTION, fr="alerter", es="denunciar", roles=EXPERTS, optional=1)
def report(desk: Desk, person: Person, question: int | None = None) -> list[Notice]:
    """A question to look at; alone, for those who may read them, what `results` shows."""
    if question is not None:
        return guarding.report(desk, person, question)
    if any(person.has_somewhere(role) for role in DESK):
        return reporting.report(desk, person)
    raise Refusal("report.which")


@command("block", _QUESTION, fr="bloquer", es="bloquear", roles=DESK, strict=True)
def block(desk: Desk, person: Person, question: int) -> list[Notice]:
    return guarding.block(desk, person, question)


@command("unblock", _QUESTION, fr="débloquer", es="desbloquear", roles=DESK, strict=True)
def unblock(desk: Desk, person: Person, question: int) -> list[Notice]:
    return guarding.unblock(desk, person, question)


@command("unmask", _QUESTION, _TEXT, fr="démasquer", es="desenmascarar", roles=DESK, strict=True)
def unmask(desk: Desk, person: Person, question: int, text: str) -> list[Notice]:
    return guarding.unmask(desk, person, question, text)


@command("audit", _QUESTION, optional=1, fr="journal", es="registro", roles=_KM_TEAM, strict=True, reads=True)
def audit(desk: Desk, person: Person, question: int | None = None) -> list[Notice]:
    return guarding.log(desk, person, question)


@words_for("desk.reported")
def _reported(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("reported.title", question=number),
        text=say("reported.text", name=values["name"]),
        quotes=(Quote(values["text"], say("side.asker")),),
        fields=(Field("text", say("unmask.field"), placeholder=say("unmask.placeholder"), multiline=True),),
        buttons=(
            Button(say("button.block"), f"block {number}", "danger"),
            Button(say("button.unmask"), f"unmask {number}", form=True),
        ),
        note=say("reported.note"),
    )


@words_for("unmask.shown")
def _unmasked(words: Words, values: Values) -> Message:
    say = words.say
    office = (Fact(say("unmask.office"), values["office"]),) if values["office"] else ()
    return Message(
        text=say("unmask.shown", question=values["question"], name=values["name"]),
        facts=office,
        note=say("unmask.note"),
    )


@words_for("unmask.told")
def _told(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("unmask.told", question=values["question"], who=values["who"]),
        quotes=(Quote(values["reason"], say("unmask.why")),),
    )


@words_for("audit")
def _audit(words: Words, values: Values) -> Message:
    say = words.say
    if not values["entries"]:
        return Message(say("audit.empty"))
    return Message(
        title=say("audit.title"),
        text=say("audit.text"),
        entries=tuple(
            Entry(
                title=say("audit.entry", who=name, action=entry.action, about=whom or _about(words, entry.about)),
                text=entry.reason,
                note=say.when(entry.at),
            )
            for entry, name, whom in values["entries"]
        ),
    )


def _about(words: Words, about: str) -> str:
    kind, _, number = about.partition(":")
    if not kind:
        return words.say("audit.about_none")
    return words.say(f"audit.about_{kind}" if kind in _KNOWN else "audit.about_other", kind=kind, number=number)


_KNOWN = frozenset({"question", "flag", "assist", "item", "event", "work_item", "topic", "proposal", "draft"})
"""What an entry may be about and has a name of its own."""
