"""An import in chat: checked, confirmed by whoever brought it, whole or nothing, and undone while nothing hangs on it.

What takes long is done by steps outside any turn (`storage.imports`); here is what each step means.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

from knowledge import work_items
from knowledge.audit import Entry
from knowledge.errors import Refusal
from knowledge.import_problem import Problem
from knowledge.notices import Notice
from knowledge.people import Grant, Person, Role
from knowledge.ports import Work
from knowledge.work_item import Cause

KINDS = ("networks", "people")
"""What can be imported in chat."""


class State(StrEnum):
    CHECKING = "checking"
    """Being read and compared."""
    FAILED = "failed"
    """Something is wrong with the files; nothing was changed."""
    PLANNED = "planned"
    """Waits for its confirmation."""
    APPLYING = "applying"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Example:
    """One of the rows in a diff. `what` is new, changed, kept or leaves; `parts` are the columns, each with what stood
    there and what comes, in the file's own words ("" where that would say nothing)."""

    what: str
    name: str
    parts: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """`counts` by kind: new, changed, unchanged, kept (said otherwise by the person themselves), leaves. `kinds` are
    those of the files, in their order. `rows` read so far. `problems` are all there were, unless there were
    `more_problems`. `leavers`: who is in no file leaves. `trouble` is why the last step changed nothing: a key without
    its `import.trouble.` prefix, "" for none."""

    by: int
    state: State
    at: datetime
    files: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    problems: tuple[Problem, ...] = ()
    more_problems: bool = False
    rows: int = 0
    leavers: bool = False
    trouble: str = ""
    id: int = 0

    @property
    def leaving(self) -> int:
        """How many could be let go: those in no file, where the files hold at least half of everybody. Fewer are a part
        of the list, and say nothing of who is not in it."""
        people = self.counts.get("people", {})
        leaves = people.get("leaves", 0)
        return leaves if leaves <= sum(people.get(what, 0) for what in ("new", "changed", "unchanged")) else 0

    @property
    def changes(self) -> int:
        """Rows that would be written, leavers aside."""
        return sum(count.get("new", 0) + count.get("changed", 0) for count in self.counts.values())


@dataclass(frozen=True, slots=True)
class Found:
    """What a check came to."""

    rows: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    problems: tuple[Problem, ...] = ()
    more_problems: bool = False


def begin(work: Work, person: Person, files: Sequence[tuple[str, str, bytes]]) -> list[Notice]:
    """Keeps files (kind, name, content) to be checked. Nothing else is changed before a confirmation."""
    _for_everybody(person)
    names, kinds = tuple(name for _, name, _ in files), tuple(kind for kind, _, _ in files)
    added = work.imports.add(Import(person.id, State.CHECKING, work.now, names, kinds), files)
    work.audit.note(Entry(person.id, "import", f"import:{added.id}", work.now, ", ".join(added.files)[:200]))
    return [_card(added)]


def shown(work: Work, person: Person, number: int) -> list[Notice]:
    return [_card(_found(work, person, number))]


def latest(work: Work, person: Person) -> list[Notice]:
    _for_everybody(person)
    return [Notice(person.id, "import.list", {"imports": work.imports.latest(8)})]


def problems(work: Work, person: Person, number: int) -> Import:
    """One that was refused, for whoever may import: it is mended by whoever has the file, not only by its bringer."""
    _for_everybody(person)
    one = work.imports.get(number)
    if one is None or not one.problems:
        raise Refusal("import.no_problems", number=number)
    return one


def confirm(work: Work, person: Person, number: int, *, leavers: bool = False) -> list[Notice]:
    """Has it written. Whoever is in no file leaves only when that is said as well."""
    planned = _found(work, person, number)
    if planned.state is not State.PLANNED:
        raise Refusal(f"import.is_{planned.state}", number=number)
    if leavers and not planned.leaving:
        raise Refusal("import.nobody_leaves", number=number)
    if not leavers and not planned.changes:
        raise Refusal("import.nothing", number=number)
    return [_card(work.imports.save(replace(planned, state=State.APPLYING, leavers=leavers, trouble=""), due=True))]


def cancel(work: Work, person: Person, number: int) -> list[Notice]:
    planned = _found(work, person, number)
    if planned.state not in (State.PLANNED, State.CHECKING):
        raise Refusal(f"import.is_{planned.state}", number=number)
    work.imports.drop_files(number)
    return [_card(work.imports.save(replace(planned, state=State.CANCELLED)))]


def undo(work: Work, person: Person, number: int) -> list[Notice]:
    """Has what it changed put back as it was, unless somebody changed it since."""
    done = _found(work, person, number)
    if done.state is not State.DONE:
        raise Refusal(f"import.is_{done.state}", number=number)
    return [_card(work.imports.save(replace(done, state=State.UNDOING, trouble=""), due=True))]


# What the steps came to


def progressed(work: Work, number: int, rows: int) -> list[Notice]:
    going = work.imports.get(number)
    if going is None or going.state is not State.CHECKING:
        return []
    return [_card(work.imports.save(replace(going, rows=rows), due=True), only_edit=True)]


def checked(work: Work, number: int, found: Found) -> list[Notice]:
    going = work.imports.get(number)
    if going is None or going.state is not State.CHECKING:
        return []
    state = State.FAILED if found.problems else State.PLANNED
    if state is State.FAILED:
        work.imports.drop_files(number)
    saved = replace(
        going,
        state=state,
        rows=found.rows,
        counts=found.counts,
        examples=found.examples,
        problems=found.problems,
        more_problems=found.more_problems,
    )
    if state is State.FAILED:
        refused(work, dict(zip(going.files, going.kinds, strict=False)), found.problems, number=number)
    elif not saved.changes and not saved.leaving:
        # Right, and there already.
        went_through(work, saved.counts)
    return [_card(work.imports.save(saved))]


def applied(work: Work, number: int, trouble: str = "") -> list[Notice]:
    """It is written; or nothing is, since what it was compared with changed meanwhile: then it is checked anew."""
    going = work.imports.get(number)
    if going is None or going.state is not State.APPLYING:
        return []
    if trouble:
        return [_card(work.imports.save(replace(going, state=State.CHECKING, rows=0, trouble=trouble), due=True))]
    work.imports.drop_files(number)
    went_through(work, going.counts)
    return [_card(work.imports.save(replace(going, state=State.DONE)))]


def undone(work: Work, number: int, trouble: str = "") -> list[Notice]:
    going = work.imports.get(number)
    if going is None or going.state is not State.UNDOING:
        return []
    state = State.DONE if trouble else State.UNDONE
    return [_card(work.imports.save(replace(going, state=state, trouble=trouble)))]


# What the desk has of it


def refused(work: Work, kinds: Mapping[str, str], problems: Sequence[Problem], *, number: int | None = None) -> None:
    """Each kind of file that could not be imported is a work item, until one of that kind goes through. `kinds` by the
    name of the file; `number` is the import's, where it came in chat."""
    for kind in dict.fromkeys(kinds.values()):
        wrong = [one for one in problems if kinds.get(one.file, kind) == kind]
        if not wrong:
            continue
        named = {one.file for one in wrong} - {""} or {file for file in kinds if kinds[file] == kind}
        files = ", ".join(PurePath(file).name for file in sorted(named))
        told: dict[str, str | int] = {"file": files[:200], "errors": len(wrong)}
        if number is not None:
            told["import"] = number
        if kind in KINDS:
            told["say"] = f"import {kind}"
        work_items.raise_(work, Cause.REJECTED_IMPORT, kind, told=told)


def went_through(work: Work, kinds: Iterable[str]) -> None:
    for kind in kinds:
        work_items.gone(work, Cause.REJECTED_IMPORT, kind)


def _card(one: Import, *, only_edit: bool = False) -> Notice:
    return Notice(one.by, "import.card", {"import": one}, card=f"import:{one.id}", only_edit=only_edit)


def _found(work: Work, person: Person, number: int) -> Import:
    _for_everybody(person)
    one = work.imports.get(number)
    # Each is its bringer's own: their card is the one that changes.
    if one is None or one.by != person.id:
        raise Refusal("import.unknown", number=number)
    return one


def _for_everybody(person: Person) -> None:
    """An import reaches people of every network: so it takes the KM team of all of them."""
    if Grant(Role.KM_TEAM) not in person.grants:
        raise Refusal("import.whole_team")
