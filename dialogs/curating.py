"""The commands of a draft: what those whose words it holds say to it, and what the desk makes of it."""

from dialogs.commands import Argument, Group, audience_named, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import curating, routing
from knowledge.draft import Draft, Kind, Says
from knowledge.item import Text
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import Audience
from knowledge.text import LONGEST_TEXT, excerpt

_DRAFT, _TEXT, _KNOWLEDGE = Argument.DRAFT, Argument.TEXT, Group.KNOWLEDGE
MODERATORS = DESK | {Role.MODERATOR}


@command("consent", _DRAFT, fr="consentir", es="consentir", listed=False, group=_KNOWLEDGE)
def consent(desk: Desk, person: Person, draft: int) -> list[Notice]:
    return curating.say(desk, person, draft, Says.YES)


@command("credit", _DRAFT, fr="créditer", es="acreditar", listed=False, group=_KNOWLEDGE)
def credit(desk: Desk, person: Person, draft: int) -> list[Notice]:
    return curating.say(desk, person, draft, Says.NAMED)


@command("object", _DRAFT, fr="opposer", es="oponer", listed=False, group=_KNOWLEDGE)
def object_to(desk: Desk, person: Person, draft: int) -> list[Notice]:
    return curating.say(desk, person, draft, Says.NO)


@command("reword", _DRAFT, _TEXT, optional=1, fr="récrire", es="reescribir", listed=False, group=_KNOWLEDGE)
def reword(desk: Desk, person: Person, draft: int, text: str = "") -> list[Notice]:
    return curating.reword(desk, person, draft, text) if text else curating.reword_form(desk, person, draft)


@command("show draft", _DRAFT, fr="voir_projet", es="ver_borrador", reads=True, group=_KNOWLEDGE)
def show_draft(desk: Desk, person: Person, draft: int) -> list[Notice]:
    return curating.card(desk, person, draft)


@command(
    "consolidate", Argument.QUESTION, fr="consolider", es="consolidar", roles=DESK, strict=True, group=_KNOWLEDGE
)  # fmt: skip
def consolidate(desk: Desk, person: Person, question: int) -> list[Notice]:
    return curating.consolidate(desk, person, question)


@command(
    "publish draft", _DRAFT, fr="publier_projet", es="publicar_borrador", roles=MODERATORS, strict=True,
    group=_KNOWLEDGE,
)  # fmt: skip
def publish(desk: Desk, person: Person, draft: int) -> list[Notice]:
    return curating.publish(desk, person, draft)


@command(
    "reject draft", _DRAFT, _TEXT, fr="rejeter_projet", es="denegar_borrador", roles=MODERATORS, strict=True,
    group=_KNOWLEDGE,
)  # fmt: skip
def reject(desk: Desk, person: Person, draft: int, text: str) -> list[Notice]:
    return curating.reject(desk, person, draft, text)


@command(
    "edit draft", _DRAFT, _TEXT, Argument.ASKED, Argument.SUMMARY, Argument.NEXT, optional=4, fr="modifier_projet",
    es="editar_borrador", roles=MODERATORS, strict=True, group=_KNOWLEDGE,
)  # fmt: skip
def edit(
    desk: Desk,
    person: Person,
    draft: int,
    text: str = "",
    asked: str = "",
    summary: str | None = None,
    next: str | None = None,
) -> list[Notice]:
    if not (text or asked or summary is not None or next is not None):
        return curating.edit_form(desk, person, draft)
    return curating.edit(desk, person, draft, question=asked, answer=text, summary=summary, next_steps=next)


@command(
    "draft readers", _DRAFT, Argument.AUDIENCE, fr="lectorat_projet", es="lectores_borrador", roles=MODERATORS,
    strict=True, group=_KNOWLEDGE,
)  # fmt: skip
def readers(desk: Desk, person: Person, draft: int, audience: str) -> list[Notice]:
    """A circle's name, or a network's."""
    wide = audience_named(audience)
    if wide is not None:
        return curating.read_by(desk, person, draft, wide)
    network = routing.network_named(desk, person, audience, desk=True)
    return curating.read_by(desk, person, draft, Audience.SUB_NETWORK, network.id)


@command(
    "ask again", _DRAFT, fr="redemander", es="repreguntar", roles=MODERATORS, strict=True, listed=False,
    group=_KNOWLEDGE,
)  # fmt: skip
def ask_again(desk: Desk, person: Person, draft: int) -> list[Notice]:
    return curating.ask_again(desk, person, draft)


# Words


def circle(words: Words, audience: Audience, network: int | None) -> str:
    if audience is Audience.SUB_NETWORK and network is not None:
        return words.say("draft.members_of", network=words.network(network))
    return words.say(f"audience.{audience.word}")


@words_for("draft.consent")
def _consent(words: Words, values: Values) -> Message:
    say, number, says = words.say, values["draft"], values["says"]
    text: Text = values["text"]
    yes = Button(say("button.consent"), f"consent {number}", "primary")
    named = Button(say("button.credit"), f"credit {number}")
    if values["item"] is not None:
        gone = says is Says.WITHDRAWN
        buttons = [] if gone else [yes if says is Says.NAMED else named, _take_back(say, number)]
        return Message(
            title=say("draft.title", draft=number),
            text=say("draft.withdrawn_item" if gone else f"draft.is_item_{says}", item=values["item"]),
            buttons=tuple(_unprimed(buttons)),
        )
    if says in (Says.NO, Says.WITHDRAWN):
        back = () if says is Says.WITHDRAWN else (Button(say("button.show_again"), f"show draft {number}"), yes)
        return Message(
            title=say("draft.title", draft=number), text=say(f"draft.said_{says}"), buttons=tuple(_unprimed(back))
        )
    said = says is not Says.NOTHING
    buttons = [*((named,) if says is Says.YES else (yes,) if says is Says.NAMED else (yes, named))]
    buttons.append(Button(say("button.reword_own"), f"reword {number}"))
    buttons.append(_take_back(say, number) if said else Button(say("button.object"), f"object {number}"))
    label = say("draft.answer")
    return Message(
        title=say("draft.title", draft=number),
        text=say(f"draft.said_{says}")
        if said
        else say(f"draft.ask_{values['kind']}_{'asker' if values['asking'] else 'expert'}"),
        quotes=(
            *((Quote(text.question, say("draft.question")),) if text.question else ()),
            *((Quote(text.summary, say("draft.summary")),) if text.summary else ()),
            *(Quote(part, label) for part in values["parts"]),
            *((Quote(text.next_steps, say("draft.next_steps")),) if text.next_steps else ()),
        ),
        facts=(
            Fact(say("draft.read_by"), circle(words, values["audience"], values["network"])),
            *((Fact(say("draft.until"), say.day(values["until"])),) if values["until"] else ()),
        )
        if text.question
        else (),
        buttons=tuple(_unprimed(buttons) if said else buttons),
        note="" if said else say("draft.others_note" if values["others"] else "draft.note"),
    )


def _take_back(say: Say, number: int) -> Button:
    return Button(say("button.take_back"), f"object {number}")


def _unprimed(buttons: list[Button] | tuple[Button, ...]) -> list[Button]:
    return [Button(one.label, one.say) for one in buttons]


@words_for("draft.reword_form")
def _reword_form(words: Words, values: Values) -> Message:
    say, number = words.say, values["draft"]
    return Message(
        title=say("draft.title", draft=number),
        text=say("draft.reword_question" if values["asking"] else "draft.reword_answer"),
        fields=(Field("text", say("draft.wording"), values["text"], multiline=True, max_length=LONGEST_TEXT),),
        buttons=(
            Button(say("button.update"), f"reword {number}", "primary", form=True),
            Button(say("button.back"), f"show draft {number}"),
        ),
    )


@words_for("draft.review")
def _review(words: Words, values: Values) -> Message:
    say = words.say
    draft: Draft = values["draft"]
    number, text, names = draft.id, draft.text, values["names"]
    facts = [
        Fact(say("draft.read_by"), circle(words, draft.audience, draft.network)),
        Fact(say("draft.names"), say.listed(list(names.values())) if names else say("draft.no_names")),
    ]
    if values["marks"]:
        told = [say("hint.one", text=hint.text, kind=say(f"hint.{hint.kind}")) for hint in values["marks"]]
        facts.append(Fact(say("draft.marks"), say.listed(told)))
    if text.resources:
        facts.append(Fact(say("draft.resources"), "\n".join(text.resources)))
    first = (
        Button(say("button.ask_again"), f"ask again {number}", "primary")
        if values["outdated"]
        else Button(say("button.publish"), f"publish draft {number}", "primary")
    )
    return Message(
        title=say("draft.review_title", draft=number),
        text=say.count("draft.review_outdated", values["outdated"]) if values["outdated"] else say("draft.review_text"),
        quotes=quotes(words, text, names),
        facts=tuple(facts),
        entries=tuple(near(words, match.id) for match in values["near"] if words.item(match.id)),
        entries_title=say("draft.near") if values["near"] else "",
        fields=(
            Field("text", say("draft.reason"), say("draft.reason_given"), multiline=True, max_length=LONGEST_TEXT),
        ),
        buttons=(
            first,
            Button(say("button.edit"), f"edit draft {number}"),
            Button(say("button.reject"), f"reject draft {number}", form=True),
        ),
        note=say("draft.review_note" if draft.kind is not Kind.CONSOLIDATED else "draft.consolidated_note"),
    )


def quotes(words: Words, text: Text, names: dict[int, str]) -> tuple[Quote, ...]:
    """An item's words, each with who wrote it as they are shown."""
    say = words.say
    asked = say("draft.question_by", name=names[0]) if 0 in names else say("draft.question")
    return (
        Quote(text.question, asked),
        *((Quote(text.summary, say("draft.summary")),) if text.summary else ()),
        *(Quote(part.text, names.get(part.voice) or say("draft.answer")) for part in text.parts),
        *((Quote(text.next_steps, say("draft.next_steps")),) if text.next_steps else ()),
    )


def near(words: Words, number: int) -> Entry:
    item = words.item(number)
    return Entry(
        title=words.say("item.numbered", item=number),
        text=excerpt(item.question, 140),
        buttons=(Button(words.say("button.read"), f"read {number}"),),
    )


@words_for("draft.edit_form")
def _edit_form(words: Words, values: Values) -> Message:
    say = words.say
    draft: Draft = values["draft"]
    text = draft.text
    fields = [Field("asked", say("draft.question"), text.question, multiline=True, max_length=LONGEST_TEXT)]
    if len(text.parts) == 1:
        fields.append(Field("text", say("draft.answer"), text.parts[0].text, multiline=True, max_length=LONGEST_TEXT))
    if draft.kind is Kind.CONSOLIDATED:
        fields += [
            Field("summary", say("draft.summary"), text.summary, multiline=True, max_length=LONGEST_TEXT),
            Field("next", say("draft.next_steps"), text.next_steps, multiline=True, max_length=LONGEST_TEXT),
        ]
    return Message(
        title=say("draft.review_title", draft=draft.id),
        text=say("draft.edit_text"),
        fields=tuple(fields),
        buttons=(
            Button(say("button.update"), f"edit draft {draft.id}", "primary", form=True),
            Button(say("button.back"), f"show draft {draft.id}"),
        ),
    )


@words_for("draft.decided")
def _decided(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("draft.review_title", draft=values["draft"]),
        text=say(f"draft.decided_{values['state']}", item=values["item"] or 0),
        buttons=(Button(say("button.read"), f"read {values['item']}"),) if values["state"] == "published" else (),
    )


@words_for("draft.is_published")
def _is_published(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("draft.is_published", draft=values["draft"], item=values["item"]),
        buttons=(Button(say("button.read"), f"read {values['item']}"),),
        note=say("draft.is_published_note"),
    )


@words_for("draft.rejected")
def _rejected(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("draft.rejected", draft=values["draft"]), quotes=(Quote(values["reason"], say("draft.reason_label")),)
    )
