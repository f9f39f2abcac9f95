"""Importing people and networks in chat, for the KM team: send the file, read what it would change, confirm."""

from collections.abc import Sequence
from pathlib import PurePath

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.files import file_kind
from dialogs.import_words import line
from dialogs.incoming import File
from dialogs.message import Button, Entry, Fact, Link, Message
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import importing
from knowledge.errors import Refusal
from knowledge.importing import Example, Import, State
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.text import excerpt, plain

_KM = frozenset({Role.KM_TEAM})
_WORDS = {
    "people": frozenset("people person staff members personnes annuaire membres personas miembros directorio".split()),
    "networks": frozenset("networks network reseaux reseau redes red".split()),
}
_ENDINGS = (".csv", ".xlsx", ".json", ".jsonl")
_SHOWN = 8
"""Problems shown in chat; all of them are on a page."""


@command(
    "import people", fr="importer_personnes importer_annuaire", es="importar_personas", roles=_KM, strict=True,
    reads=True, files=True, group=Group.PEOPLE,
)  # fmt: skip
def import_people(desk: Desk, person: Person, files: Sequence[File] = ()) -> list[Notice]:
    return _begin(desk, person, files, "people")


@command(
    "import networks", fr="importer_réseaux", es="importar_redes", roles=_KM, strict=True, reads=True, files=True,
    group=Group.PEOPLE,
)  # fmt: skip
def import_networks(desk: Desk, person: Person, files: Sequence[File] = ()) -> list[Notice]:
    return _begin(desk, person, files, "networks")


@file_kind("directory", *_ENDINGS, words=" ".join(sorted(_WORDS["people"] | _WORDS["networks"])), roles=_KM)
def bare(desk: Desk, person: Person, files: Sequence[File]) -> list[Notice]:
    return _begin(desk, person, files, "people")


@command(
    "import",
    Argument.IMPORT,
    optional=1,
    fr="importer",
    es="importar",
    roles=_KM,
    strict=True,
    reads=True,
    group=Group.PEOPLE,
)
def show(desk: Desk, person: Person, **number: int) -> list[Notice]:
    """One import, or the last ones."""
    return importing.shown(desk, person, number["import"]) if number else importing.latest(desk, person)


@command(
    "confirm import", Argument.IMPORT, Argument.LEAVERS, optional=1, fr="confirmer_import", es="confirmar_importación",
    roles=_KM, strict=True, group=Group.PEOPLE,
)  # fmt: skip
def confirm(desk: Desk, person: Person, leavers: str = "", **number: int) -> list[Notice]:
    if leavers and plain(leavers) not in ("leavers", "partants", "salientes"):
        raise Refusal("import.leavers_unknown", word=leavers[:40])
    return importing.confirm(desk, person, number["import"], leavers=bool(leavers))


@command(
    "cancel import", Argument.IMPORT, fr="annuler_import", es="cancelar_importación", roles=_KM, strict=True,
    group=Group.PEOPLE,
)  # fmt: skip
def cancel(desk: Desk, person: Person, **number: int) -> list[Notice]:
    return importing.cancel(desk, person, number["import"])


@command(
    "undo import", Argument.IMPORT, fr="défaire_import", es="deshacer_importación", roles=_KM, strict=True,
    group=Group.PEOPLE,
)  # fmt: skip
def undo(desk: Desk, person: Person, **number: int) -> list[Notice]:
    return importing.undo(desk, person, number["import"])


@command(
    "import errors", Argument.IMPORT, fr="erreurs_import", es="errores_importación", roles=_KM, strict=True, reads=True,
    group=Group.PEOPLE,
)  # fmt: skip
def errors(desk: Desk, person: Person, **number: int) -> list[Notice]:
    """All that is wrong, as a page and as files."""
    one = importing.problems(desk, person, number["import"])
    page = f"/imports?number={one.id}"
    paths = {"page": page, **{kind: f"{page}&format={kind}" for kind in ("xlsx", "csv", "json")}}
    links = {name: desk.pages.link(person.id, path) for name, path in paths.items()}
    return [Notice(person.id, "import.errors", {"import": one, "links": links})]


def _begin(desk: Desk, person: Person, files: Sequence[File], kind: str) -> list[Notice]:
    if not files:
        return [Notice(person.id, "import.how", {"kind": kind})]
    wrong = [file.name for file in files if PurePath(file.name).suffix.lower() not in _ENDINGS]
    if wrong:
        raise Refusal("import.ending", name=wrong[0])
    return importing.begin(desk, person, [(_kind(file, kind), file.name, file.content) for file in files])


def _kind(file: File, otherwise: str) -> str:
    """What a file holds, by its name."""
    named = set(plain(PurePath(file.name).stem.replace("_", " ")).split())
    return next((kind for kind, words in _WORDS.items() if words & named), otherwise)


@words_for("import.how")
def _how(words: Words, values: Values) -> Message:
    say, kind = words.say, values["kind"]
    return Message(
        title=say(f"import.how_{kind}"),
        text=say("import.how"),
        facts=(
            Fact(say("import.must"), say(f"import.must_{kind}")),
            Fact(say("import.may"), say(f"import.may_{kind}")),
        ),
        note=say("import.how_note"),
    )


@words_for("import.list")
def _list(words: Words, values: Values) -> Message:
    say = words.say
    entries = tuple(
        Entry(
            title=say("import.listed", number=one.id, state=say(f"import.state.{one.state}")),
            text=say.listed([say("file.name", name=name) for name in one.files]),
            note=say.when(one.at),
            buttons=(Button(say("button.show"), f"import {one.id}"),),
        )
        for one in values["imports"]
    )
    return Message(text=say("import.list" if entries else "import.none"), entries=entries)


@words_for("import.errors")
def _errors(words: Words, values: Values) -> Message:
    say, one, links = words.say, values["import"], values["links"]
    many = len(one.problems)
    return Message(
        say.count("import.errors", many) if not one.more_problems else say("import.errors_more", number=many),
        _title(say, one),
        links=(
            Link(say("import.open_errors"), links["page"]),
            *(Link(kind.upper(), links[kind]) for kind in ("xlsx", "csv", "json")),
        ),
        note=say("import.failed_note"),
    )


@words_for("import.card")
def _card(words: Words, values: Values) -> Message:
    say, one = words.say, values["import"]
    title = _title(say, one)
    note = say(f"import.trouble.{one.trouble}") if one.trouble else ""
    match one.state:
        case State.CHECKING:
            text = say.count("import.checking_rows", one.rows) if one.rows else say("import.checking")
            stop = (Button(say("button.cancel_import"), f"cancel import {one.id}"),)
            return Message(text, title, buttons=stop, note=note)
        case State.FAILED:
            return _failed(say, one, title)
        case State.PLANNED:
            return _planned(say, one, title)
        case State.DONE:
            back = (Button(say("button.undo_import"), f"undo import {one.id}"),)
            return Message(say("import.done"), title, facts=_facts(say, one), buttons=back, note=note)
    return Message(say(f"import.{one.state}"), title, note=note)


def _title(say: Say, one: Import) -> str:
    return say("import.title", number=one.id, names=say.listed([say("file.name", name=name) for name in one.files]))


def _failed(say: Say, one: Import, title: str) -> Message:
    found, many = one.problems, len(one.problems)
    return Message(
        say.count("import.failed", many) if not one.more_problems else say("import.failed_more", number=many),
        title,
        entries=tuple(Entry(excerpt(line(say, problem), 300)) for problem in found[:_SHOWN]),
        entries_title=say("import.first_problems") if many > _SHOWN else say("import.problems"),
        buttons=(Button(say.count("button.import_errors", many), f"import errors {one.id}"),) if many > _SHOWN else (),
        note=say("import.failed_note"),
    )


def _planned(say: Say, one: Import, title: str) -> Message:
    buttons = []
    if one.changes:
        label = say.count("button.confirm_import", one.changes)
        buttons.append(Button(label, f"confirm import {one.id}", "primary"))
    if one.leaving:
        label = say.count("button.confirm_leavers", one.leaving)
        buttons.append(Button(label, f"confirm import {one.id} leavers", "danger"))
    if not buttons:
        return Message(say("import.nothing"), title, facts=_facts(say, one))
    buttons.append(Button(say("button.cancel_import"), f"cancel import {one.id}"))
    return Message(
        say("import.planned"),
        title,
        facts=_facts(say, one),
        entries=tuple(_example(say, each) for each in one.examples if one.leaving or each.what != "leaves"),
        entries_title=say("import.examples") if one.examples else "",
        buttons=tuple(buttons),
        note=say("import.planned_leavers" if one.leaving else "import.planned_note"),
    )


def _facts(say: Say, one: Import) -> tuple[Fact, ...]:
    return tuple(
        Fact(
            say(f"import.kind.{kind}"),
            say.listed(
                [
                    say.count(f"import.count.{what}", count[what])
                    for what in ("new", "changed", "unchanged", "kept", "leaves")
                    if count.get(what) and (what != "leaves" or one.state is State.PLANNED or one.leavers)
                ]
            )
            or say("import.count.none"),
        )
        for kind, count in one.counts.items()
    )


def _example(say: Say, one: Example) -> Entry:
    """A row of the diff. What stood there and what comes is shown where it is short."""
    parts = [
        say("import.part_changed", part=say(f"import.part.{name}"), old=old or "–", new=new or "–")
        if old or new
        else say(f"import.part.{name}")
        for name, old, new in one.parts
    ]
    return Entry(title=say(f"import.example.{one.what}", name=one.name), text=say.parted(parts))
