"""Each notice, worded as a message to one reader."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.wording import Say
from knowledge.matching.port import Catalogue, Match, Reason
from knowledge.notices import Notice
from knowledge.places import Audience
from knowledge.question import OVER, Outcome, Question, State
from knowledge.routing import Plan
from knowledge.text import LONGEST_TEXT, excerpt
from knowledge.wishes import Identity, Wants, Wishes

Values = Mapping[str, Any]
Composer = Callable[["Words", Values], Message]

_COMPOSERS: dict[str, Composer] = {}


def words_for(*keys: str) -> Callable[[Composer], Composer]:
    """Declares who words a notice."""

    def declare(composer: Composer) -> Composer:
        for key in keys:
            _COMPOSERS[key] = composer
        return composer

    return declare


class Words:
    """What a composer may use: the sentences in the reader's language, and names for keys and ids."""

    def __init__(self, say: Say, catalogue: Catalogue, key: str = "") -> None:
        self.say = say
        self.key = key
        self._catalogue = catalogue

    def topics(self, keys: list[str]) -> str:
        names = {topic.key: topic.name(self.say.language) for topic in self._catalogue.topics}
        return self.say.listed([names.get(key, key) for key in keys])

    def network(self, number: int) -> str:
        return next((n.name(self.say.language) for n in self._catalogue.networks if n.id == number), "")

    def network_key(self, number: int) -> str:
        """How it can be typed so that no other is meant."""
        return next((n.key for n in self._catalogue.networks if n.id == number), "")

    def item(self, number: int) -> Any:
        return next((item for item in self._catalogue.items if item.id == number), None)

    def expert(self, number: int) -> Any:
        return next((person for person in self._catalogue.experts if person.id == number), None)

    def reason(self, reason: Reason) -> str:
        """One reason as a short phrase."""
        say = self.say
        values = reason.values
        match reason.kind:
            case "topics":
                return self.topics(list(values["topics"]))  # type: ignore[call-overload]
            case "adjacent":
                return say("reason.adjacent", topics=self.topics(list(values["topics"])))  # type: ignore[call-overload]
            case "profile":
                return say("reason.profile", topics=self.topics(list(values["topics"])))  # type: ignore[call-overload]
            case "answered":
                last = values.get("last")
                if isinstance(last, str):
                    last = datetime.fromisoformat(last)
                count = int(values["count"])  # type: ignore[call-overload]
                if last is None:
                    return say.count("reason.answered", count)
                return say.count("reason.answered_last", count, month=say.month(last))  # type: ignore[arg-type]
            case "language":
                return say("reason.language", language=say(f"language.{values['language']}"))
            case "moderates" | "network":
                return say(f"reason.{reason.kind}", network=self.network(int(values["network"])))  # type: ignore[call-overload]
            case "words":
                return say("reason.words", words=say.listed(list(values["words"])))  # type: ignore[call-overload]
            case kind:
                return say(f"reason.{kind}")

    def reasons(self, match: Match) -> str:
        return self.say.parted(self.reason(reason) for reason in match.reasons)


def compose(notice: Notice, say: Say, catalogue: Catalogue) -> Message:
    """The message a notice becomes for a reader. Raises KeyError for a notice nobody words."""
    words = Words(say, catalogue, notice.key)
    message = _COMPOSERS.get(notice.key, _sentence)(words, notice.values)
    if message.card != notice.card or message.language != say.language:
        from dataclasses import replace

        message = replace(message, card=notice.card, language=say.language)
    return message


def _sentence(words: Words, values: Values) -> Message:
    """Most notices are one sentence of the catalogue."""
    return Message(words.say(words.key, **values))


# For the asker


@words_for("question.preview")
def _preview(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    plan: Plan = values["plan"]
    entries = []
    for match in plan.items:
        item = words.item(match.id)
        entries.append(
            Entry(
                title=item.question,
                text=excerpt(item.answer, 260),
                note=_why(words, match),
                buttons=(
                    Button(say("button.this_answers_it"), f"settle {number} {match.id}"),
                    Button(say("button.read"), f"read {match.id}"),
                ),
            )
        )
    if plan.expert:
        why = words.reasons(plan.expert)
        to = say("preview.to_expert", why=why) if why else say("preview.to_expert_unexplained")
    else:
        to = say("preview.to_facilitator")
    facts = [
        Fact(say("preview.to"), to),
        Fact(say("preview.audience"), _circle(words, values)),
        Fact(say("preview.name"), _identity(say, values)),
    ]
    if values["hints"]:
        told = [say("hint.one", text=hint.text, kind=say(f"hint.{hint.kind}")) for hint in values["hints"]]
        facts.append(Fact(say("hint.label"), say.listed(told)))
    wishes: Wishes = values["wishes"]
    if wishes.wants is not Wants.ANSWER:
        facts.append(Fact(say("choices.wants"), say(f"wants.{wishes.wants}")))
    if wishes.same_region:
        facts.append(Fact(say("choices.region"), say(f"region.{values['region']}")))
    if wishes.excluded or wishes.not_my_office:
        facts.append(Fact(say("choices.excluded"), _excluded(say, values)))
    if plan.networks:
        names = [words.network(match.id) for match in plan.networks[:2]]
        facts.append(Fact(say("preview.networks"), say.listed(names)))
    return Message(
        title=say("preview.title", question=number),
        text=say("preview.text_items" if entries else "preview.text"),
        quotes=(Quote(values["text"], say("preview.quote")),),
        facts=tuple(facts),
        entries=tuple(entries),
        entries_title=say("preview.entries") if entries else "",
        buttons=(
            Button(say("button.send"), f"send {number}", "primary"),
            Button(say("button.edit"), f"edit {number}"),
            Button(say("button.choices"), f"choices {number}"),
            Button(say("button.discard"), f"withdraw {number}"),
        ),
        note=say("preview.note"),
    )


def _why(words: Words, match: Match) -> str:
    return words.say("preview.item_why", why=words.reasons(match)) if match.reasons else ""


def _circle(words: Words, values: Values) -> str:
    """Who may hear of it: one network, or everybody of an audience."""
    if values["wishes"].network is not None:
        return words.network(values["wishes"].network)
    return words.say(f"audience.{Audience(values['audience']).word}")


def _identity(say: Say, values: Values) -> str:
    identity = values["wishes"].identity
    return say(
        "preview.name_desk" if identity is Identity.HIDDEN and values["desk_sees"] else f"preview.name_{identity}"
    )


def _excluded(say: Say, values: Values) -> str:
    """Who is never asked, in words."""
    office = [say("choices.office")] if values["wishes"].not_my_office else []
    return say.listed([*values["excluded"], *office]) or say("choices.nobody")


@words_for("question.choices")
def _choices(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    wishes: Wishes = values["wishes"]
    identities = [Identity.HIDDEN, Identity.NAMED, *([Identity.UNSEEN] if values["desk_sees"] else [])]
    commands = {Identity.HIDDEN: "hide", Identity.NAMED: "reveal", Identity.UNSEEN: "unseen"}
    here = say(f"region.{values['region']}")
    excluding = [Button(say("button.not_my_office"), f"without {number} my office")] if not wishes.not_my_office else []
    if wishes.excluded or wishes.not_my_office:
        excluding.append(Button(say("button.exclude_nobody"), f"without {number} nobody"))
    return Message(
        title=say("choices.title", question=number),
        text=say("choices.text"),
        entries=(
            Entry(
                title=say.labelled(say("choices.wants"), say(f"wants.{wishes.wants}")),
                buttons=tuple(
                    Button(say(f"button.wants_{one}"), f"kind {number} {one}")
                    for one in Wants
                    if one is not wishes.wants
                ),
            ),
            Entry(
                title=say.labelled(say("preview.name"), _identity(say, values)),
                buttons=tuple(
                    Button(say(f"button.name_{one}"), f"{commands[one]} {number}")
                    for one in identities
                    if one is not wishes.identity
                ),
            ),
            Entry(
                title=say.labelled(say("choices.region"), here if wishes.same_region else say("choices.anywhere")),
                buttons=(
                    Button(say("button.anywhere"), f"anywhere {number}")
                    if wishes.same_region
                    else Button(say("button.my_region"), f"region {number}"),
                ),
            ),
            Entry(
                title=say.labelled(say("choices.excluded"), _excluded(say, values)),
                text=say("choices.excluded_note"),
                buttons=tuple(excluding),
            ),
        ),
        fields=(Field("who", say("choices.field"), placeholder=say("choices.placeholder"), max_length=100),),
        buttons=(
            Button(say("button.exclude"), f"without {number}", form=True),
            Button(say("button.back_to_question"), f"status {number}", "primary"),
        ),
    )


@words_for("question.edit_form", "question.too_long")
def _edit_form(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    too_long = words.key == "question.too_long"
    return Message(
        title=say("preview.title", question=number),
        text=say("edit.too_long", length=values["length"], longest=values["longest"]) if too_long else say("edit.text"),
        fields=(Field("text", say("edit.field"), values["text"], multiline=True, max_length=LONGEST_TEXT),),
        buttons=(
            Button(say("button.update"), f"edit {number}", "primary", form=True),
            Button(say("button.back"), f"status {number}"),
        ),
    )


@words_for("question.coach")
def _coach(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("preview.title", question=number),
        text=say("coach.text"),
        quotes=(Quote(values["text"], say("coach.quote")),),
        fields=tuple(
            Field(name, say(f"coach.{name}"), placeholder=say(f"coach.{name}_like"), max_length=500)
            for name in ("tried", "where", "by")
        ),
        buttons=(
            Button(say("button.detail"), f"detail {number}", "primary", form=True),
            Button(say("button.skip_coach"), f"status {number}"),
            Button(say("button.discard"), f"withdraw {number}"),
        ),
    )


@words_for("question.card")
def _asker_card(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    state, outcome = State(values["state"]), values["outcome"]
    key = f"card.{state}"
    if state is State.CLOSED:
        key = "card.closed_item" if values["item"] else f"card.closed_{outcome}"
    if values["to_judge"]:
        key = "card.to_judge"
    buttons = []
    if state is State.ENDED or (state is State.CLOSED and outcome in (Outcome.PARTLY, Outcome.NO)):
        buttons.append(Button(say("button.reopen"), f"reopen {number}"))
    if values["to_judge"]:
        buttons.append(Button(say("button.solved"), f"solved {number}", "primary"))
        buttons.append(Button(say("button.partly"), f"partly {number}"))
        buttons.append(Button(say("button.no"), f"no {number}"))
    if values["opened"]:
        buttons.append(Button(say("button.voices_opened"), f"voices {number}"))
    elif state is State.ESCALATED:
        buttons.append(Button(say("button.voices"), f"voices {number}"))
    if state not in OVER:
        buttons.append(Button(say("button.withdraw"), f"withdraw {number}"))
    return Message(
        title=say("card.title", question=number),
        text=say(key),
        quotes=(Quote(values["text"]),),
        buttons=tuple(buttons),
    )


@words_for("question.answer")
def _answer(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("answer.title", question=values["question"]),
        text=say("answer.text", asked=excerpt(values["asked"], 120)),
        quotes=(Quote(values["text"], values["name"] or say("side.expert")),),
    )


@words_for("question.helped", "question.helped_again", "question.which")
def _helped(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    several = values["answers"]
    entries = tuple(
        Entry(
            title=say("helped.answer", number=place),
            text=excerpt(text, 400),
            buttons=(Button(say("button.this_helped"), f"solved {number} {place}"),),
        )
        for place, text in enumerate(several, 1)
    )
    solved = Button(say("button.all_helped"), f"solved {number} all") if several else Button(
        say("button.solved"), f"solved {number}", "primary"
    )  # fmt: skip
    # While one more is being asked nobody holds it: there is nobody to write back to.
    held = values["held"]
    return Message(
        text=say(words.key, question=number),
        entries=entries,
        entries_title=say("helped.answers") if several else "",
        fields=(
            Field(
                "text",
                say("helped.field"),
                placeholder=say("helped.placeholder"),
                multiline=True,
                max_length=LONGEST_TEXT,
            ),
        )
        if held
        else (),
        buttons=(
            solved,
            Button(say("button.partly"), f"partly {number}"),
            Button(say("button.no"), f"no {number}"),
            *(
                (
                    Button(say("button.reply"), f"reply {number}", form=True),
                    Button(say("button.reveal"), f"reveal {number}"),
                    Button(say("button.another"), f"another {number}"),
                )
                if held
                else ()
            ),
        ),
    )


@words_for("question.closed")
def _closed(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    how = values["outcome"]
    saved = () if how is Outcome.NO else tuple(
        Button(say.duration(minutes), f"saved {number} {minutes}") for minutes in (15, 60, 240, 480)
    )  # fmt: skip
    again = () if how is Outcome.SOLVED else (Button(say("button.reopen"), f"reopen {number}"),)
    return Message(
        text=say(f"closed.{how}", question=number),
        buttons=(*again, *saved),
        note=say("closed.saved", question=number) if saved else "",
    )


@words_for("question.saved")
def _saved(words: Words, values: Values) -> Message:
    return Message(words.say("question.saved", time=words.say.duration(values["minutes"])))


@words_for("question.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    if not values["questions"]:
        return Message(say("list.empty"))
    return Message(
        text=say.count("list.text", len(values["questions"])),
        entries=tuple(question_line(say, question, f"status {question.id}") for question in values["questions"]),
    )


def question_line(say: Say, question: Question, command: str = "", *, note: str = "", length: int = 140) -> Entry:
    """One question in a list: its number, where it stands, how it begins, and a button that shows it."""
    return Entry(
        title=say("list.entry", question=question.id, state=say(f"state.{question.state}")),
        text=excerpt(question.text, length),
        note=note,
        buttons=(Button(say("button.show"), command),) if command else (),
    )


# For the expert


@words_for("offer.open")
def _offer(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    why = say.parted(words.reason(reason) for reason in values["reasons"])
    return Message(
        title=say("offer.title", question=number),
        text=say(f"offer.text_{values['wants']}"),
        quotes=(Quote(values["text"], asker_as_shown(say, values)),),
        facts=(Fact(say("offer.why"), why),) if why else (),
        buttons=(
            Button(say("button.accept"), f"accept {number}", "primary"),
            Button(say("button.decline"), f"decline {number}"),
            Button(say("button.pass"), f"pass {number}"),
            Button(say("button.not_this_week"), "snooze 7"),
        ),
        note=say("offer.note", question=number),
    )


@words_for("offer.held")
def _held(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    answered, holds = values["answered"], values["holds"]
    return Message(
        title=say("held.title", question=number),
        text=say("held.answered" if answered and holds else "held.another" if answered else "held.text"),
        quotes=(Quote(values["text"], asker_as_shown(say, values)),),
        fields=(_answer_field(say),),
        buttons=(
            Button(
                say("button.answer_more" if answered else "button.answer"), f"answer {number}", "primary", form=True
            ),
            *(() if answered else (Button(say("button.give_back"), f"decline {number}"),)),
            *((Button(say("button.reveal"), f"reveal {number}"),) if holds else ()),
        ),
        note=say("held.note", question=number),
    )


def asker_as_shown(say: Say, values: Values) -> str:
    """The asker as whoever is asked may know them."""
    return say("side.asker_named", name=values["name"]) if values["name"] else say("side.asker")


def _answer_field(say: Say) -> Field:
    return Field(
        "text", say("held.field"), placeholder=say("held.placeholder"), multiline=True, max_length=LONGEST_TEXT
    )


@words_for("question.reply")
def _reply(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("reply.title", question=number),
        text=say("reply.text"),
        quotes=(Quote(values["text"], values["name"]),),
        fields=(_answer_field(say),),
        buttons=(Button(say("button.answer_more"), f"answer {number}", "primary", form=True),),
    )


@words_for("offer.outcome")
def _offer_outcome(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("held.title", question=number),
        text=say(f"outcome.{values['outcome']}"),
        quotes=(Quote(values["text"], say("side.asker")),),
        fields=(
            Field(
                "text", say("impact.field"), placeholder=say("impact.placeholder"), multiline=True,
                max_length=LONGEST_TEXT,
            ),
        ),
        buttons=(Button(say("button.impact"), f"impact {number}", form=True),),
    )  # fmt: skip


@words_for("question.other_named")
def _other_named(words: Words, values: Values) -> Message:
    key = f"named.{values['side']}"
    return Message(words.say(key, question=values["question"], name=values["name"]))


@words_for("question.meet")
def _meet(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        text=say("meet.text", question=number),
        buttons=(Button(say("button.reveal"), f"reveal {number}"), Button(say("button.keep"), f"keep {number}")),
    )
