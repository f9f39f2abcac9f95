"""One turn: what was heard becomes messages in the outbox, all in one transaction."""

import hashlib
import logging
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dialogs import (
    asking,
    assisting,
    calendars,
    curating,
    dashboards,
    digesting,
    event_cards,
    events,
    evidence,
    facilitating,
    files,
    flagging,
    forgetting,
    granting,
    guarding,
    held,
    helping,
    importing,
    knowing,
    linking,
    portal,
    profiling,
    proposing,
    pulse,
    reminding,
    reporting,
    resting,
    sealing,
    several,
    summary,
    surveying,
    tending,
    thanking,
    topics,
    touring,
    understanding,
    voices,
    widening,
    work_items,
)
from dialogs.commands import NUMBERS, Argument, Call, Command, called, number, read_call, usage
from dialogs.composing import compose
from dialogs.incoming import File, Heard, Incoming, Posted, Scope
from dialogs.message import Message
from dialogs.ports import Desk
from dialogs.understanding import Meaning, asks
from dialogs.wording import say_in
from knowledge import flagging as flagging_rules
from knowledge.audit import Entry
from knowledge.desk_work import Move
from knowledge.errors import Conflict, Refusal, Several, TooLong
from knowledge.issues import Card
from knowledge.mail import EMAIL
from knowledge.notices import Notice, Post
from knowledge.people import Person
from knowledge.places import LANGUAGES
from knowledge.text import LONGEST_TEXT, clean, shortened

log = logging.getLogger(__name__)

_COMMAND_ROOMS = (
    dashboards,
    asking,
    curating,
    tending,
    portal,
    several,
    digesting,
    facilitating,
    granting,
    forgetting,
    guarding,
    helping,
    importing,
    knowing,
    linking,
    proposing,
    profiling,
    pulse,
    reminding,
    reporting,
    evidence,
    resting,
    summary,
    surveying,
    thanking,
    touring,
    topics,
    flagging,
    assisting,
    proposing,
    voices,
    widening,
    work_items,
    events,
    held,
    calendars,
    event_cards,
)  # Importing them declares their commands.


@dataclass(slots=True)
class _Speaker:
    """Who is speaking, our id of the conversation they speak in, and the card they pressed, if they pressed one.
    `answered` once something was said back."""

    person: Person
    conversation: int
    pressed_card: str = ""
    answered: bool = False
    posted: list[Posted] = field(default_factory=list)


def hear(desk: Desk, incoming: Incoming) -> Heard:
    """Runs one turn within the desk's transaction. Raises Conflict (run it again) and what the database raises;
    a Refusal or a bug of ours is answered instead, and nothing else of the turn is kept."""
    # Blinded: of a digest of what was said, a pulse's five answers could simply be tried out.
    twin = desk.box.blind(incoming.twin)
    # A channel's id of what was said names the conversation, and so who said it.
    key = hashlib.sha256(desk.box.blind(incoming.key).encode(errors="replace")).hexdigest()
    if not desk.conversations.first_hearing(incoming.channel, key, twin, incoming.arrived_at, desk.now):
        return Heard(None, duplicate=True)
    if incoming.scope is not Scope.PERSONAL:
        return _in_public(desk, incoming)
    # Teams tells of one installation twice, in two activities: only the first opens the conversation.
    if incoming.greeting and desk.conversations.works(incoming.channel, incoming.conversation):
        return Heard(None)
    person = _acquainted(desk, incoming)
    if desk.first_km:
        granting.appoint(desk, person)
        person = desk.people.get(person.id)
    conversation = desk.conversations.at(incoming.channel, incoming.conversation, person.id, incoming.address, desk.now)
    desk.measurement.seen(person.id, desk.now)
    speaker = _Speaker(person, conversation, incoming.pressed_card)
    refused = False
    try:
        with desk.savepoint():
            notices = _act(desk, person, incoming)
            # The language may just have been changed, and whose account this is.
            speaker.person = _acquainted(desk, incoming)
            tell(desk, notices, speaker)
    except Refusal as refusal:
        refused = True
        speaker.posted.clear()
        tell(desk, [_refused(person, refusal)], speaker)
    except Conflict:
        raise
    except Exception as error:
        # The incident finds the log line. Where it broke is told in full, but not the error's own words: they may
        # quote what was said.
        incident = hashlib.sha256(incoming.key.encode(errors="replace")).hexdigest()[:8]
        stack = "".join(traceback.format_tb(error.__traceback__))
        log.error("turn failed, incident %s: %s\n%s", incident, type(error).__name__, stack)
        speaker.posted.clear()
        tell(desk, [Notice(person.id, "turn.failed", {"incident": incident})], speaker)
    return Heard(conversation, tuple(speaker.posted), refused=refused)


_AT_ONCE = 500
"""Notices that are worded and posted together: some ten statements for all of them."""


def tell(desk: Desk, notices: Iterable[Notice], speaker: _Speaker | None = None) -> None:
    """Words each notice for its reader and puts it in the outbox. Whoever is speaking is answered where they speak."""
    all_of_them = list(notices)
    for first in range(0, len(all_of_them), _AT_ONCE):
        _tell_some(desk, all_of_them[first : first + _AT_ONCE], speaker)


def _tell_some(desk: Desk, notices: Sequence[Notice], speaker: _Speaker | None) -> None:
    worded = _worded(desk, notices, speaker)
    wanted = {reader.id for notice, reader, _ in worded if reader is not None and not _speaking(notice, speaker)}
    places = desk.conversations.of_people(sorted(wanted)) if wanted else {}
    cards = [
        Card(reader.id, notice.card, sealing.needs_issue(message))
        for notice, reader, message in worded
        if reader is not None
    ]
    issues = iter(desk.issues.issue(cards))
    posts: list[Post] = []
    for notice, reader, message in worded:
        if reader is None:
            posts.append(_to_group(notice.place, notice, message))
            continue
        payload = sealing.sealed(message, next(issues)).to_json()
        where, anew = places.get(reader.id), False
        if notice.by == EMAIL:
            where = desk.conversations.mailbox(reader.id, desk.now)
        elif speaker is not None and _speaking(notice, speaker):
            where = speaker.conversation
            if not speaker.answered:
                # What answers the speaker stands below what they said; only the card they pressed changes in place.
                speaker.answered = not notice.only_edit
                anew = speaker.answered and notice.card != speaker.pressed_card
                if anew and notice.card and desk.conversations.shows(speaker.conversation, notice.card):
                    posts.append(_point_below(notice, speaker))
        posts.append(Post(where, reader.id, notice.key, notice.about, payload, notice.only_edit, anew))
        if speaker is not None and where is not None:
            speaker.posted.append(Posted(where, payload))
    desk.post(posts)


def _worded(
    desk: Desk, notices: Sequence[Notice], speaker: _Speaker | None
) -> list[tuple[Notice, Person | None, Message]]:
    """Each with its reader, None for a group, and its words. Whoever is forgotten is left out."""
    desk.people.of_ids({one.to for one in notices if not one.place and not _speaking(one, speaker)})
    worded: list[tuple[Notice, Person | None, Message]] = []
    for notice in notices:
        if notice.place:
            say = say_in(str(notice.values.get("language", "en")))
            worded.append((notice, None, compose(notice, say, desk.catalogue)))
            continue
        reader = speaker.person if speaker and _speaking(notice, speaker) else desk.people.get(notice.to)
        if not reader.forgotten:
            say = say_in(reader.language, reader.time_zone)
            worded.append((notice, reader, compose(notice, say, desk.catalogue)))
    return worded


def _speaking(notice: Notice, speaker: _Speaker | None) -> bool:
    """Whether it answers whoever is speaking."""
    return speaker is not None and not notice.place and notice.to == speaker.person.id and not notice.by


def tell_group(desk: Desk, conversation: int, notice: Notice, language: str) -> None:
    """Words a notice for several people at once, in one language, with times in UTC."""
    desk.post([_to_group(conversation, notice, compose(notice, say_in(language), desk.catalogue))])


def _to_group(conversation: int, notice: Notice, message: Message) -> Post:
    return Post(conversation, None, notice.key, 0, message.to_json(), notice.only_edit)


def _point_below(notice: Notice, speaker: _Speaker) -> Post:
    """The card as it stood further up gives way to the one that is sent below."""
    below = Message(say_in(speaker.person.language)("card.below"), card=notice.card, language=speaker.person.language)
    return Post(speaker.conversation, speaker.person.id, "card.below", notice.about, below.to_json(), only_edit=True)


def _acquainted(desk: Desk, incoming: Incoming) -> Person:
    known = desk.conversations.person_known_as(incoming.channel, incoming.sender)
    if known is not None:
        return desk.people.get(known)
    person = desk.people.add(
        key=f"{incoming.channel}:{incoming.sender}",
        name=clean(incoming.name)[:200] or "?",
        language=_language_of(incoming),
        time_zone=incoming.time_zone or "UTC",
        reach=desk.newcomer_reach,
        now=desk.now,
    )
    desk.conversations.bind(incoming.channel, incoming.sender, person.id)
    return person


def _language_of(incoming: Incoming) -> str:
    """What the channel says they read, as far as we speak it."""
    language = incoming.locale[:2].lower()
    return language if language in LANGUAGES else "en"


def _act(desk: Desk, person: Person, incoming: Incoming) -> list[Notice]:
    if incoming.greeting:
        return [Notice(person.id, "welcome")]
    if incoming.say:
        return _pressed(desk, person, incoming)
    understood = understanding.understand(incoming.text)
    if incoming.files:
        return _brought(desk, person, incoming, understood)
    loose = understood.meaning is Meaning.UNCLEAR
    to_pulse = pulse.typed(desk, person, incoming.text, loose=loose)
    if to_pulse is not None:
        return to_pulse
    match understood.meaning:
        case Meaning.COMMAND | Meaning.INCOMPLETE:
            assert understood.call is not None
            call = understood.call
            is_none = not call.command.allowed_for(person) and _may_be_a_sentence(call) and asks(incoming.text)
            # "Match us with somebody who knows wells": to whom the word is none, the sentence is a question.
            if is_none or knowing.only_asks(desk, call):
                return helping.free_text(desk, person, clean(incoming.text), asks=True)
            return _run(desk, person, call)
        case Meaning.SLIP:
            nearest = called(understood.nearest)
            assert nearest is not None
            word = incoming.text.split()[0][:40]
            if not nearest.allowed_for(person):
                # Whoever took the hint would only be told that there is no such word.
                raise Refusal("command.unknown", word=word)
            raise Refusal("command.unknown_near", word=word, nearest=nearest.word(person.language))
        case Meaning.GREETING:
            return [Notice(person.id, "welcome")]
        case Meaning.THANKS | Meaning.GOODBYE as meaning:
            return [Notice(person.id, f"small_talk.{meaning.value}")]
        case meaning:
            return helping.free_text(desk, person, clean(incoming.text), asks=meaning is Meaning.QUESTION)


def _brought(desk: Desk, person: Person, incoming: Incoming, understood: understanding.Understood) -> list[Notice]:
    """Files came along. A command that reads files gets them; otherwise each is understood by its name. What is asked
    beside a file is asked, and goes without it."""
    call = understood.call
    if call is not None and call.command.files and call.command.allowed_for(person):
        return [
            *_run(desk, person, call, [file for file in incoming.files if not file.trouble]),
            *files.troubles(person, incoming.files),
        ]
    alone = not clean(incoming.text) or (
        understood.meaning is not Meaning.QUESTION and call is None and files.readable(person, incoming.files)
    )
    if alone:
        return files.brought(desk, person, incoming.files)
    return [*_act(desk, person, replace(incoming, files=())), Notice(person.id, "file.left_out")]


def _may_be_a_sentence(call: Call) -> bool:
    """Whether what stands behind a command's word may be anything: "Grant writing: who teaches it?" names no role."""
    if " " in call.command.name:
        # Two words together are meant.
        return False
    if call.command.arguments == (Argument.ROLE,):
        return not granting.names_a_role(call.values.get(Argument.ROLE, ""))
    return call.command.arguments == (Argument.TEXT,)


def _pressed(desk: Desk, person: Person, incoming: Incoming) -> list[Notice]:
    """A button was pressed. One that changes a question counts once, and only on the newest issue of its card."""
    pressed = sealing.opened(incoming.say, person.id, desk.issues)
    call = read_call(pressed.say, incoming.values)
    if call is None:
        raise Refusal("command.unknown", word=pressed.say.split()[0][:40] if pressed.say.strip() else "")
    if not sealing.needs_token(pressed.say):
        return _run(desk, person, call)
    if pressed.issue is None or pressed.used:
        raise _stale(desk, person, call, used=pressed.used)
    notices = _run(desk, person, call)
    desk.issues.use(person.id, pressed.issue, pressed.say)
    return notices


class _Undone(Exception):
    """Takes back what was only tried."""


def _stale(desk: Desk, person: Person, call: Call, *, used: bool) -> Refusal:
    """Why a press no longer counts. Where typing the same would be refused, in the words of that refusal: they say more
    of how things stand, and to a stranger exactly as much as they may know."""
    try:
        with desk.savepoint():
            _run(desk, person, call)
            raise _Undone
    except Refusal as refusal:
        return refusal
    except _Undone:
        written = clean(call.values.get(Argument.TEXT, ""))
    if Argument.QUESTION not in call.values:
        return Refusal("press.card_stale_text", text=written) if written else Refusal("press.card_stale")
    question = number(call.values[Argument.QUESTION])
    if written:
        # What was written is not lost: it can be copied from the answer.
        return Refusal("press.stale_text", question=question, text=written)
    return Refusal("press.used" if used else "press.stale", question=question)


def _run(desk: Desk, person: Person, call: Call, attached: Sequence[File] = ()) -> list[Notice]:
    command = call.command
    if not command.allowed_for(person):
        # Reads like a word we do not know: whether such a command exists is not everybody's business.
        raise Refusal("command.unknown", word=command.word(person.language))
    if not call.complete or call.unread:
        say = say_in(person.language)
        key = "command.unread" if call.unread else "command.incomplete"
        raise Refusal(key, usage=usage(command, say, person.language))
    values: dict[str, object] = {}
    for argument, said in call.values.items():
        values[argument.value] = number(said) if argument in NUMBERS else said
    if command.files:
        values["files"] = attached
    if command.strict and not command.reads and command.name not in _MOVES_ITSELF:
        # What can be undone says so itself.
        desk.moves.put(Move(person.id, command.name, _about(command, values), desk.now))
    try:
        notices = command.run(desk, person, **values)
    except Several as refusal:
        refusal.values["lines"] = [
            (choice, _line(call, refusal.asked, choice.said or choice.name)) for choice in refusal.choices
        ]
        raise
    except TooLong as refusal:
        # What fits comes back in a form that says the same line, to be shortened there.
        line = [str(said) for name, said in values.items() if name != Argument.TEXT.value]
        refusal.values |= {"say": " ".join([command.name, *line]), "text": shortened(refusal.text, LONGEST_TEXT)}
        raise
    if command.strict and command.name not in _WRITTEN_DOWN:
        desk.audit.note(Entry(person.id, command.name, _about(command, values), desk.now))
    return notices


_CURATED = ("rename topic", "merge topic", "alias topic", "unalias topic", "retire topic", "restore topic")
_MOVES_ITSELF = frozenset({*_CURATED, "undo"})
"""Commands that put their own move: where one only shows what it would do, the last thing done is still to undo."""
_WRITTEN_DOWN = frozenset({*_CURATED, "evidence", "unmask", "grant", "revoke", "undo"})
"""Commands that write down themselves what was done, with what the line alone does not say."""


def _about(command: Command, values: Mapping[str, object]) -> str:
    """What a call is about, as in `knowledge.audit.Entry`."""
    named = (each.value for each in command.arguments if each.value in values and each in NUMBERS)
    return next((f"{name}:{values[name]}" for name in named), "")


def _line(call: Call, asked: str, meant: str) -> str:
    """The same line with what was meant in the place of what was asked."""
    words = [call.command.name]
    for argument in call.command.arguments:
        said = " ".join(call.values.get(argument, "").split())
        before, found, after = said.rpartition(" ".join(asked.split()))
        words.append(f"{before}{meant}{after}" if found and argument not in NUMBERS else said)
    return " ".join(filter(None, words))


def _refused(person: Person, refusal: Refusal) -> Notice:
    return Notice(person.id, f"refusal.{refusal.key}", refusal.values)


def _in_public(desk: Desk, incoming: Incoming) -> Heard:
    """In a group or channel nothing private is read: a sentence in the open says where to go on."""
    conversation = desk.conversations.at(incoming.channel, incoming.conversation, None, incoming.address, desk.now)
    known = desk.conversations.person_known_as(incoming.channel, incoming.sender)
    if known is not None and _made_home(desk, desk.people.get(known), incoming):
        return Heard(conversation)
    say = say_in(desk.people.get(known).language if known is not None else _language_of(incoming))
    payload = Message(say("public.come_private"), language=say.language).to_json()
    desk.post([Post(conversation, None, "public", 0, payload)])
    return Heard(conversation, (Posted(conversation, payload),))


def _made_home(desk: Desk, person: Person, incoming: Incoming) -> bool:
    """The one thing that is done in the open: whoever moderates a network says that it reads together here. Anybody
    else, and whatever is wrong with it, is answered as for any other word."""
    call = read_call(incoming.text)
    if incoming.home is None or call is None or call.command.name != "home" or not call.command.allowed_for(person):
        return False
    remote_id, address = incoming.home
    try:
        with desk.savepoint():
            place = desk.conversations.at(incoming.channel, remote_id, None, address, desk.now)
            tell(desk, flagging_rules.make_home(desk, person, call.values.get(Argument.NETWORK, ""), place))
    except Refusal:
        return False
    return True
