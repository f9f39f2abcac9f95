"""Help, the welcome, and what to do with words that are no command."""

from dataclasses import replace
from typing import Any

from dialogs.commands import REGISTRY, Argument, Command, Group, command, opens, usage
from dialogs.composing import Values, Words, question_line, words_for
from dialogs.message import Button, Entry, Field, Message
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import cards, direct_connect
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.text import LONGEST_TEXT, plain


@command("help", Argument.COMMAND, optional=1, fr="aide", es="ayuda", also="? start", menu=True)
def give_help(desk: Desk, person: Person, command: str = "") -> list[Notice]:
    """One group of commands, by its name or the first without any, or else one command."""
    shown = [one for one in REGISTRY.values() if one.listed and one.shown_to(person)]
    groups = [group for group in Group if any(one.group is group for one in shown)]
    said = plain(command) or Group.EVERYBODY
    group = next((one for one in groups if said in _GROUPS[one]), None)
    if group is None:
        found, _ = opens(command)
        if found is None or not found.allowed_for(person):
            raise Refusal("command.unknown", word=command.split()[0][:40])
        return [Notice(person.id, "help.one", {"command": found})]
    there = [one for one in shown if one.group is group]
    return [Notice(person.id, "help", {"commands": there, "group": group, "groups": groups})]


_GROUPS = {
    Group.EVERYBODY: (Group.EVERYBODY, "tous", "todos"),
    Group.TOGETHER: (Group.TOGETHER, "ensemble", "juntos"),
    Group.EVENTS: (Group.EVENTS, "evenements", "eventos"),
    Group.KNOWLEDGE: (Group.KNOWLEDGE, "connaissances", "conocimiento"),
    Group.DIGEST: (Group.DIGEST, "lettre", "boletin"),
    Group.PEOPLE: (Group.PEOPLE, "personnes", "personas"),
    Group.MEASUREMENT: (Group.MEASUREMENT, "mesure", "medicion"),
    Group.YOU: (Group.YOU, "vous", "usted"),
    Group.EXPERTS: (Group.EXPERTS, "experts", "expertos"),
    Group.DESK: (Group.DESK, "facilitation", "facilitacion", "bureau", "mesa"),
}


def free_text(desk: Desk, person: Person, text: str, *, asks: bool) -> list[Notice]:
    """What somebody wrote without a command: a question, or words for one of the conversations they are in.

    With a conversation open nothing is guessed: sent to the wrong side, private words cannot be taken back.
    """
    if not text:
        raise Refusal("text.empty")
    between = desk.questions.between(person.id)
    held = [
        replace(question, text=cards.read_by(desk, question, person.id))
        for question in between
        if question.expert == person.id
    ]
    asked = [question for question in between if question.asker == person.id]
    if held or asked:
        return [Notice(person.id, "which", {"text": text, "held": held, "asked": asked})]
    if asks:
        return direct_connect.ask(desk, person, text)
    return [Notice(person.id, "unclear", {"text": text})]


@words_for("help")
def _help(words: Words, values: Values) -> Message:
    """One group of commands: all of them together are more than a message in Slack can carry."""
    say, group = words.say, values["group"]
    first = group is Group.EVERYBODY
    others = [one for one in values["groups"] if one is not group]
    return Message(
        title=say("help.title") if first else say(f"help.title_{group}"),
        text=say("help.text" if first else "help.text_group"),
        entries=tuple(_entry(say, one) for one in values["commands"]),
        buttons=tuple(Button(say(f"button.help_{one}"), f"help {one}") for one in others),
        note=say("help.buttons"),
    )


@words_for("help.one")
def _one(words: Words, values: Values) -> Message:
    return Message(text=words.say("help.one"), entries=(_entry(words.say, values["command"]),))


def _entry(say: Say, one: Command) -> Entry:
    return Entry(title=usage(one, say, say.language), text=say(f"help.{one.name}"))


@words_for("welcome")
def _welcome(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("welcome.title"),
        text=say("welcome.text"),
        buttons=(
            Button(say("button.help"), "help"),
            Button(say("button.status"), "status"),
            Button(say("button.tour"), "tour"),
        ),
        note=say("welcome.note"),
    )


@words_for("unclear")
def _unclear(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("unclear.text"),
        fields=(_draft(say, values["text"]),),
        buttons=(
            Button(say("button.ask_this"), "ask", "primary", form=True),
            Button(say("button.help"), "help"),
        ),
    )


@words_for("which")
def _which(words: Words, values: Values) -> Message:
    say = words.say
    buttons = [
        Button(say("which.answer", question=question.id), f"answer {question.id}", form=True)
        for question in values["held"][:3]
    ]
    buttons += [
        Button(say("which.reply", question=question.id), f"reply {question.id}", form=True)
        for question in values["asked"][:3]
    ]
    buttons.append(Button(say("which.ask"), "ask", form=True))
    return Message(
        title=say("which.title"),
        text=say("which.text"),
        entries=tuple(
            question_line(say, question, note=say(side), length=100)
            for side, questions in (("side.yours_to_answer", values["held"]), ("side.you_asked", values["asked"]))
            for question in questions[:3]
        ),
        fields=(_draft(say, values["text"]),),
        buttons=tuple(buttons),
    )


@words_for("refusal.text.too_long")
def _too_long(words: Words, values: Values) -> Message:
    say = words.say
    text = say("refusal.text.too_long", length=values["length"], longest=values["longest"])
    if "say" not in values:
        return Message(text)
    button = Button(say("button.send"), values["say"], "primary", form=True)
    return Message(text, fields=(_draft(say, values["text"]),), buttons=(button,))


def _draft(say: Any, text: str) -> Field:
    return Field("text", say("draft.field"), text, multiline=True, max_length=LONGEST_TEXT)
