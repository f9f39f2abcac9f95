"""The weekly top 5, in chat: how it reaches a reader, and how whoever looks after a network makes it."""

import re
from collections.abc import Callable, Sequence

from dialogs.commands import Argument, Group, command, language_of, number, opens, somebody
from dialogs.composing import Values, Words, words_for
from dialogs.facilitating import network_meant
from dialogs.message import Button, Entry, Fact, Field, Link, Message
from dialogs.ports import Desk
from dialogs.wording import Say, say_in
from knowledge import digesting, subscribing
from knowledge.digest import LONGEST_SUMMARY, LONGEST_TITLE, State, Way
from knowledge.digesting import Shown
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.places import Network
from knowledge.text import clean, excerpt, plain

_ON = frozenset("on yes oui si activer activar encender".split())
_WAYS = {
    "chat": Way.CHAT,
    "email": Way.EMAIL,
    "e mail": Way.EMAIL,
    "mail": Way.EMAIL,
    "courriel": Way.EMAIL,
    "correo": Way.EMAIL,
    "correo electronico": Way.EMAIL,
    "both": Way.BOTH,
    "les deux": Way.BOTH,
    "ambos": Way.BOTH,
    "off": Way.OFF,
    "stop": Way.OFF,
    "arreter": Way.OFF,
    "parar": Way.OFF,
}
_BEFORE = frozenset("by in par dans le por en el".split())

_VERBS = {
    "desk": ("desk", "bureau", "mesa"),
    "begin": ("begin", "draft", "candidates", "commencer", "candidats", "empezar", "candidatos"),
    "show": ("show", "voir", "montrer", "ver", "mostrar"),
    "pick": ("pick", "choisir", "elegir"),
    "drop": ("drop", "ecarter", "quitar"),
    "move": ("move", "deplacer", "mover"),
    "words": ("words", "mots", "palabras"),
    "title": ("title", "titre", "titulo"),
    "summary": ("summary", "resume", "resumen"),
    "preview": ("preview", "apercu", "vista"),
    "approve": ("approve", "approuver", "aprobar"),
    "recall": ("recall", "rappeler", "recuperar"),
    "second": ("second", "deuxieme", "segundo"),
}
_AS = frozenset("as comme como".split())
_FOR = frozenset("for pour para".split())


@command("digest", Argument.TEXT, Argument.HEADLINE, Argument.SUMMARY, fr="lettre", es="boletín", optional=3,
         group=Group.DIGEST)  # fmt: skip
def digest(
    desk: Desk, person: Person, text: str = "", headline: str | None = None, summary: str | None = None
) -> list[Notice]:
    """`digest on`, `off`, `by email|chat|both`; alone it says how things stand. Whoever makes one: `digest desk`,
    `digest draft sahel`, `digest pick 3 item:12`, `digest move 3 2 to 1`, `digest preview 3 as Asha`,
    `digest approve 3`.
    """
    said = plain(clean(text)).split()
    if not said:
        return subscribing.state(desk, person)
    if " ".join(said) in _ON:
        return subscribing.turn_on(desk, person)
    way = _way(said)
    if way is not None:
        return subscribing.choose(desk, person, way)
    verb = verb_of(text)
    makes = bool(digesting.networks_of(desk, person))
    if verb is None or not makes:
        # To whoever makes none there is no such word.
        raise Refusal("digest.unknown_to_desk" if makes else "digest.unknown", said=text[:40])
    return _desk(desk, person, verb, clean(text).split(maxsplit=1)[1:], headline, summary)


def verb_of(text: str) -> str | None:
    """What is done with a digest, by the word that the text begins with; None for what its readers say."""
    first = next(iter(plain(clean(text)).split()), "")
    return next((verb for verb, words in _VERBS.items() if first in words), None)


def _way(said: list[str]) -> Way | None:
    while len(said) > 1 and said[0] in _BEFORE and " ".join(said) not in _WAYS:
        said = said[1:]
    return _WAYS.get(" ".join(said))


def _desk(
    desk: Desk, person: Person, verb: str, rest: list[str], title: str | None, summary: str | None
) -> list[Notice]:
    behind = rest[0] if rest else ""
    words = behind.split()
    match verb:
        case "desk":
            return digesting.desk(desk, person)
        case "begin":
            return digesting.begin(desk, person, _network(desk, person, behind))
        case "preview":
            return _preview(desk, person, words)
        case "second":
            return digesting.set_second_yes(desk, person, plain(behind) in _ON)
    numbers = [one for one in map(number, words) if one is not None]
    if not numbers:
        raise Refusal("digest.which")
    which, places = numbers[0], numbers[1:]
    by_number: dict[str, Callable[..., list[Notice]]] = {
        "show": digesting.show,
        "recall": digesting.recall,
    }
    if verb in by_number:
        return by_number[verb](desk, person, which)
    if verb == "approve":
        return digesting.approve(desk, person, which, places[0] if places else None)
    if verb == "pick":
        return digesting.pick(desk, person, which, words[-1] if len(words) > 1 else "")
    if not places:
        raise Refusal("digest.which_place", digest=which)
    match verb:
        case "drop":
            return digesting.drop(desk, person, which, places[0])
        case "move":
            return digesting.move(desk, person, which, places[0], places[1] if len(places) > 1 else 1)
    if title is not None or summary is not None:
        return digesting.word(desk, person, which, places[0], title=title, summary=summary)
    # "title 3 2 Other words": what stands behind the two numbers, as it was written.
    found = re.match(r"\S+\s+\S+\s+(.+)", behind, re.DOTALL)
    if verb == "words" or found is None:
        return digesting.word_form(desk, person, which, places[0])
    return digesting.word(desk, person, which, places[0], **{verb: found[1]})


def _network(desk: Desk, person: Person, said: str) -> Network:
    mine = digesting.networks_of(desk, person)
    words = said.split()
    while words and plain(words[0]) in _FOR:
        words = words[1:]
    if not words:
        if len(mine) > 1:
            raise Refusal("digest.which_network")
        return mine[0]
    return digesting.network_of(desk, person, [network_meant(desk, person, " ".join(words))])


def _preview(desk: Desk, person: Person, words: list[str]) -> list[Notice]:
    """`preview 3 as Asha`, `preview as Asha`, `preview 3 fr`, `preview 3`: as somebody, or as oneself."""
    which = number(words[0]) if words else None
    rest = words if which is None else words[1:]
    made = digesting.latest(desk, person) if which is None else digesting.digest_of(desk, person, which)
    while rest and plain(rest[0]) in _AS:
        rest = rest[1:]
    said = " ".join(rest)
    language = language_of(said) if said else None
    reader = somebody(desk, said) if said and language is None else person
    return digesting.preview(desk, person, made, reader, language)


# What a reader chooses


@words_for("digest.state")
def _state(words: Words, values: Values) -> Message:
    say, way = words.say, values["way"]
    others = [one for one in Way if one is not way and (values["address"] or not one.by_email)]
    desk = (Button(say("button.digest_desk"), "digest desk"),) if values["makes"] else ()
    return Message(
        text=say(f"digest.is_{way}", address=values["address"]),
        buttons=(*(Button(say(f"button.digest_{one}"), _line(one)) for one in others), *desk),
        links=(Link(say("digest.page_title"), values["past"]),),
        note=say("digest.state_note"),
    )


def _line(way: Way) -> str:
    return "digest off" if way is Way.OFF else f"digest by {way}"


@words_for("digest.letters_stopped")
def _letters_stopped(words: Words, values: Values) -> Message:
    say, way = words.say, values["way"]
    return Message(
        text=say(f"digest.letters_stopped_{way}"),
        buttons=() if way is Way.CHAT else (Button(say("button.digest_chat"), _line(Way.CHAT)),),
    )


@words_for("digest.first_letter")
def _first_letter(words: Words, _values: Values) -> Message:
    return Message(title=words.say("digest.first_title"), text=words.say("digest.first_text"))


# What a reader gets


@words_for("digest.issue")
def _issue(words: Words, values: Values) -> Message:
    return _issued(words.say, values["network"], values["lines"], letter=values["letter"])


def _issued(say: Say, network: Network, lines: Sequence[Shown], *, letter: bool) -> Message:
    title = say("digest.title", network=network.name(say.language))
    if not lines:
        return Message(title=title, text=say("digest.taken_back"))
    return Message(
        title=title,
        text=say.count("digest.text", len(lines)),
        entries=tuple(_entry(say, line) for line in lines),
        buttons=() if letter else (Button(say("button.digest_off"), "digest off"),),
        note=say("digest.issue_note"),
    )


def _entry(say: Say, line: Shown) -> Entry:
    found = line.candidate
    assert found is not None
    notes = [say("digest.when", when=found.starts_at)] if found.starts_at else []
    if foreign := say.foreign(found.language):
        notes.append(foreign)
    return Entry(
        title=_named(say, line),
        text=line.summary,
        note=" · ".join(notes),
        # Shown by its own room, where there is one.
        buttons=(Button(say("button.show"), found.line),) if opens(found.line)[0] is not None else (),
    )


def _named(say: Say, line: Shown) -> str:
    found = line.candidate
    return say("digest.entry", sort=say(f"digest.sort_{found.sort}"), title=line.title) if found else line.title


@words_for("digest.preview")
def _previewed(words: Words, values: Values) -> Message:
    """In the reader's words within a frame in the facilitator's."""
    say, number = words.say, values["digest"]
    theirs = say_in(values["language"], values["time_zone"])
    if not values["lines"]:
        key = "digest.preview_nothing" if values["is_reader"] else "digest.preview_no_reader"
        return Message(say(key, reader=values["reader"], digest=number))
    inner = _issued(theirs, values["network"], values["lines"], letter=True)
    return Message(
        title=say("digest.preview_title", digest=number, reader=values["reader"]),
        text=inner.title,
        entries=inner.entries,
        entries_title=inner.text,
        buttons=(Button(say("button.digest_show"), f"digest show {number}"),),
        note=inner.note,
    )


# The desk


@words_for("digest.desk")
def _on_the_desk(words: Words, values: Values) -> Message:
    say = words.say
    entries = []
    for network, made, count in values["standing"]:
        begun = say.count("digest.state_none", count) if count else say("digest.state_nothing")
        state = say(f"digest.state_{made.state}") if made else begun
        line = f"digest show {made.id}" if made else f"digest draft {network.key}"
        entries.append(Entry(network.name(say.language), state, buttons=(Button(say("button.digest_open"), line),)))
    return Message(title=say("digest.desk_title", week=values["week"]), text=say("digest.desk_text"),
                   entries=tuple(entries))  # fmt: skip


@words_for("digest.card")
def _card(words: Words, values: Values) -> Message:
    say, made, lines = words.say, values["digest"], values["lines"]
    number, is_draft = made.id, made.state is State.DRAFT
    entries = [_picked(say, number, line, len(lines), is_draft=is_draft) for line in lines]
    entries += [
        Entry(
            title=say("digest.candidate", sort=say(f"digest.sort_{one.sort}"), title=one.title),
            text="" if one.summary == one.title else excerpt(one.summary, 200),
            note=say("digest.when", when=one.starts_at) if one.starts_at else "",
            buttons=(Button(say("button.digest_pick"), f"digest pick {number} {one.key}"),),
        )
        for one in values["candidates"]
    ]
    facts = [Fact(say("digest.stands"), say(f"digest.state_{made.state}"))]
    progress = values["progress"]
    if progress is not None and (progress.begun or progress.waiting):
        told = say("digest.progress", sent=progress.sent, waiting=progress.waiting, skipped=progress.skipped)
        facts.append(Fact(say("digest.sent_to"), told))
    buttons = []
    if is_draft and lines:
        buttons.append(Button(say("button.digest_approve"), f"digest approve {number} {made.version}", "primary"))
    if made.state is State.SECOND and values["mine"]:
        buttons.append(Button(say("button.digest_approve"), f"digest approve {number} {made.version}", "primary"))
    if lines:
        buttons.append(Button(say("button.digest_preview"), f"digest preview {number}"))
    if made.state is State.SECOND or (progress is not None and not progress.begun and made.state is State.APPROVED):
        buttons.append(Button(say("button.digest_recall"), f"digest recall {number}"))
    return Message(
        title=say("digest.card_title", digest=number, network=values["network"].name(say.language), week=made.week),
        text=_stands(say, values),
        facts=tuple(facts),
        entries=tuple(entries),
        entries_title=say.count("digest.picked", len(lines)) if lines else "",
        buttons=tuple(buttons),
        note=say("digest.card_note", digest=number) if is_draft else "",
    )


def _stands(say: Say, values: Values) -> str:
    if values["lines"] or values["digest"].state is not State.DRAFT:
        return say(f"digest.card_{values['digest'].state}")
    return say("digest.card_empty" if values["candidates"] else "digest.card_nothing")


def _picked(say: Say, number: int, line: Shown, count: int, *, is_draft: bool) -> Entry:
    place = line.place
    buttons = []
    if is_draft:
        if place > 1:
            buttons.append(Button(say("button.digest_up"), f"digest move {number} {place} {place - 1}"))
        if line.candidate is not None and not line.candidate.fixed:
            buttons.append(Button(say("button.digest_words"), f"digest words {number} {place}"))
        buttons.append(Button(say("button.digest_drop"), f"digest drop {number} {place}"))
    title = _named(say, line) if line.candidate else say("digest.closed" if line.closed else "digest.gone")
    notes = [say("digest.fixed")] if line.candidate is not None and line.candidate.fixed else []
    if line.candidate is not None:
        network = line.candidate.network is not None and line.candidate.audience.word == "sub-network"
        circle = say("digest.circle_network") if network else say(f"audience.{line.candidate.audience.word}")
        notes.append(say("digest.read_by", circle=circle))
    return Entry(
        title=say("digest.line", place=place, title=title),
        text=excerpt(line.summary, 200),
        note=" ".join(notes),
        buttons=tuple(buttons),
    )


@words_for("digest.word_form")
def _word_form(words: Words, values: Values) -> Message:
    say, number, place = words.say, values["digest"], values["place"]
    return Message(
        title=say("digest.words_title", digest=number, place=place),
        text=say("digest.words_text"),
        fields=(
            Field("headline", say("digest.words_field_title"), values["title"], max_length=LONGEST_TITLE),
            Field(
                "summary", say("digest.words_field_summary"), values["summary"], multiline=True,
                max_length=LONGEST_SUMMARY,
            ),
        ),
        buttons=(
            Button(say("button.update"), f"digest words {number} {place}", "primary", form=True),
            Button(say("button.back"), f"digest show {number}"),
        ),
    )  # fmt: skip


@words_for("digest.second")
def _second(words: Words, values: Values) -> Message:
    say, number = words.say, values["digest"]
    return Message(
        text=say("digest.second", digest=number, network=values["network"].name(say.language)),
        buttons=(Button(say("button.digest_open"), f"digest show {number}"),),
    )


@words_for("digest.waits")
def _waits(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("digest.waits"),
        entries=tuple(
            Entry(
                title=network.name(say.language),
                text=say.count("digest.state_none", count),
                buttons=(Button(say("button.digest_open"), f"digest draft {network.key}"),),
            )
            for network, count in values["waiting"]
        ),
    )
