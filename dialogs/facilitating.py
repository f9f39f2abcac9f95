"""The commands of the desk: what is on it, and the facilitator's hand in one question."""

from collections.abc import Iterator

from dialogs.commands import (
    REGISTRY,
    Argument,
    Group,
    command,
    number,
    number_first,
    somebody,
    two_numbers,
    without_to,
)
from dialogs.composing import Values, Words, asker_as_shown, question_line, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import desk as the_desk
from knowledge import finding, merging, queueing, routing, undoing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import Network
from knowledge.question import Question, State
from knowledge.queueing import Queue, Standing
from knowledge.text import LONGEST_TEXT, excerpt, plain

_QUESTION, _TEXT, _WHO, _NETWORK = Argument.QUESTION, Argument.TEXT, Argument.WHO, Argument.NETWORK


@command(
    "queue", _NETWORK, optional=1, fr="file", es="cola", roles=DESK | {Role.MODERATOR}, strict=True, menu=True,
    reads=True, group=Group.DESK,
)  # fmt: skip
def queue(desk: Desk, person: Person, network: str = "") -> list[Notice]:
    """A number in front of the network, or alone, is a page."""
    first, _, rest = network.partition(" ")
    page = number(first)
    name = network if page is None else rest.strip()
    meant = network_meant(desk, person, name) if name else None
    return [Notice(person.id, "desk.queue", {"queue": queueing.queue(desk, person, meant, page or 1)})]


@command("show", _QUESTION, fr="montrer voir", es="mostrar ver", roles=DESK, strict=True, reads=True)
def show(desk: Desk, person: Person, question: int) -> list[Notice]:
    return [the_desk.on_the_desk(desk, person, question)]


@command(
    "assign", _QUESTION, _WHO, fr="assigner attribuer", es="asignar", roles=DESK, strict=True, reading=number_first
)
def assign(desk: Desk, person: Person, question: int, who: str) -> list[Notice]:
    return the_desk.assign(desk, person, question, _brought_in(desk, person, question, who))


@command("pull", _QUESTION, _WHO, fr="associer", es="incorporar", roles=DESK, strict=True, reading=number_first)
def pull(desk: Desk, person: Person, question: int, who: str) -> list[Notice]:
    return the_desk.pull_in(desk, person, question, _brought_in(desk, person, question, who))


def _brought_in(desk: Desk, person: Person, question: int, who: str) -> Person:
    """Somebody by name or, from the button beside a suggestion, by "#" and number: two people may bear one name. The
    question comes first: on one that is not theirs nobody learns who is called what."""
    finding.on_desk(desk, person, question)
    known = number(who) if who.startswith("#") else None
    if known is None:
        return somebody(desk, who)
    found = the_desk.suggested(desk, person, question, known)
    if found is None:
        raise Refusal("people.unknown", name=who)
    return found


@command("route", _QUESTION, _NETWORK, fr="orienter", es="derivar", roles=DESK, strict=True)
def route(desk: Desk, person: Person, question: int, network: str) -> list[Notice]:
    finding.on_desk(desk, person, question)
    return the_desk.route(desk, person, question, network_meant(desk, person, network))


def network_meant(desk: Desk, person: Person, said: str) -> Network:
    """The network in "to network Sahel" or "vers le réseau Sahel"."""
    name = without_to(said)
    if not routing.networks_named(desk, person, name, desk=True):
        words = name.split()
        while len(words) > 1 and plain(words[0]) in _BEFORE_A_NETWORK:
            words = words[1:]
        name = " ".join(words)
    return routing.network_named(desk, person, name, desk=True)


_BEFORE_A_NETWORK = frozenset("to the network vers le la reseau hacia el red al community communaute comunidad".split())


@command("merge", _QUESTION, Argument.INTO, fr="fusionner", es="fusionar", roles=DESK, strict=True, reading=two_numbers)
def merge(desk: Desk, person: Person, question: int, into: int) -> list[Notice]:
    return merging.merge(desk, person, question, into)


@command("note", _QUESTION, _TEXT, fr="annoter", es="anotar", roles=DESK, strict=True)
def note(desk: Desk, person: Person, question: int, text: str) -> list[Notice]:
    return the_desk.note(desk, person, question, text)


@command("close", _QUESTION, fr="clore clôturer", es="cerrar", roles=DESK, strict=True)
def close(desk: Desk, person: Person, question: int) -> list[Notice]:
    return the_desk.close(desk, person, question)


@command("undo", fr="défaire", es="deshacer", roles=DESK | {Role.MODERATOR}, strict=True, group=Group.DESK)
def undo(desk: Desk, person: Person) -> list[Notice]:
    return undoing.undo(desk, person)


@command("match", _TEXT, fr="apparier", es="emparejar", roles=DESK, strict=True, reads=True)
def match(desk: Desk, person: Person, text: str) -> list[Notice]:
    return [Notice(person.id, "desk.match", {"found": the_desk.would_find(desk, person, text)})]


# Words


@words_for("desk.queue")
def _queue(words: Words, values: Values) -> Message:
    say = words.say
    queue: Queue = values["queue"]
    total = sum(queue.counts.values())
    if not total and not queue.approvals:
        return Message(say("queue.empty"))
    networks = [
        say("queue.network", network=words.network(one) if one else say("queue.no_network"), number=count)
        for one, count in queue.by_network
    ]
    facts = [Fact(say(f"queue.{one}"), str(queue.counts[one])) for one in (*reversed(Standing),)]
    facts.append(Fact(say("queue.approval"), str(queue.approvals)))
    if networks:
        facts.append(Fact(say("queue.by_network"), say.parted(networks)))
    where = f" {queue.network.key}" if queue.network else ""
    buttons = []
    if queue.page > 1:
        buttons.append(Button(say("button.page_before"), f"queue {queue.page - 1}{where}"))
    if queue.page < queue.pages:
        buttons.append(Button(say("button.page_after"), f"queue {queue.page + 1}{where}"))
    return Message(
        title=say("queue.of", network=queue.network.name(say.language)) if queue.network else "",
        text=say.count("queue.text", total) if total else say("queue.only_flags"),
        facts=tuple(facts),
        entries=(
            *(_line(words, queue, question, standing) for question, standing in queue.shown),
            *(
                Entry(
                    title=say("queue.flag", flag=flag.id),
                    text=excerpt(flag.text, 140),
                    buttons=(Button(say("button.show"), f"flag {flag.id}"),),
                )
                for flag in queue.flags[:_MOST_FLAGS]
            ),
            *(
                Entry(
                    title=say("draft.review_title", draft=draft.id),
                    text=excerpt(draft.text.question, 140),
                    buttons=(Button(say("button.show"), f"show draft {draft.id}"),),
                )
                for draft in queue.drafts[:_MOST_FLAGS]
            ),
        ),
        buttons=tuple(buttons),
        note=" ".join(_notes_of(say, queue)),
    )


_MOST_FLAGS = 5


def _notes_of(say: Say, queue: Queue) -> Iterator[str]:
    if queue.pages > 1:
        yield say("queue.page", page=queue.page, pages=queue.pages)
    if queue.about:
        yield say("queue.watched")


def _line(words: Words, queue: Queue, question: Question, standing: Standing) -> Entry:
    """One question; of one that the reader only moderates its topics, and a way to be asked about it."""
    say, number = words.say, question.id
    note = _waits(say, queue, number, standing)
    if number not in queue.about:
        return question_line(say, question, f"show {number}", note=note)
    topics = list(queue.about[number])
    return Entry(
        title=say("list.entry", question=number, state=say(f"state.{question.state}")),
        text=words.topics(topics) if topics else say("queue.no_topic"),
        note=note,
        buttons=(Button(say("button.volunteer"), f"volunteer {number}"),) if number in queue.wanted else (),
    )


def _waits(say: Say, queue: Queue, number: int, standing: Standing) -> str:
    question = next(one for one, _ in queue.shown if one.id == number)
    parts = [say("queue.since", when=say.day(question.sent_at))] if question.sent_at else []
    if standing is Standing.AGEING:
        parts.append(say("queue.is_ageing"))
    if number in queue.wider:
        parts.append(say("queue.wants_wider"))
    return " · ".join(parts)


@words_for("desk.question")
def _desk(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    entries = []
    for match in values["near"]:
        person = words.expert(match.id)
        entries.append(
            Entry(
                title=person.name,
                text=words.reasons(match),
                buttons=(Button(say("button.assign"), f"assign {number} #{person.id}"),),
            )
        )
    return Message(
        title=say("desk.title", question=number),
        text=say(f"desk.{values['why']}"),
        quotes=(Quote(values["text"], asker_as_shown(say, values)), *_notes(say, values)),
        facts=_facts(words, values),
        entries=tuple(entries),
        entries_title=say("desk.near") if entries else "",
        fields=(Field("who", say("desk.field"), placeholder=say("desk.placeholder"), max_length=100),),
        buttons=(
            Button(say("button.assign_to"), f"assign {number}", form=True),
            Button(say("button.accept_myself"), f"accept {number}"),
        ),
        note=say("desk.note_named" if values["named"] else "desk.note_seen" if values["name"] else "desk.note"),
    )


@words_for("desk.shown")
def _shown(words: Words, values: Values) -> Message:
    """A question that nobody need be found for."""
    say, number = words.say, values["question"]
    field = Field("who", say("desk.field"), placeholder=say("desk.placeholder"), max_length=100)
    return Message(
        title=say("desk.title_shown", question=number),
        text=say("desk.now_shown", state=say(f"state.{values['state']}")),
        quotes=(Quote(values["text"], say("side.asker")), *_notes(say, values)),
        facts=_facts(words, values),
        fields=(field,) if values["held"] else (),
        buttons=(Button(say("button.pull"), f"pull {number}", form=True),) if values["held"] else (),
    )


def _facts(words: Words, values: Values) -> tuple[Fact, ...]:
    """What the desk is told where it asked to see a question."""
    if "asked" not in values:
        return ()
    say = words.say
    network = words.network(values["network"]) if values["network"] else say("queue.no_network")
    sent = [Fact(say("desk.sent"), say.day(values["sent_at"]))] if values["sent_at"] else []
    return (Fact(say("desk.network"), network), *sent, Fact(say("desk.asked"), str(values["asked"])))


def _notes(say: Say, values: Values) -> list[Quote]:
    return [Quote(text, say("desk.note_by", name=name, when=say.day(at))) for name, text, at in values.get("notes", ())]


@words_for("desk.routed")
def _routed(words: Words, values: Values) -> Message:
    network = words.network(values["network"])
    return Message(words.say("desk.routed", question=values["question"], network=network))


@words_for("desk.undone")
def _undone(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        say("desk.undone", command=_word(say, values), question=number),
        buttons=(Button(say("button.show"), f"show {number}"),),
    )


@words_for("refusal.undo.cannot")
def _cannot(words: Words, values: Values) -> Message:
    return Message(words.say("refusal.undo.cannot", command=_word(words.say, values)))


@words_for("refusal.undo.moved_on")
def _moved_on(words: Words, values: Values) -> Message:
    say = words.say
    return Message(say("refusal.undo.moved_on", command=_word(say, values), question=values["question"]))


def _word(say: Say, values: Values) -> str:
    """The command's word as the reader types it."""
    return REGISTRY[values["command"]].word(say.language)


@words_for("desk.over")
def _desk_over(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("desk.title", question=values["question"]),
        text=say("desk.now", state=say(f"state.{State(values['state'])}")),
    )


@words_for("offer.beside")
def _beside(words: Words, values: Values) -> Message:
    say, number = words.say, values["question"]
    return Message(
        title=say("beside.title", question=number),
        text=say("beside.text_volunteered" if values["volunteered"] else "beside.text"),
        quotes=(Quote(values["text"], say("side.asker")),),
        fields=(
            Field(
                "text",
                say("held.field"),
                placeholder=say("held.placeholder"),
                multiline=True,
                max_length=LONGEST_TEXT,
            ),
        ),
        buttons=(
            Button(say("button.answer"), f"answer {number}", "primary", form=True),
            Button(say("button.decline"), f"decline {number}"),
        ),
        note=say("held.note", question=number),
    )


@words_for("desk.match")
def _found(words: Words, values: Values) -> Message:
    say = words.say
    found: the_desk.Found = values["found"]
    named = (
        ("match.item", [(match, words.item(match.id).question) for match in found.items]),
        ("match.expert", [(match, words.expert(match.id).name) for match in found.experts]),
        ("match.network", [(match, words.network(match.id)) for match in found.networks]),
    )
    return Message(
        title=say("match.title"),
        text=say("match.text"),
        quotes=(Quote(excerpt(found.text), say("match.quote")),),
        facts=(
            Fact(say("match.language"), say.language_name(found.seen.language)),
            Fact(say("match.topics"), words.topics(list(found.seen.topics)) or say("match.no_topics")),
        ),
        entries=tuple(
            Entry(
                title=say(kind, name=name),
                text=say(f"{kind}.{'fits' if match.fits else 'near'}", percent=round(100 * match.score)),
                note=say("match.because", why=words.reasons(match)) if match.reasons else "",
            )
            for kind, matches in named
            for match, name in matches
        ),
    )
