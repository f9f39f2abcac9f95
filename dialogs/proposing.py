"""The commands of topics from members: proposing, endorsing, and calls for topics."""

import re
from datetime import datetime

from dialogs.commands import Argument, Group, command, number, two_numbers, yes_or_no
from dialogs.composing import Values, Words, words_for
from dialogs.days import day_said
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import calling, proposing
from knowledge.errors import Refusal
from knowledge.event import LONGEST_TITLE
from knowledge.hours import zone_of
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Network
from knowledge.proposal import Proposal, Speaker, State
from knowledge.proposal_cards import LOOKING_AFTER
from knowledge.proposing import LONGEST_PRIORITY, LONGEST_TOPIC
from knowledge.text import clean, excerpt, plain

_PROPOSAL, _TEXT = Argument.PROPOSAL, Argument.TEXT
_TOPIC = re.compile(
    r"(?:(?:a|an|the|un|une|le|la|el)\s+)?(?:topic|sujet|thème|theme|tema)s?\b(?:\s+(?:for discussion|de discussion))?"
    r"\s*[:,]?\s+",
    re.IGNORECASE,
)


@command("propose", _TEXT, optional=1, fr="proposer", es="proponer", menu=True, reads=True, group=Group.TOGETHER)
def propose(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """A number shows that proposal; the word "topic" in front is left out."""
    if not text:
        return [Notice(person.id, "proposal.form")]
    known = number(text)
    if known is not None:
        return proposing.show(desk, person, known)
    return proposing.propose(desk, person, _TOPIC.sub("", text, count=1) if _TOPIC.match(text) else text)


@command("proposals", fr="propositions", es="propuestas", reads=True, group=Group.TOGETHER)
def proposals(desk: Desk, person: Person) -> list[Notice]:
    return proposing.overview(desk, person)


@command("under", _PROPOSAL, Argument.NETWORK, fr="sous", es="bajo", listed=False, group=Group.TOGETHER)
def under(desk: Desk, person: Person, proposal: int, network: str) -> list[Notice]:
    return proposing.place(desk, person, proposal, network)


@command("lodge", _PROPOSAL, fr="déposer", es="depositar", listed=False, group=Group.TOGETHER)
def lodge(desk: Desk, person: Person, proposal: int) -> list[Notice]:
    return proposing.lodge(desk, person, proposal)


@command("abandon", _PROPOSAL, fr="abandonner", es="abandonar", listed=False, group=Group.TOGETHER)
def abandon(desk: Desk, person: Person, proposal: int) -> list[Notice]:
    return proposing.withdraw(desk, person, proposal)


@command("endorse", _PROPOSAL, Argument.YES, optional=1, fr="soutenir", es="respaldar", group=Group.TOGETHER)
def endorse(desk: Desk, person: Person, proposal: int, yes: str = "yes") -> list[Notice]:
    """`endorse 3 no` takes it back."""
    return proposing.endorse(desk, person, proposal, yes_or_no(yes))


@command(
    "speak", _PROPOSAL, Argument.YES, optional=1, fr="intervenir", es="intervenir", listed=False, group=Group.TOGETHER
)
def speak(desk: Desk, person: Person, proposal: int, yes: str = "yes") -> list[Notice]:
    return calling.speak(desk, person, proposal, yes_or_no(yes))


# Whoever looks after a network


@command(
    "combine",
    _PROPOSAL,
    Argument.INTO,
    Argument.YES,
    optional=1,
    fr="regrouper",
    es="juntar",
    roles=LOOKING_AFTER,
    strict=True,
    reading=two_numbers,
    group=Group.TOGETHER,
)
def combine(desk: Desk, person: Person, proposal: int, into: int, yes: str = "no") -> list[Notice]:
    return proposing.combine(desk, person, proposal, into, yes_or_no(yes))


@command("drop", _PROPOSAL, _TEXT, fr="écarter", es="descartar", roles=LOOKING_AFTER, strict=True, group=Group.TOGETHER)
def drop(desk: Desk, person: Person, proposal: int, text: str) -> list[Notice]:
    return proposing.drop(desk, person, proposal, text)


@command("align", _PROPOSAL, _TEXT, fr="aligner", es="alinear", roles=LOOKING_AFTER, strict=True, group=Group.TOGETHER)
def align(desk: Desk, person: Person, proposal: int, text: str) -> list[Notice]:
    return proposing.align(desk, person, proposal, text)


@command(
    "pick", _PROPOSAL, fr="retenir", es="elegir", roles=LOOKING_AFTER, strict=True, listed=False, group=Group.TOGETHER
)
def pick(desk: Desk, person: Person, proposal: int) -> list[Notice]:
    return calling.pick(desk, person, proposal)


_UNTIL = re.compile(r"\s+(?:until|till|by|jusqu.au|jusqu.à|avant le|hasta(?: el)?)\s+", re.IGNORECASE)
_FOR = re.compile(
    r"(?:for\s+|à\s+|de\s+|a\s+)?(?:topics?|sujets?|temas?)\b\s*|(?:for|in|pour|dans|para|en|by)\s+|(?:le|la|les|el|the)\s+",
    re.IGNORECASE,
)
_STOP = ("stop", "end", "arreter", "parar", "terminar")
_MOVE = ("move", "deplacer", "mover", "aplazar", "reporter")


@command(
    "call", _TEXT, optional=1, fr="appel", es="convocatoria", roles=LOOKING_AFTER, strict=True, group=Group.TOGETHER
)
def call(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """`call` lists them; `call for topics in crisis until 14 March`, `call stop 3`, `call move 3 20 March`."""
    said = clean(text).strip()
    if not said:
        return calling.overview(desk, person)
    verb, _, rest = said.partition(" ")
    which, _, behind = rest.strip().partition(" ")
    if plain(verb) in (*_STOP, *_MOVE):
        known = number(which)
        if known is None:
            raise Refusal("call.which", verb=verb[:40])
        if plain(verb) in _STOP:
            return calling.stop(desk, person, known)
        return calling.move(desk, person, known, _closing(desk, person, behind))
    parts = _UNTIL.split(said, maxsplit=1)
    if len(parts) != 2:
        raise Refusal("call.until")
    network, until = _bare(parts[0]), parts[1].strip()
    day, _, last = until.rpartition(" ")
    sure = bool(day) and plain(last) in ("yes", "oui", "si")
    return calling.open_(desk, person, network, _closing(desk, person, day if sure else until), sure)


def _bare(said: str) -> str:
    """ "for topics in the crisis network" as "crisis network"."""
    while (found := _FOR.match(said)) and found.end() < len(said):
        said = said[found.end() :]
    return said.strip()


def _closing(desk: Desk, person: Person, said: str) -> datetime:
    """The end of the working day that somebody named, by their own clock: nobody is told a result at midnight."""
    day = day_said(said, person, desk.now)
    return datetime.combine(day, desk.policy.hours.working[1], zone_of(person.time_zone))


# Words


@words_for("proposal.form")
def _form(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("proposal.form_title"),
        text=say("proposal.form_text"),
        fields=(_field(say),),
        buttons=(Button(say("button.propose"), "propose", "primary", form=True),),
    )


def _field(say: Say) -> Field:
    return Field("text", say("proposal.field"), max_length=LONGEST_TOPIC)


@words_for("proposal.draft")
def _draft(words: Words, values: Values) -> Message:
    say, proposal = words.say, values["proposal"]
    places = [Button(words.network(other), f"under {proposal.id} {words.network(other)}") for other in values["others"]]
    near = tuple(
        Entry(
            title=_title(say, one),
            text=one.text,
            note=_count(say, values["counts"].get(one.id, 0)),
            buttons=(Button(say("button.endorse_instead"), f"endorse {one.id}"),),
        )
        for one in values["alike"]
    )
    return Message(
        title=say("proposal.title_draft", proposal=proposal.id),
        text=say("proposal.draft_alike" if near else "proposal.draft_text"),
        quotes=(Quote(proposal.text, say("preview.quote")),),
        facts=(
            Fact(say("proposal.read_by"), _read_by(say, values["network"])),
            Fact(say("preview.name"), say("proposal.name")),
        ),
        entries=(*near, *((Entry(title=say("proposal.choose_network"), buttons=tuple(places)),) if places else ())),
        entries_title=say("proposal.alike") if near else "",
        fields=(Field("network", say("flag.network_field"), placeholder=say("flag.network_place"), max_length=100),),
        buttons=(
            Button(say("button.lodge"), f"lodge {proposal.id}", "primary"),
            Button(say("button.place"), f"under {proposal.id}", form=True),
            Button(say("button.discard"), f"abandon {proposal.id}"),
        ),
    )


def _read_by(say: Say, network: Network | None) -> str:
    if network is None:
        return say("flag.nobody_yet")
    name = network.name(say.language)
    return say("flag.readers", network=name, audience=say(f"audience.{network.audience.word}"))


def _title(say: Say, proposal: Proposal) -> str:
    return say("proposal.title", proposal=proposal.id)


def _count(say: Say, many: int) -> str:
    return say.count("proposal.count", many) if many else say("proposal.count_none")


def _facts(say: Say, values: Values) -> tuple[Fact, ...]:
    proposal, network = values["proposal"], values["network"]
    facts = [Fact(say("proposal.behind"), _count(say, values["count"]))]
    if network is not None:
        facts.append(Fact(say("proposal.network"), network.name(say.language)))
    if proposal.priority:
        facts.append(Fact(say("proposal.priority"), proposal.priority))
    if values["closes_at"] is not None and proposal.state is State.OPEN:
        facts.append(Fact(say("call.closes"), say.when(values["closes_at"])))
    return tuple(facts)


@words_for("proposal.own")
def _own(words: Words, values: Values) -> Message:
    say, proposal = words.say, values["proposal"]
    buttons = []
    if proposal.state is State.OPEN:
        buttons.append(Button(say("button.withdraw"), f"abandon {proposal.id}"))
    return Message(
        title=_title(say, proposal),
        text=say(f"proposal.own_{proposal.state}", into=proposal.merged_into or ""),
        quotes=(Quote(proposal.text), *((Quote(proposal.reason, say("flag.reason")),) if proposal.reason else ())),
        facts=_facts(say, values) if proposal.state in (State.OPEN, State.CHOSEN) else (),
        buttons=tuple(buttons),
    )


@words_for("proposal.card")
def _card(words: Words, values: Values) -> Message:
    say, proposal = words.say, values["proposal"]
    is_open, desk = proposal.state is State.OPEN, values["desk"]
    buttons: list[Button] = []
    if is_open and not values["mine"]:
        buttons.append(
            Button(say("button.unendorse"), f"endorse {proposal.id} no")
            if values["endorsed"]
            else Button(say("button.endorse"), f"endorse {proposal.id}", "primary")
        )
    fields: tuple[Field, ...] = ()
    if is_open and desk and not values["mine"]:
        fields = (Field("text", say("proposal.drop_field"), multiline=True, max_length=500),)
        buttons.append(Button(say("button.drop"), f"drop {proposal.id}", "danger", form=True))
    near = tuple(
        Entry(
            title=_title(say, one),
            text=one.text,
            buttons=(Button(say("button.combine"), f"combine {proposal.id} {one.id}"),),
        )
        for one in values["alike"]
    )
    text = "proposal.card_endorsed" if is_open and values["endorsed"] else f"proposal.card_{proposal.state}"
    return Message(
        title=_title(say, proposal),
        text=say(text, into=proposal.merged_into or ""),
        quotes=(Quote(proposal.text),),
        facts=_facts(say, values),
        entries=near,
        entries_title=say("proposal.alike") if near else "",
        fields=fields,
        buttons=tuple(buttons),
        note=say("proposal.desk_note", proposal=proposal.id) if desk and is_open else "",
    )


@words_for("proposal.list")
def _list(words: Words, values: Values) -> Message:
    say, counts = words.say, values["counts"]
    mine = [
        Entry(
            title=say("proposal.entry_mine", proposal=one.id),
            text=excerpt(one.text, 140),
            note=say("proposal.is_draft") if one.state is State.DRAFT else _count(say, counts[one.id]),
            buttons=(Button(say("button.show"), f"propose {one.id}"),),
        )
        for one in values["mine"]
    ]
    others = [_endorsable(say, one, counts, one.id in values["endorsed"]) for one in values["found"]]
    calls = [
        Fact(
            say("call.running_in", network=network.name(say.language)),
            say("call.until", at=one.closes_at) if one.state == "open" else say("call.is_tied_now"),
        )
        for one, network in values["calls"]
    ]
    if not (mine or others or calls):
        return Message(say("proposal.list_empty"))
    return Message(
        title=say("proposal.list_title"),
        text=say.count("proposal.list_text", values["many"]) if values["many"] else say("proposal.list_none"),
        facts=tuple(calls),
        entries=(*others, *mine),
        note=say("proposal.list_note"),
    )


def _endorsable(say: Say, one: Proposal, counts: Values, endorsed: bool = False) -> Entry:
    """One line of a list, with the button that endorses it."""
    number: Values = counts
    count = _count(say, number.get(one.id, 0))  # type: ignore[call-overload]
    button = (
        Button(say("button.show"), f"propose {one.id}")
        if endorsed
        else Button(say("button.endorse"), f"endorse {one.id}")
    )
    note = say("proposal.with_you", count=count) if endorsed else count
    if one.priority:
        note = say("proposal.serves", count=note, priority=one.priority)
    return Entry(title=_title(say, one), text=excerpt(one.text, 200), note=note, buttons=(button,))


@words_for("proposal.combine")
def _combine(words: Words, values: Values) -> Message:
    say, one, into = words.say, values["one"], values["into"]
    return Message(
        title=say("proposal.combine_title", proposal=one.id, into=into.id),
        text=say("proposal.combine_text", proposal=one.id, into=into.id),
        quotes=(
            Quote(one.text, say("proposal.goes", proposal=one.id, count=_count(say, values["counts"][one.id]))),
            Quote(into.text, say("proposal.stays", proposal=into.id, count=_count(say, values["counts"][into.id]))),
        ),
        buttons=(Button(say("button.combine_yes"), f"combine {one.id} {into.id} yes", "primary"),),
    )


@words_for("proposal.combined")
def _combined(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        say("proposal.combined", proposal=values["proposal"], into=values["into"], count=_count(say, values["count"]))
    )


@words_for("proposal.dropped")
def _dropped(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("proposal.dropped", proposal=values["proposal"]),
        quotes=(Quote(values["reason"], say("flag.reason")),),
    )


@words_for("proposal.speak")
def _speak(words: Words, values: Values) -> Message:
    say, proposal = words.say, values["proposal"]
    yes = Button(say("button.speak"), f"speak {proposal.id} yes", "primary")
    no = Button(say("button.speak_no"), f"speak {proposal.id} no")
    buttons = {Speaker.YES: (no,), Speaker.NO: (yes,)}.get(proposal.speaker, (yes, no))
    return Message(
        title=_title(say, proposal),
        text=say(f"proposal.speak_{proposal.speaker}"),
        quotes=(Quote(proposal.text),),
        buttons=buttons,
    )


@words_for("proposal.spoken")
def _spoken(words: Words, values: Values) -> Message:
    say, proposal = words.say, values["proposal"]
    text = excerpt(proposal.text, 120)
    if values["yes"]:
        network = values["network"].name(say.language)
        return Message(
            say("proposal.speaks", name=values["name"], proposal=proposal.id, text=text),
            fields=_event_fields(say, proposal, network, values["name"]),
            buttons=(Button(say("button.make_event"), "plan event", form=True),),
        )
    return Message(say("proposal.speaks_not", proposal=proposal.id, text=text))


@words_for("call.preview")
def _preview(words: Words, values: Values) -> Message:
    say, network = words.say, values["network"]
    day = values["closes_at"].date().isoformat()
    return Message(
        title=say("call.title", network=network.name(say.language)),
        text=say.count("call.preview", values["many"]),
        facts=(
            Fact(say("call.closes"), say.when(values["closes_at"])),
            Fact(say("flag.read_by"), _read_by(say, network)),
        ),
        buttons=(Button(say("button.call"), f"call {network.key} until {day} yes", "primary"),),
        note=say("call.preview_note"),
    )


@words_for("call.opened")
def _opened(words: Words, values: Values) -> Message:
    say, number = words.say, values["call"]
    return Message(
        title=say("call.title", network=values["network"].name(say.language)),
        text=say.count("call.opened", values["many"], at=values["closes_at"]),
        note=say("call.opened_note", call=number),
    )


@words_for("call.card", "call.at_home")
def _call_card(words: Words, values: Values) -> Message:
    say, one = words.say, values["call"]
    found = values.get("found", ())
    home = words.key == "call.at_home"
    return Message(
        title=say("call.title", network=values["network"].name(say.language)),
        text=say("call.text", at=one.closes_at),
        entries=tuple(_endorsable(say, each, values["counts"]) for each in found),
        entries_title=say("call.so_far") if found else "",
        fields=() if home else (_field(say),),
        buttons=() if home else (Button(say("button.propose"), "propose", form=True),),
        note=say("call.home_note" if home else "call.note"),
    )


@words_for("call.over")
def _over(words: Words, values: Values) -> Message:
    say = words.say
    return Message(say("call.over", network=values["network"].name(say.language)))


@words_for("call.stopped", "call.moved", "call.empty")
def _call_said(words: Words, values: Values) -> Message:
    say = words.say
    more = {"at": values["closes_at"]} if "closes_at" in values else {}
    return Message(say(words.key, network=values["network"].name(say.language), **more))


@words_for("call.list")
def _calls(words: Words, values: Values) -> Message:
    say = words.say
    if not values["found"]:
        return Message(say("call.none"))
    entries = []
    for one, network, standing in values["found"]:
        lines = [f"{excerpt(each.text, 80)}: {count}" for each, count in standing]
        state = say("call.until", at=one.closes_at) if one.state == "open" else say("call.is_tied_now")
        title = say("call.entry", call=one.id, network=network.name(say.language))
        entries.append(Entry(title=title, text="\n".join(lines), note=state))
    return Message(text=say("call.list"), entries=tuple(entries))


@words_for("call.choose")
def _choose(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("call.title", network=values["network"].name(say.language)),
        text=say("call.choose"),
        entries=tuple(
            Entry(title=_title(say, one), text=one.text, buttons=(Button(say("button.pick"), f"pick {one.id}"),))
            for one in values["tied"]
        ),
    )


@words_for("call.tied")
def _tied(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("call.title", network=values["network"].name(say.language)),
        text=say.count("call.tied", values["count"]),
        quotes=tuple(Quote(one.text) for one in values["tied"]),
    )


@words_for("call.result", "call.result_home", "call.decided")
def _result(words: Words, values: Values) -> Message:
    say, winner = words.say, values["winner"]
    standing = [Fact(excerpt(one.text, 100), _count(say, count)) for one, count in values["standing"]]
    desk = words.key == "call.decided"
    network = values["network"].name(say.language)
    return Message(
        title=say("call.title", network=network),
        text=say("call.drawn" if values["drawn"] else "call.won"),
        quotes=(Quote(winner.text),),
        facts=tuple(standing),
        fields=_event_fields(say, winner, network) if desk else (),
        buttons=(Button(say("button.make_event"), "plan event", "primary", form=True),) if desk else (),
        note=say("call.decided_note", proposal=winner.id) if desk else say("call.result_note"),
    )


def _event_fields(say: Say, winner: Proposal, network: str, speaker: str = "") -> tuple[Field, ...]:
    """What the event that a topic becomes needs beside its words: when. Its draft is shown before anybody sees it."""
    return (
        Field("title", say("event.field_title"), excerpt(winner.text, LONGEST_TITLE), max_length=LONGEST_TITLE),
        Field("when", say("event.field_when"), placeholder=say("event.eg_when"), max_length=120),
        Field("network", say("event.field_network"), network, max_length=100),
        Field("speakers", say("event.field_speakers"), speaker, max_length=500),
        Field("priority", say("event.field_priority"), winner.priority, max_length=LONGEST_PRIORITY),
    )
