"""The one registry of commands: words, arguments, roles. Help, buttons, manifests and the permission check read it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from dialogs.ports import Desk
from knowledge.errors import Choice, Refusal, Several
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import LANGUAGES, Audience
from knowledge.text import plain


class Argument(Enum):
    """What may stand behind a command word. Its value names the blank, in forms and in usage lines."""

    QUESTION = "question"
    """A question's number; "#12" and "12." are read too."""
    INTO = "into"
    """The number of another of the same kind."""
    ITEM = "item"
    """A knowledge item's number."""
    DRAFT = "draft"
    """The number of a draft of a knowledge item."""
    ASKED = "asked"
    """The question of a knowledge item, in other words."""
    SUMMARY = "summary"
    """What a consolidated reply says first."""
    NEXT = "next"
    """The next steps of a consolidated reply."""
    PULSE = "pulse"
    """A pulse's number."""
    FLAG = "flag"
    """A flag's number."""
    WORK_ITEM = "work_item"
    """A work item's number."""
    PROPOSAL = "proposal"
    """The number of a topic that a member proposed."""
    IMPORT = "import"
    """An import's number."""
    LEAVERS = "leavers"
    """That whoever is in no file leaves."""
    ASSIST = "assist"
    """A peer assist's number."""
    HEADLINE = "headline"
    """The words above something in the weekly top 5."""
    EVENT = "event"
    """An event's number."""
    SOURCE = "source"
    """The number of a calendar that events are read from."""
    TITLE = "title"
    """What an event is called or, without its other fields, all that is said of it."""
    WHEN = "when"
    """A day, a time and a zone."""
    LENGTH = "length"
    """How long an event lasts."""
    REPEATS = "repeats"
    """How an event repeats: "every week until 30 June"."""
    VENUE = "venue"
    """Where an event takes place."""
    URL = "url"
    """An address on the web."""
    SEATS = "seats"
    """How many can come."""
    SPEAKERS = "speakers"
    """Names, separated by commas."""
    PRIORITY = "priority"
    """The corporate priority that something serves."""
    ABOUT = "about"
    """What something is about, in some sentences."""
    TEXT = "text"
    """All the rest, as it was typed."""
    WHO = "who"
    """Somebody's name, or a part of it."""
    AUDIENCE = "audience"
    """A circle of readers, in any of the three languages."""
    NETWORK = "network"
    """A network's name, or a part of it."""
    ROLE = "role"
    """A role, the network it is for, and somebody's name: "moderator of mine action to Samira"."""
    CODE = "code"
    """A code that was shown elsewhere, to be typed here."""
    CHANNEL = "channel"
    """Where somebody is written to: a channel's name, or "last"."""
    COMMAND = "command"
    """Another command's word, in any language."""
    WANTS = "wants"
    """What an asker looks for: answer, expert or validation, in any of the three languages."""
    UNTIL = "until"
    """A date."""
    MONTH = "month"
    """A month, as 2026-10."""
    DAYS = "days"
    """How many, of days or of offers."""
    TRIED = "tried"
    """What an asker has tried already."""
    WHERE = "where"
    """Where an asker needs something."""
    BY = "by"
    """By when an asker needs something."""
    WHICH = "which"
    """The numbers of answers, from 1, or "both" and "all"."""
    TIME = "time"
    """How long something took: minutes, or "2 h"."""
    SWITCH = "switch"
    """On or off."""
    YES = "yes"
    """Yes or no."""
    LANGUAGE = "language"
    """en, fr, es, or a language's name in any of the three."""


MOVED = frozenset(
    {
        Argument.ASSIST,
        Argument.DRAFT,
        Argument.EVENT,
        Argument.FLAG,
        Argument.IMPORT,
        Argument.ITEM,
        Argument.PROPOSAL,
        Argument.QUESTION,
        Argument.SOURCE,
    }
)
"""What has cards that change as it moves on."""
NUMBERS = MOVED | {Argument.PULSE, Argument.INTO, Argument.WORK_ITEM}
"""What is said as a number."""

Run = Callable[..., list[Notice]]
Reading = Callable[[str], str]


class Group(StrEnum):
    """What a command is about: help shows one group at a time, and its word asks for it ("help events")."""

    EVERYBODY = "everybody"
    """Asking, and what comes of it."""
    TOGETHER = "together"
    """Flags, peer assists, and what members bring up."""
    EVENTS = "events"
    KNOWLEDGE = "knowledge"
    """Knowledge items, gaps and lessons."""
    DIGEST = "digest"
    """The weekly top 5."""
    PEOPLE = "people"
    """Who there is and who knows what; networks, topics, roles."""
    MEASUREMENT = "measurement"
    YOU = "you"
    """What is kept of the reader, and how they are written to."""
    EXPERTS = "experts"
    """Being asked."""
    DESK = "desk"
    """Looking after what members ask."""


@dataclass(frozen=True, slots=True)
class Command:
    """`name` is the English word, which buttons use. `words` are all that people may type, the first one shown. A word
    may be two ("merge topic"): of those that fit a line, the longest is meant.

    `optional` counts the arguments, from the end, that may be missing. Only people with one of `roles` somewhere see
    it in help; with `strict` only they may use it (the others are open to whoever was asked). What is not `listed`
    stands behind a button of some card, and in no list of commands. What only `reads` changes nothing, and may be
    pressed again and again. `reading` puts what people say behind the word in the order of the arguments. With `files`
    it is also handed what came along with the line, as `files`.
    """

    name: str
    words: Mapping[str, Sequence[str]]
    arguments: tuple[Argument, ...]
    run: Run
    roles: frozenset[Role]
    optional: int = 0
    strict: bool = False
    menu: bool = False
    listed: bool = True
    reads: bool = False
    reading: Reading = str
    of_group: Group | None = None
    """None: as its roles say."""
    files: bool = False

    @property
    def group(self) -> Group:
        if self.of_group is not None:
            return self.of_group
        if Role.MEMBER in self.roles:
            return Group.EVERYBODY
        return Group.DESK if self.roles <= DESK else Group.EXPERTS

    def shown_to(self, person: Person) -> bool:
        return any(person.has_somewhere(role) for role in self.roles)

    def allowed_for(self, person: Person) -> bool:
        return not self.strict or self.shown_to(person)

    def word(self, language: str) -> str:
        return self.words[language][0]


REGISTRY: dict[str, Command] = {}
_BY_WORD: dict[str, Command] = {}


def command(
    name: str,
    *arguments: Argument,
    fr: str,
    es: str,
    also: str = "",
    roles: frozenset[Role] = frozenset({Role.MEMBER}),
    optional: int = 0,
    strict: bool = False,
    menu: bool = False,
    listed: bool = True,
    reads: bool = False,
    reading: Reading = str,
    group: Group | None = None,
    files: bool = False,
) -> Callable[[Run], Run]:
    """Declares a command. `fr`, `es` and `also` (more English words) are words separated by spaces; in a word of two
    "_" stands for the space between.

    Raises ValueError when a word is taken: one word must mean one thing, in whatever language.
    """

    def declare(run: Run) -> Run:
        words = {"en": (name, *_words(also)), "fr": _words(fr), "es": _words(es)}
        declared = Command(
            name, words, arguments, run, roles, optional, strict, menu, listed, reads, reading, group, files
        )
        for word in {plain(word) or word for spoken in words.values() for word in spoken}:
            if word in _BY_WORD:
                raise ValueError(f"{word} already means {_BY_WORD[word].name}")
            _BY_WORD[word] = declared
        REGISTRY[name] = declared
        return run

    return declare


def _words(spoken: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in spoken.split())


def called(word: str) -> Command | None:
    """The command a typed word means, case and accents aside; a leading "/" is forgiven."""
    word = word.removeprefix("/")
    return _BY_WORD.get(plain(word) or word)


def opens(line: str) -> tuple[Command | None, str]:
    """The command that a line begins with, by two words or by one, and what stands behind it."""
    first, rest = _first_word(line.strip())
    second, rest_of_two = _first_word(rest)
    found = called(f"{first} {second}") if second else None
    return (found, rest_of_two) if found is not None else (called(first), rest)


def every_word() -> Sequence[str]:
    return list(_BY_WORD)


@dataclass(frozen=True, slots=True)
class Call:
    """A command with what was said behind it, still as text: by argument, missing ones absent. `unread`: something was
    said there, and it is no number where one belongs."""

    command: Command
    values: Mapping[Argument, str]
    unread: bool = False

    @property
    def complete(self) -> bool:
        needed = self.command.arguments[: len(self.command.arguments) - self.command.optional]
        return all(argument in self.values for argument in needed)


def read_call(line: str, values: Mapping[str, str] | None = None) -> Call | None:
    """The call a line makes; None when its first word is no command. `values` are a form's fields by name.

    Words that do not fit their argument (a number that is none) leave it missing.
    """
    found, rest = opens(line)
    if found is None:
        return None
    said: dict[Argument, str] = {}
    rest = found.reading(rest)
    for argument in found.arguments:
        if argument in NUMBERS:
            first, rest_after = _first_word(rest)
            if number(first) is None:
                break
            said[argument], rest = first, rest_after
        elif rest:
            said[argument], rest = rest, ""
    for argument in found.arguments:
        if values and argument.value in values and argument not in said:
            said[argument] = values[argument.value]
    wants_number = bool(found.arguments) and found.arguments[0] in NUMBERS
    return Call(found, said, unread=wants_number and not said and bool(rest.strip()))


def number(word: str) -> int | None:
    """The number in "12", "#12", "12." or "n°12"; None for anything else, or for more than 18 digits."""
    digits = word.strip().lstrip("#").removeprefix("n°").rstrip(".:,;)")
    return int(digits) if digits.isdecimal() and len(digits) <= 18 else None


def language_of(word: str) -> str | None:
    """The code of a language named in any of the three, None when we do not speak it."""
    names = {
        "en": ("en", "english", "anglais", "ingles"),
        "fr": ("fr", "french", "francais", "frances"),
        "es": ("es", "spanish", "espagnol", "espanol"),
    }
    return next((code for code, known in names.items() if plain(word) in known), None)


def audience_named(word: str) -> Audience | None:
    """The circle of that name in any of the three languages, None when it names none."""
    names = {
        Audience.UNDP: ("undp", "pnud"),
        Audience.ONE_UN: ("one un", "un", "onu", "une seule onu", "una onu", "una sola onu"),
        Audience.PUBLIC: ("public", "publico", "everybody", "tout le monde", "todo el mundo"),
    }
    return next((one for one, known in names.items() if plain(word) in known), None)


def yes_or_no(word: str) -> bool:
    """Raises Refusal for anything but yes or no, in any of the three languages."""
    known = {"yes": True, "y": True, "oui": True, "si": True, "no": False, "n": False, "non": False}
    meant = known.get(plain(word))
    if meant is None:
        raise Refusal("yes.unknown", word=word[:40])
    return meant


_TIME = re.compile(r"(\d{1,6}(?:[.,]\d)?)\s*(m|mn|min|minutes?|minutos?|h|hours?|heures?|horas?)?")


def minutes(said: str) -> int:
    """Whole minutes of "45", "45 min", "1.5 h". Raises Refusal for anything else."""
    found = _TIME.fullmatch(said.strip().lower())
    if found is None:
        raise Refusal("minutes.unknown")
    many = float(found[1].replace(",", "."))
    return round(many * 60 if (found[2] or "").startswith("h") else many)


def somebody(desk: Desk, name: str) -> Person:
    """The one person a name means; of several with one name, the one whose number stands behind it ("Awa Diop #12").
    Raises Refusal when it is nobody, and Several when it may be one of some."""
    asked = without_to(name)
    named, _, of_them = asked.rpartition(" #")
    found = desk.people.named(named if of_them.isdecimal() else asked)
    if of_them.isdecimal():
        # The number alone means nobody: it would tell who stands behind it.
        found = [person for person in found if str(person.id) == of_them]
    if not found:
        raise Refusal("people.unknown", name=asked)
    if len(found) > 1:
        raise Several("people.several", asked, _told_apart(found))
    return found[0]


def _told_apart(people: Sequence[Person]) -> list[Choice]:
    """By their names and, where two are called alike, by their offices."""
    names = Counter(plain(person.name) for person in people)
    return [
        Choice(person.name, person.office, f"{person.name} #{person.id}" if names[plain(person.name)] > 1 else "")
        for person in people
    ]


def without_to(name: str) -> str:
    """The name in "to Awa Diop" or "au réseau Sahel"."""
    words = name.split()
    # A name may begin with such a letter: the last word is never dropped.
    while len(words) > 1 and plain(words[0]) in ("to", "a", "au", "para", "for", "pour"):
        words = words[1:]
    return " ".join(words)


_LINKS = frozenset(
    "to in into in with for question questions a au aux dans avec pour la le question l en con para".split()
)


def number_first(said: str) -> str:
    """ "in Samira Haddad to 12" as "12 Samira Haddad"; what begins with a number stays as it is."""
    words = said.split()
    if len(words) > 1 and plain(words[0]) == "in":
        words = words[1:]
    if len(words) < 2 or number(words[0]) is not None or number(words[-1]) is None:
        return " ".join(words) if words != said.split() else said
    *rest, last = words
    while len(rest) > 1 and plain(rest[-1]) in _LINKS:
        rest.pop()
    return " ".join([last, *rest])


def two_numbers(said: str) -> str:
    """ "12 into 9" as "12 9"."""
    words = said.split()
    return " ".join(word for word in words if number(word) is not None or plain(word) not in _LINKS)


def usage(found: Command, say: Callable[..., str], language: str) -> str:
    """One line that shows how to write it, in the reader's words: "answer <number> <text>"."""
    blanks = [f"<{say(f'argument.{argument.value}')}>" for argument in found.arguments]
    optional_from = len(blanks) - found.optional
    shown = [blank if place < optional_from else f"[{blank}]" for place, blank in enumerate(blanks)]
    return " ".join([found.word(language), *shown])


def _first_word(text: str) -> tuple[str, str]:
    parts = text.split(maxsplit=1)
    return (parts[0], parts[1] if len(parts) > 1 else "") if parts else ("", "")


assert set(LANGUAGES) == {"en", "fr", "es"}, "a new language needs words for each command"
