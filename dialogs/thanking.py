"""The commands of what comes after an outcome: the time saved, what became of it, and what experts gave."""

from dialogs.asking import EXPERTS
from dialogs.commands import Argument, command, minutes, yes_or_no
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Message, Quote
from dialogs.ports import Desk
from knowledge import afterwards
from knowledge.contributions import Contributions
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.text import excerpt

_QUESTION = Argument.QUESTION


@command("saved", _QUESTION, Argument.TIME, fr="gagné", es="ahorré ahorro")
def saved(desk: Desk, person: Person, question: int, time: str) -> list[Notice]:
    return afterwards.save_time(desk, person, question, minutes(time))


@command("used", _QUESTION, Argument.YES, fr="utilisé", es="usé usado", listed=False)
def used(desk: Desk, person: Person, question: int, yes: str) -> list[Notice]:
    return afterwards.used(desk, person, question, yes_or_no(yes))


@command("changed", _QUESTION, Argument.YES, fr="changement", es="cambio cambiado", listed=False)
def changed(desk: Desk, person: Person, question: int, yes: str) -> list[Notice]:
    return afterwards.changed(desk, person, question, yes_or_no(yes))


@command("impact", _QUESTION, Argument.TEXT, fr="effet", es="impacto efecto", roles=EXPERTS)
def impact(desk: Desk, person: Person, question: int, text: str) -> list[Notice]:
    return afterwards.impact(desk, person, question, text)


@command("contributions", fr="contributions", es="contribuciones aportes", roles=EXPERTS, reads=True)
def contributions(desk: Desk, person: Person) -> list[Notice]:
    return afterwards.mine(desk, person)


@command("share", fr="partager", es="compartir", roles=EXPERTS, listed=False)
def share(desk: Desk, person: Person) -> list[Notice]:
    return afterwards.show_mine(desk, person)


@words_for("question.follow_up")
def _follow_up(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("follow_up.title", question=number),
        text=say("follow_up.text"),
        quotes=(Quote(excerpt(values["text"], 200)),),
        buttons=_yes_no(words, f"used {number}"),
        note=say("follow_up.note"),
    )


@words_for("question.used")
def _used(words: Words, values: Values) -> Message:
    number = values["question"]
    return Message(
        title=words.say("follow_up.title", question=number),
        text=words.say("follow_up.changed"),
        buttons=_yes_no(words, f"changed {number}"),
    )


@words_for("question.not_used", "question.changed", "question.not_changed")
def _followed_up(words: Words, values: Values) -> Message:
    return Message(title=words.say("follow_up.title", question=values["question"]), text=words.say("follow_up.thanks"))


def _yes_no(words: Words, command: str) -> tuple[Button, ...]:
    return (
        Button(words.say("button.yes"), f"{command} yes", "primary"),
        Button(words.say("button.not_yet"), f"{command} no"),
    )


@words_for("contributions")
def _mine(words: Words, values: Values) -> Message:
    say, given = words.say, values["given"]
    if not given.answered:
        return Message(say("contributions.empty"))
    return Message(
        title=say("contributions.title"),
        text=say("contributions.text"),
        facts=_counts(words, given),
        entries=_impacts(words, given),
        entries_title=say("contributions.impacts") if given.impacts else "",
        buttons=(Button(say("button.share"), "share"),),
        note=say("contributions.note"),
    )


@words_for("desk.contributions")
def _theirs(words: Words, values: Values) -> Message:
    say, given = words.say, values["given"]
    return Message(
        title=say("contributions.of", name=values["name"]),
        text=say("contributions.shared"),
        facts=_counts(words, given),
        entries=_impacts(words, given),
        entries_title=say("contributions.impacts") if given.impacts else "",
    )


def _counts(words: Words, given: Contributions) -> tuple[Fact, ...]:
    """What there is something of."""
    say = words.say
    counts = (
        ("answered", given.answered),
        ("solved", given.solved),
        ("partly", given.partly),
        ("used", given.used),
        ("changed", given.changed),
    )
    facts = [Fact(say(f"contributions.{name}"), str(count)) for name, count in counts if count]
    if given.minutes:
        facts.append(Fact(say("contributions.minutes"), say.duration(given.minutes)))
    return tuple(facts)


def _impacts(words: Words, given: Contributions) -> tuple[Entry, ...]:
    return tuple(
        Entry(title=words.say("contributions.impact", question=one.question), text=excerpt(one.text, 400))
        for one in given.impacts[-5:]
    )
