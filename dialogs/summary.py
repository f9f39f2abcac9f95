"""The morning's summary in chat, and on demand."""

from babel.dates import format_date

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.flagging import MODERATORS
from dialogs.message import Button, Entry, Fact, Message
from dialogs.ports import Desk
from knowledge import summary as summaries
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.summary import Place, Summary
from knowledge.text import plain

_SWITCHED = {
    "on": True, "oui": True, "marche": True, "encendido": True, "si": True, "activer": True, "activar": True,
    "off": False, "non": False, "arret": False, "apagado": False, "no": False, "desactiver": False, "desactivar": False,
}  # fmt: skip


@command(
    "summary",
    Argument.SWITCH,
    optional=1,
    fr="bilan",
    es="resumen",
    roles=MODERATORS,
    strict=True,
    reads=True,
    group=Group.DESK,
)
def summary(desk: Desk, person: Person, switch: str = "") -> list[Notice]:
    """Alone it shows what waits now; on and off say whether it comes each morning."""
    if not switch:
        return summaries.now(desk, person)
    wanted = _SWITCHED.get(plain(switch))
    if wanted is None:
        raise Refusal("summary.how")
    return summaries.switch(desk, person, wanted)


@words_for("summary.morning", "summary.now")
def _summary(words: Words, values: Values) -> Message:
    say, found = words.say, values["summary"]
    assert isinstance(found, Summary)
    waiting = sum(one.waiting for one in found.places)
    several = len(found.places) > 1
    facts = []
    buttons = []
    if waiting or found.drafts:
        buttons.append(Button(say("summary.queue"), "queue", "primary"))
    for count, key, line in (
        (found.flags, "summary.flags", "flags"),
        (found.wider, "summary.wider", "queue"),
        (found.drafts, "summary.drafts", "queue"),
        (found.work_items, "summary.work_items", "tasks"),
    ):
        if count:
            facts.append(Fact(say(key), str(count)))
            if line != "queue":
                buttons.append(Button(say(f"{key}.show"), line))
    morning = words.key == "summary.morning"
    return Message(
        title=say("summary.title" if morning else "summary.title_now"),
        text=say.count("summary.text", waiting) if waiting else say("summary.only" if found.waits else "summary.none"),
        entries=tuple(
            Entry(
                title=one.network.name(say.language) if one.network else say("summary.no_network"),
                text=" · ".join(_counts(words, found, one)),
                buttons=_to_the_queue(words, one) if several else (),
            )
            for one in found.places
        ),
        facts=tuple(facts),
        buttons=tuple(buttons),
        note=say("summary.note_off" if found.off else "summary.note"),
    )


def _counts(words: Words, found: Summary, one: Place) -> list[str]:
    say = words.say
    parts = [say.count("summary.waiting", one.waiting)]
    if one.late:
        parts.append(say.count("summary.late", one.late))
    if one.escalated:
        parts.append(say.count("summary.escalated", one.escalated))
    if one.solved:
        if found.yesterday:
            parts.append(say.count("summary.solved_yesterday", one.solved))
        else:
            since = format_date(found.since, "EEEE", locale=say.language)
            parts.append(say.count("summary.solved_since", one.solved, since=since))
    return parts


def _to_the_queue(words: Words, one: Place) -> tuple[Button, ...]:
    if one.network is None or not one.waiting:
        return ()
    return (Button(words.say("summary.queue"), f"queue {one.network.key}"),)
