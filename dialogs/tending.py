"""The commands of published knowledge items: reading and using them, and keeping them true."""

from dialogs.commands import Argument, Group, command, somebody, two_numbers
from dialogs.composing import Values, Words, words_for
from dialogs.curating import MODERATORS, circle, near, quotes
from dialogs.message import Button, Entry, Fact, Field, Message
from dialogs.ports import Desk
from knowledge import tending
from knowledge.draft import Draft
from knowledge.item import Item, State, Text
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.text import LONGEST_TEXT, excerpt

_ITEM, _TEXT, _KNOWLEDGE = Argument.ITEM, Argument.TEXT, Group.KNOWLEDGE


@command("read", _ITEM, fr="lire", es="leer", reads=True, group=_KNOWLEDGE)
def read(desk: Desk, person: Person, item: int) -> list[Notice]:
    return tending.read(desk, person, item)


@command("useful", _ITEM, fr="utile", es="útil", group=_KNOWLEDGE)
def useful(desk: Desk, person: Person, item: int) -> list[Notice]:
    return tending.useful(desk, person, item)


@command("items", fr="fiches", es="fichas", roles=MODERATORS, strict=True, reads=True, group=_KNOWLEDGE)
def items(desk: Desk, person: Person) -> list[Notice]:
    return tending.overview(desk, person)


@command("duplicates", fr="doublons", es="duplicados", roles=MODERATORS, strict=True, reads=True, group=_KNOWLEDGE)
def duplicates(desk: Desk, person: Person) -> list[Notice]:
    return tending.duplicates(desk, person)


@command("still right", _ITEM, fr="toujours_juste", es="sigue_vigente", listed=False, group=_KNOWLEDGE)
def still_right(desk: Desk, person: Person, item: int) -> list[Notice]:
    return tending.still_right(desk, person, item)


@command(
    "edit item", _ITEM, _TEXT, Argument.ASKED, optional=2, fr="modifier_fiche", es="editar_ficha", listed=False,
    group=_KNOWLEDGE,
)  # fmt: skip
def edit(desk: Desk, person: Person, item: int, text: str = "", asked: str = "") -> list[Notice]:
    """Whoever owns it may, with or without a role."""
    return tending.edit(desk, person, item, text, asked) if text or asked else tending.edit_form(desk, person, item)


@command("retire item", _ITEM, fr="retirer_fiche", es="retirar_ficha", listed=False, group=_KNOWLEDGE)
def retire(desk: Desk, person: Person, item: int) -> list[Notice]:
    return tending.retire(desk, person, item)


@command(
    "merge item", _ITEM, Argument.INTO, fr="fusionner_fiche", es="fusionar_ficha", roles=MODERATORS, strict=True,
    reading=two_numbers, group=_KNOWLEDGE,
)  # fmt: skip
def merge(desk: Desk, person: Person, item: int, into: int) -> list[Notice]:
    return tending.merge(desk, person, item, into)


@command(
    "item owner", _ITEM, Argument.WHO, fr="responsable_fiche", es="responsable_ficha", roles=MODERATORS, strict=True,
    group=_KNOWLEDGE,
)  # fmt: skip
def own(desk: Desk, person: Person, item: int, who: str) -> list[Notice]:
    tending.tended(desk, person, item)
    return tending.own(desk, person, item, somebody(desk, who))


# Words


@words_for("item.read")
def _item(words: Words, values: Values) -> Message:
    say = words.say
    item: Item = values["item"]
    text: Text = values["text"]
    facts = [Fact(say("item.for"), circle(words, item.audience, item.network))]
    facts.append(Fact(say("item.since"), say("item.version", date=say.day(item.since), version=item.version)))
    if values["owner"]:
        facts.append(Fact(say("item.owner"), values["owner"]))
    if text.summary and text.resources:
        facts.append(Fact(say("draft.resources"), "\n".join(text.resources)))
    if values["tends"]:
        uses = {f"{use}": count for use, count in values["uses"].items()}
        facts.append(Fact(say("item.uses"), say("item.used", **uses)))
    buttons = [Button(say("button.useful"), f"useful {item.id}")]
    if values["tends"]:
        buttons += [
            Button(say("button.edit"), f"edit item {item.id}"),
            Button(say("button.retire"), f"retire item {item.id}"),
        ]
    first, *rest = quotes(words, text, values["names"])
    return Message(
        title=say("item.title_numbered", item=item.id),
        text=first.text,
        quotes=tuple(rest),
        facts=tuple(facts),
        buttons=tuple(buttons),
        note=say("item.stale_note") if item.state is State.STALE else "",
    )


@words_for("item.stale")
def _stale(words: Words, values: Values) -> Message:
    say, item = words.say, values["item"]
    return Message(
        title=say("item.stale_title", item=item.id),
        text=say("item.stale_text"),
        quotes=quotes(words, Text(item.question, ()), {}),
        buttons=(
            Button(say("button.still_right"), f"still right {item.id}", "primary"),
            Button(say("button.read"), f"read {item.id}"),
            Button(say("button.edit"), f"edit item {item.id}"),
            Button(say("button.retire"), f"retire item {item.id}"),
        ),
    )


@words_for("item.reviewed")
def _reviewed(words: Words, values: Values) -> Message:
    return Message(words.say("item.reviewed", item=values["item"], date=words.say.day(values["until"])))


@words_for("item.edit_form")
def _edit_form(words: Words, values: Values) -> Message:
    say, number, text = words.say, values["item"], values["text"]
    fields = [Field("asked", say("draft.question"), text.question, multiline=True, max_length=LONGEST_TEXT)]
    if values["single"]:
        fields.append(Field("text", say("draft.answer"), text.parts[0].text, multiline=True, max_length=LONGEST_TEXT))
    return Message(
        title=say("item.title_numbered", item=number),
        text=say("item.edit_text"),
        fields=tuple(fields),
        buttons=(
            Button(say("button.update"), f"edit item {number}", "primary", form=True),
            Button(say("button.back"), f"read {number}"),
        ),
    )


@words_for("item.yours")
def _yours(words: Words, values: Values) -> Message:
    item = values["item"]
    return Message(
        text=words.say("item.yours", item=item.id),
        quotes=quotes(words, Text(item.question, ()), {}),
        buttons=(Button(words.say("button.read"), f"read {item.id}"),),
    )


@words_for("item.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    drafts: list[Draft] = values["drafts"]
    entries = [
        Entry(
            title=say("draft.review_title", draft=draft.id),
            text=excerpt(draft.text.question, 140),
            buttons=(Button(say("button.show"), f"show draft {draft.id}"),),
        )
        for draft in drafts
    ]
    for title, found in (("item.entry_stale", values["stale"]), ("item.entry_mine", values["mine"])):
        entries += [
            Entry(
                title=say(title, item=item.id),
                text=excerpt(item.question, 140),
                buttons=(Button(say("button.read"), f"read {item.id}"),),
            )
            for item in found
        ]
    return Message(say("item.list_text"), entries=tuple(entries)) if entries else Message(say("item.list_empty"))


@words_for("item.duplicates")
def _duplicates(words: Words, values: Values) -> Message:
    say = words.say
    entries = []
    for item, other in values["pairs"]:
        one = near(words, item.id)
        merged = Button(say("button.merge_item", into=other.id), f"merge item {item.id} {other.id}")
        read = Button(say("button.read_number", item=other.id), f"read {other.id}")
        entries.append(
            Entry(
                title=say("item.pair", item=item.id, into=other.id),
                text=excerpt(item.question, 140),
                note=excerpt(other.question, 140),
                buttons=(*one.buttons, read, merged),
            )
        )
    if not entries:
        return Message(say("item.no_duplicates"))
    return Message(say("item.duplicates"), entries=tuple(entries))
