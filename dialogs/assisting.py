"""The commands of a peer assist: asking for one, coming or not, talking, and what comes out of it."""

from dialogs.commands import Argument, Group, command, number
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import assisting
from knowledge.assist import FEWEST, MOST, Assist, Place, State
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.text import LONGEST_TEXT, excerpt

_ASSIST, _TEXT = Argument.ASSIST, Argument.TEXT


@command("assist", _TEXT, optional=1, fr="entraide", es="apoyo pares", group=Group.TOGETHER)
def assist(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """A number is that of a question of theirs; nothing lists what they take part in."""
    if not text:
        return [Notice(person.id, "assist.list", {"found": assisting.overview(desk, person), "person": person.id})]
    question = number(text)
    if question is not None:
        return assisting.on_question(desk, person, question)
    return assisting.assist(desk, person, text)


@command("circle", _ASSIST, fr="cercle", es="círculo", reads=True, listed=False, group=Group.TOGETHER)
def circle(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.card(desk, person, assist)


@command("appear", _ASSIST, fr="apparaître", es="aparecer", listed=False, group=Group.TOGETHER)
def appear(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.sign(desk, person, assist, named=True)


@command("disappear", _ASSIST, fr="disparaître", es="desaparecer", listed=False, group=Group.TOGETHER)
def disappear(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.sign(desk, person, assist, named=False)


@command("gather", _ASSIST, fr="réunir", es="convocar", listed=False, group=Group.TOGETHER)
def gather(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.gather(desk, person, assist)


@command("begin", _ASSIST, fr="commencer", es="empezar", listed=False, group=Group.TOGETHER)
def begin(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.begin(desk, person, assist)


@command("disband", _ASSIST, fr="dissoudre", es="disolver", listed=False, group=Group.TOGETHER)
def disband(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.call_off(desk, person, assist)


@command("come", _ASSIST, fr="venir participer", es="participar", listed=False, group=Group.TOGETHER)
def come(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.come(desk, person, assist)


@command("skip", _ASSIST, fr="abstenir", es="omitir", listed=False, group=Group.TOGETHER)
def skip(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.skip(desk, person, assist)


@command("tell", _ASSIST, _TEXT, fr="dire", es="decir", group=Group.TOGETHER)
def tell(desk: Desk, person: Person, assist: int, text: str) -> list[Notice]:
    return assisting.tell(desk, person, assist, text)


@command("notes", _ASSIST, fr="noter", es="apuntar", listed=False, group=Group.TOGETHER)
def notes(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.take_notes(desk, person, assist)


@command("conclude", _ASSIST, _TEXT, fr="conclure", es="concluir", listed=False, group=Group.TOGETHER)
def conclude(desk: Desk, person: Person, assist: int, text: str) -> list[Notice]:
    return assisting.conclude(desk, person, assist, text)


@command("give", _ASSIST, fr="confier", es="entregar", listed=False, group=Group.TOGETHER)
def give(desk: Desk, person: Person, assist: int) -> list[Notice]:
    return assisting.share(desk, person, assist)


@command(
    "adopt",
    _ASSIST,
    _TEXT,
    optional=1,
    fr="adopter",
    es="adoptar",
    roles=DESK,
    strict=True,
    listed=False,
    group=Group.TOGETHER,
)
def adopt(desk: Desk, person: Person, assist: int, text: str = "") -> list[Notice]:
    return assisting.adopt(desk, person, assist, text)


# Words


@words_for("assist.draft")
def _draft(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    return Message(
        title=say("assist.title_draft", assist=assist.id),
        text=say("assist.draft_text", fewest=FEWEST, most=MOST),
        quotes=(Quote(assist.text, say("preview.quote")),),
        facts=(
            Fact(say("preview.audience"), say(f"audience.{assist.audience.word}")),
            Fact(say("preview.name"), say("assist.name_shown" if assist.named else "assist.name_hidden")),
        ),
        buttons=(
            Button(say("button.gather"), f"gather {assist.id}", "primary"),
            Button(say("button.disappear"), f"disappear {assist.id}")
            if assist.named
            else Button(say("button.appear"), f"appear {assist.id}"),
            Button(say("button.discard"), f"disband {assist.id}"),
        ),
        note=say("assist.draft_note") if assist.question is None else say("assist.draft_note_question"),
    )


@words_for("assist.card")
def _card(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    buttons = []
    if values["can_begin"]:
        buttons.append(Button(say("button.begin"), f"begin {assist.id}", "primary"))
    gathering = assist.state is State.GATHERING
    if gathering or assist.state is State.MEETING:
        buttons.append(Button(say("button.withdraw"), f"disband {assist.id}"))
    return Message(
        title=say("assist.title", assist=assist.id),
        text=say(f"assist.card_{assist.state}"),
        quotes=(Quote(assist.text),),
        facts=(
            (
                Fact(say("assist.in"), say.count("assist.count", values["count"], fewest=FEWEST)),
                Fact(say("assist.until"), say.value(assist.gather_until)),
            )
            if gathering
            else ()
        ),
        buttons=tuple(buttons),
        note=say("assist.card_note") if gathering else "",
    )


@words_for("assist.invitation")
def _invitation(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    return Message(
        title=say("invitation.title", assist=assist),
        text=say("invitation.text", fewest=FEWEST, most=MOST),
        quotes=(Quote(values["text"], _asker(say, values["name"])),),
        facts=(
            Fact(say("invitation.where"), say("invitation.group" if values["group"] else "invitation.relayed")),
            Fact(say("invitation.until"), say.value(values["until"])),
        ),
        buttons=(
            Button(say("button.come"), f"come {assist}", "primary"),
            Button(say("button.skip"), f"skip {assist}"),
        ),
        note=say("invitation.note"),
    )


def _asker(say: Say, name: str) -> str:
    return say("side.asker_named", name=name) if name else say("side.asker")


@words_for("assist.you_are_in")
def _in(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("invitation.title", assist=values["assist"]),
        text=say("invitation.in", until=values["until"]),
        quotes=(Quote(values["text"]),),
        buttons=(Button(say("button.skip_after_all"), f"skip {values['assist']}"),),
    )


@words_for("assist.meeting")
def _meeting(words: Words, values: Values) -> Message:
    say, assist, place = words.say, values["assist"], values["place"]
    buttons = [] if place is Place.GROUP else [Button(say("button.tell"), f"tell {assist}", "primary", form=True)]
    if not values["noting"] and not values["own"]:
        buttons.append(Button(say("button.notes"), f"notes {assist}"))
    if not values["own"]:
        buttons.append(Button(say("button.leave"), f"skip {assist}"))
    if values["own"]:
        asker = say("meeting.you_shown") if values["asker"] else say("meeting.you_hidden")
    else:
        asker = values["asker"] or say("meeting.asker_hidden")
    return Message(
        title=say("assist.title", assist=assist),
        text=say(f"meeting.{place}"),
        quotes=(Quote(values["text"], _asker(say, values["asker"])),),
        facts=(
            Fact(say("meeting.asks"), asker),
            Fact(say("meeting.with"), say.listed(values["people"])),
            Fact(say("meeting.notes_by"), values["notes_by"]),
            Fact(say("meeting.until"), say.value(values["until"])),
        ),
        fields=() if place is Place.GROUP else (_say_field(say),),
        buttons=tuple(buttons),
        note=say("meeting.note", assist=assist),
    )


@words_for("assist.group")
def _group(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("assist.title", assist=values["assist"]),
        text=say("meeting.opened", until=values["until"], name=values["notes_by"]),
        quotes=(Quote(values["text"], _asker(say, values["name"])),),
    )


def _say_field(say: Say) -> Field:
    return Field("text", say("meeting.field"), multiline=True, max_length=LONGEST_TEXT)


@words_for("assist.said")
def _said(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    return Message(
        title=say("said.title", assist=assist),
        text=say("said.text"),
        quotes=(Quote(values["text"], values["name"] or say("meeting.asker_hidden")),),
        fields=(_say_field(say),),
        buttons=(Button(say("button.tell"), f"tell {assist}", form=True),),
    )


@words_for("assist.notes", "assist.notes_due")
def _notes(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    return Message(
        title=say("notes.title", assist=assist),
        text=say("notes.text", until=values["until"]) if words.key == "assist.notes" else say("notes.due"),
        fields=(Field("text", say("notes.field"), multiline=True, max_length=LONGEST_TEXT),),
        buttons=(Button(say("button.conclude"), f"conclude {assist}", "primary", form=True),),
        note=say("notes.note"),
    )


@words_for("assist.result")
def _result(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    return Message(
        title=say("result.title", assist=assist),
        text=say("result.text", asked=excerpt(values["text"], 120)),
        quotes=(Quote(values["result"], say("result.label")),),
        buttons=(Button(say("button.give"), f"give {assist}"),),
        note=say("result.note"),
    )


@words_for("assist.result_too")
def _result_too(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("result.title", assist=values["assist"]),
        text=say("result.too"),
        quotes=(Quote(values["result"], say("result.label")),),
    )


@words_for("desk.candidate")
def _candidate(words: Words, values: Values) -> Message:
    say, assist = words.say, values["assist"]
    return Message(
        title=say("candidate.title", assist=assist),
        text=say("candidate.text"),
        quotes=(Quote(values["text"], say("candidate.question")),),
        facts=(Fact(say("preview.audience"), say(f"audience.{values['audience'].word}")),),
        fields=(Field("text", say("candidate.field"), values["result"], multiline=True, max_length=LONGEST_TEXT),),
        buttons=(Button(say("button.adopt"), f"adopt {assist}", "primary", form=True),),
        note=say("candidate.note"),
    )


@words_for("assist.over")
def _over(words: Words, values: Values) -> Message:
    say = words.say
    return Message(title=say("assist.title", assist=values["assist"]), text=say(f"assist.card_{values['state']}"))


@words_for("assist.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    found: list[Assist] = values["found"]
    if not found:
        return Message(say("assist.list_empty"))
    return Message(
        text=say("assist.list_text"),
        entries=tuple(
            Entry(
                title=say("assist.entry", assist=one.id, state=say(f"assist.state_{one.state}")),
                text=excerpt(one.text, 140),
                note=say("side.you_asked") if one.asker == values["person"] else "",
                buttons=(Button(say("button.show"), f"circle {one.id}"),),
            )
            for one in found
        ),
    )
