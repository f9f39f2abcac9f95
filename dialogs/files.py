"""Files that come with a line, or without one: each kind is declared once, by the endings of its names."""

import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from dialogs.composing import Values, Words, words_for
from dialogs.incoming import LARGEST_FILE, File
from dialogs.message import Entry, Message
from dialogs.ports import Desk
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.text import plain

Read = Callable[[Desk, Person, Sequence[File]], list[Notice]]


@dataclass(frozen=True, slots=True)
class FileKind:
    """`endings` with their dot, lower case. With `words` (accents folded) one of them must stand in the name. Only
    people with one of `roles` somewhere are told of it and have it read. `file.kind.<name>` says what becomes of it."""

    name: str
    endings: tuple[str, ...]
    words: frozenset[str]
    roles: frozenset[Role]
    read: Read

    def fits(self, file: File) -> bool:
        return _ending(file) in self.endings and (
            not self.words or not self.words.isdisjoint(plain(PurePath(file.name).stem.replace("_", " ")).split())
        )

    def open_to(self, person: Person) -> bool:
        return any(person.has_somewhere(role) for role in self.roles)


KINDS: dict[str, FileKind] = {}


def file_kind(
    name: str, *endings: str, words: str = "", roles: frozenset[Role] = frozenset({Role.MEMBER})
) -> Callable[[Read], Read]:
    """Declares what a file without a command is for; its reader gets all files of that kind that came at once."""

    def declare(read: Read) -> Read:
        KINDS[name] = FileKind(name, endings, frozenset(words.split()), roles, read)
        return read

    return declare


def brought(desk: Desk, person: Person, files: Sequence[File]) -> list[Notice]:
    """What comes of files by themselves: each kind's reader is called once; the others are told apart in one notice."""
    notices = []
    left = [file for file in files if not file.trouble]
    for kind in KINDS.values():
        if kind.open_to(person) and (ours := [file for file in left if kind.fits(file)]):
            notices += kind.read(desk, person, ours)
            left = [file for file in left if file not in ours]
    if left:
        kinds = [kind.name for kind in KINDS.values() if kind.open_to(person)]
        notices.append(Notice(person.id, "file.unread", {"names": [file.name for file in left], "kinds": kinds}))
    return [*notices, *troubles(person, files)]


def readable(person: Person, files: Sequence[File]) -> bool:
    """Whether one of them is of a kind that would be read for this person."""
    return any(kind.open_to(person) and kind.fits(file) for kind in KINDS.values() for file in files)


def troubles(person: Person, files: Sequence[File]) -> list[Notice]:
    """A sentence for each file that could not be had."""
    return [
        Notice(person.id, f"file.trouble.{file.trouble}", {"name": file.name, "megabytes": LARGEST_FILE // 1_000_000})
        for file in files
        if file.trouble
    ]


def _ending(file: File) -> str:
    """With its dot; by the media type where the name has none."""
    return PurePath(file.name).suffix.lower() or mimetypes.guess_extension(file.media_type.partition(";")[0]) or ""


@words_for("file.unread")
def _unread(words: Words, values: Values) -> Message:
    say = words.say
    kinds = tuple(Entry(say(f"file.kind.{kind}")) for kind in values["kinds"])
    return Message(
        text=say("file.unread", names=say.listed([say("file.name", name=name) for name in values["names"]]))
        if kinds
        else say("file.none_read"),
        entries=kinds,
        entries_title=say("file.kinds") if kinds else "",
        note=say("file.limit", megabytes=LARGEST_FILE // 1_000_000) if kinds else "",
    )
