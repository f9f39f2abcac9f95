"""Evidence: what evaluations and interviews say of an item of the framework, entered by the desk beside the figures."""

from datetime import date

from knowledge import undoing
from knowledge.audit import Entry
from knowledge.desk_work import Move
from knowledge.errors import Refusal
from knowledge.measurement.findings import Finding, Source
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.text import clean

LONGEST = 1000
LONGEST_PLACE = 120


def enter(
    work: Work, person: Person, item: str, kind: Source, place: str, held_on: date | None, text: str
) -> list[Notice]:
    """Raises Refusal for an item the framework does not have, or one that takes no such evidence, and for a day to
    come."""
    edition = work.framework.current
    if item not in edition.statements:
        raise Refusal("evidence.item", item=item[:20], items=", ".join(edition.statements))
    if kind.value not in edition.statements[item].sources:
        raise Refusal("evidence.source", item=item)
    text, place = clean(text).strip(), clean(place).strip()
    if not text or len(text) > LONGEST or len(place) > LONGEST_PLACE:
        raise Refusal("evidence.long", most=LONGEST)
    day = held_on or work.now.date()
    if day > work.now.date():
        raise Refusal("evidence.future")
    kept = work.evidence.add(Finding(0, edition.version, item, kind, place, day, text, person.id, work.now))
    _remembered(work, person, kept.id, back=True)
    return [Notice(person.id, "evidence.kept", {"finding": kept}, card=f"evidence:{kept.id}")]


def retract(work: Work, person: Person, number: int) -> list[Notice]:
    """Told no more from now on, in no report. `undo` brings it back."""
    found = work.evidence.get(number)
    if found is None or found.retracted:
        raise Refusal("evidence.unknown", evidence=number)
    work.evidence.retract(number, retracted=True)
    _remembered(work, person, number, back=False)
    return [Notice(person.id, "evidence.retracted", {"finding": found}, card=f"evidence:{number}")]


def listed(work: Work, person: Person, item: str = "") -> list[Notice]:
    """What there is, of one item or of all."""
    edition = work.framework.current
    if item and item not in edition.statements:
        raise Refusal("evidence.item", item=item[:20], items=", ".join(edition.statements))
    found = [one for one in work.evidence.of_framework(edition.version) if item in ("", one.item)]
    names = {key: dict(one.name) for key, one in edition.statements.items()}
    return [Notice(person.id, "evidence.list", {"findings": found, "names": names, "item": item})]


def _remembered(work: Work, person: Person, number: int, *, back: bool) -> None:
    """`back` is whether undoing it takes it back."""
    about = f"evidence:{number}"
    work.moves.put(Move(person.id, "evidence", about, work.now, {"retracted": back}))
    work.audit.note(Entry(person.id, "evidence", about, work.now))


@undoing.undoes("evidence")
def _undo(work: Work, person: Person, move: Move) -> list[Notice]:
    assert move.before is not None
    number, retracted = int(move.about.partition(":")[2]), bool(move.before["retracted"])
    found = work.evidence.get(number)
    assert found is not None, "nothing deletes evidence"
    work.evidence.retract(number, retracted=retracted)
    key = "evidence.retracted" if retracted else "evidence.back"
    return [Notice(person.id, key, {"finding": found}, card=f"evidence:{number}")]
