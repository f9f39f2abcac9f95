"""Published knowledge items: read, found useful, kept true by their owners, merged and retired by the desk."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from knowledge import curating, finding, undoing
from knowledge.desk_work import Move
from knowledge.draft import Draft, Kind, Says, Voice
from knowledge.draft import State as DraftState
from knowledge.errors import Refusal
from knowledge.item import Item, Part, State, Text, Use, Version
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.places import Audience
from knowledge.ports import Work

MOST = 10
LOOKED_AT = 200
"""Items looked at for duplicates, the newest: older ones were looked at when they were new."""


# Whoever reads


def read(work: Work, reader: Person, number: int) -> list[Notice]:
    """The item; of one that was merged into another, that one."""
    item = readable(work, reader, number)
    work.items.note_use(Use.OPENED, [item.id], work.now)
    return [Notice(reader.id, "item.read", shown(work, reader, item), card=f"item:{item.id}")]


def readable(work: Work, reader: Person, number: int) -> Item:
    """The item or, of one that was merged, what it went into. Raises Refusal for one that the reader may not read, as
    for one that does not exist: where it went would tell that it was there."""
    item = work.items.get(number)
    while item is not None and item.replaced_by is not None and reader.may_read(item.audience, item.network):
        item = work.items.get(item.replaced_by)
    return finding.open_to(reader, item, number)


def shown(work: Work, reader: Person, item: Item) -> dict[str, Any]:
    """All that a reader may know of an item: its words with the names that go with them, and for its desk its use."""
    owner = work.people.get(item.owner) if item.owner is not None else None
    tends = may_tend(work, reader, item)
    return {
        "item": item,
        "text": work.items.text(item),
        "names": attribution(work, item),
        "owner": owner.name if owner is not None and not owner.forgotten else "",
        "tends": tends,
        "uses": work.items.uses(item.id) if tends else {},
    }


def earlier(work: Work, item: Item) -> list[Version]:
    """Its wordings before the present one, newest first."""
    return [one for one in work.items.versions(item.id) if one.number < item.version]


def attribution(work: Work, item: Item) -> Mapping[int, str]:
    """The names of those who wanted theirs shown, by the number of the part they wrote; 0 for whoever asked."""
    draft = _origin(work, item)
    return curating.names(work, draft) if draft is not None else {}


def useful(work: Work, reader: Person, number: int) -> list[Notice]:
    """ "This answers it", said of an item outside of a question. By whom, nobody keeps."""
    item = readable(work, reader, number)
    work.items.note_use(Use.ANSWERED, [item.id], work.now)
    return [Notice(reader.id, "item.useful", {"item": item.id}, card=f"item:{item.id}")]


def _origin(work: Work, item: Item) -> Draft | None:
    """The draft its words come from; None for what was imported."""
    drafts = [one for one in work.drafts.of_item(item.id) if one.state is DraftState.PUBLISHED]
    return drafts[-1] if drafts else None


# Owners and the desk


def caretakers(work: Work, item: Item) -> list[Person]:
    """The desk of its place, as for a draft."""
    return curating.deciders(work, _as_draft(work, item))


def may_tend(work: Work, person: Person, item: Item) -> bool:
    """Its owner, and whoever may decide on a draft there."""
    return person.id == item.owner or curating.may_decide(work, person, _as_draft(work, item, nobodys=True))


def _as_draft(work: Work, item: Item, *, nobodys: bool = False) -> Draft:
    origin = None if nobodys else _origin(work, item)
    return Draft(
        0, Kind.REVISION, Text("", ()), item.language, item.audience, item.network, item.place, work.now,
        origin.voices if origin is not None else (), item=item.id,
    )  # fmt: skip


def tended(work: Work, person: Person, number: int) -> Item:
    item = work.items.get(number)
    if item is None or not may_tend(work, person, item):
        raise Refusal("item.unknown", item=number)
    return item


def due(work: Work, number: int) -> list[Notice]:
    """Its review date has come: whoever owns it is asked whether it still holds, else its desk. Once."""
    item = work.items.get(number)
    if item is None or item.review_at is None or item.review_at > work.now:
        return []
    aged = item.aged()
    work.items.save(item, aged)
    return [_stale_card(aged, one) for one in _asked(work, aged)]


def _asked(work: Work, item: Item) -> list[Person]:
    owner = work.people.get(item.owner) if item.owner is not None else None
    if owner is not None and owner.reachable and not owner.forgotten:
        return [owner]
    return caretakers(work, item)


def _stale_card(item: Item, to: Person) -> Notice:
    return Notice(to.id, "item.stale", {"item": item}, card=f"stale:{item.id}")


def still_right(work: Work, person: Person, number: int) -> list[Notice]:
    item = tended(work, person, number)
    reviewed = item.reviewed(work.now + work.pace.review)
    work.items.save(item, reviewed)
    values = {"item": number, "until": reviewed.review_at}
    return [Notice(person.id, "item.reviewed", values, card=f"stale:{number}")]


def edit(work: Work, person: Person, number: int, answer: str = "", question: str = "") -> list[Notice]:
    """Other words. Where they are somebody's own, everybody concerned is asked first, and the old ones stay until
    then; what nobody here wrote changes at once."""
    item = tended(work, person, number)
    if not item.visible:
        raise Refusal("item.is_retired", item=number)
    before = work.items.text(item)
    if answer and len(before.parts) != 1:
        raise Refusal("item.of_several", item=number)
    text = before
    if question:
        text = replace(text, question=finding.readable(question))
    if answer:
        text = replace(text, parts=(Part(before.parts[0].voice, finding.readable(answer)),))
    origin = _origin(work, item)
    if origin is None or not any(one.agrees for one in origin.voices):
        topics = tuple(work.matcher.seen(f"{text.question}\n{text.answer}").topics)
        reworded = item.reworded(text, topics, work.now, work.now + work.pace.review)
        work.items.save(item, reworded, text, person.id)
        return [Notice(person.id, "item.edited", {"item": number}, card=f"stale:{number}")]
    if any(
        one.state in (DraftState.DRAFTED, DraftState.ASKED, DraftState.REVIEW) for one in work.drafts.of_item(number)
    ):
        raise Refusal("item.edit_under_way", item=number)
    voices = tuple(Voice(one.number, one.person) for one in origin.voices if one.agrees)
    work.drafts.add(
        Draft(
            0, Kind.REVISION, text, item.language, item.audience, item.network, item.place, work.now, voices,
            item=number, due_at=work.now,
        )
    )  # fmt: skip
    return [Notice(person.id, "item.edit_asked", {"item": number}, card=f"stale:{number}")]


def edit_form(work: Work, person: Person, number: int) -> list[Notice]:
    item = tended(work, person, number)
    text = work.items.text(item)
    values = {"item": number, "text": text, "single": len(text.parts) == 1}
    return [Notice(person.id, "item.edit_form", values, card=f"stale:{number}")]


def retire(work: Work, person: Person, number: int) -> list[Notice]:
    """Nobody finds it any more; what refers to it says so."""
    item = tended(work, person, number)
    work.items.save(item, item.retired(work.now))
    _remember(work, person, "retire item", item)
    # Only the desk has a command that takes back.
    key = "item.retired_undo" if person.has_somewhere(*DESK) else "item.retired"
    done = Notice(person.id, key, {"item": number}, card=f"stale:{number}")
    return [done, *_owner_hears(work, person, item, "item.yours_retired")]


def merge(work: Work, person: Person, number: int, into: int) -> list[Notice]:
    """Two that say the same become one: whoever asks for the first reads the other. Never into one that fewer read."""
    item, other = tended(work, person, number), tended(work, person, into)
    if number == into or not other.visible:
        raise Refusal("item.merge_into", item=into)
    narrower = other.audience < item.audience or (
        other.audience is Audience.SUB_NETWORK and other.network != item.network
    )
    if narrower:
        raise Refusal("item.merge_narrower", item=into)
    work.items.save(item, item.retired(work.now, into))
    _remember(work, person, "merge item", item)
    key = "item.merged_undo" if person.has_somewhere(*DESK) else "item.merged"
    done = Notice(person.id, key, {"item": number, "into": into})
    return [done, *_owner_hears(work, person, item, "item.yours_merged", into=into)]


def own(work: Work, person: Person, number: int, owner: Person) -> list[Notice]:
    """Somebody else answers for it from now on; somebody who may read it."""
    item = tended(work, person, number)
    if not owner.may_read(item.audience, item.network) or not owner.reachable:
        raise Refusal("item.cannot_own", name=owner.name, item=number)
    work.items.save(item, item.owned(owner.id))
    told = [Notice(owner.id, "item.yours", {"item": item})] if owner.id != person.id else []
    return [Notice(person.id, "item.owned", {"item": number, "name": owner.name}), *told]


def _owner_hears(work: Work, person: Person, item: Item, key: str, **told: object) -> list[Notice]:
    """Whoever answers for it hears what somebody else did with it; not who."""
    owner = work.people.get(item.owner) if item.owner is not None and item.owner != person.id else None
    if owner is None or not owner.reachable or owner.forgotten:
        return []
    return [Notice(owner.id, key, {"item": item.id, "question": item.question, **told})]


def _remember(work: Work, person: Person, action: str, item: Item) -> None:
    stood = {"state": item.state.value, "review_at": item.review_at and item.review_at.isoformat()}
    work.moves.put(Move(person.id, action, f"item:{item.id}", work.now, stood))


@undoing.undoes("retire item", "merge item")
def _found_again(work: Work, person: Person, move: Move) -> list[Notice]:
    number = int(move.about.partition(":")[2])
    item = tended(work, person, number)
    if item.visible or move.before is None:
        raise Refusal("undo.nothing", minutes=int(undoing.WITHIN.total_seconds() // 60))
    if any(one.says is Says.WITHDRAWN for draft in work.drafts.of_item(number) for one in draft.voices):
        # Somebody took their yes back meanwhile: it stays away.
        raise Refusal("item.is_retired", item=number)
    review = move.before["review_at"]
    back = replace(
        item, state=State(move.before["state"]), retired_at=None, replaced_by=None,
        review_at=type(work.now).fromisoformat(review) if review else None,
    )  # fmt: skip
    work.items.save(item, back)
    done = Notice(person.id, "item.found_again", {"item": number})
    return [done, *_owner_hears(work, person, item, "item.yours_back")]


def overview(work: Work, person: Person) -> list[Notice]:
    """What asks for this person's hand: drafts to decide on, their own items, and stale ones of their desk."""
    mine = work.items.owned_by(person.id)
    stale = [one for one in work.items.visible(stale=True) if one.owner != person.id and may_tend(work, person, one)]
    values = {"drafts": curating.to_decide(work, person), "mine": mine[-MOST:][::-1], "stale": stale[:MOST]}
    return [Notice(person.id, "item.list", values)]


def duplicates(work: Work, person: Person) -> list[Notice]:
    """Pairs of items of this person's desk that the matcher takes for the same, the newest first."""
    found: list[tuple[Item, Item]] = []
    for item in work.items.visible(limit=LOOKED_AT):
        if len(found) >= MOST:
            break
        if not may_tend(work, person, item):
            continue
        for match in work.matcher.items(item.question, person, limit=2):
            other = work.items.get(match.id)
            if other is None or other.id >= item.id or not other.visible or not may_tend(work, person, other):
                continue
            found.append((item, other))
    return [Notice(person.id, "item.duplicates", {"pairs": found})]
