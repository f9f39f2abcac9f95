"""Knowledge items and drafts as they are kept: wordings stay, uses are counted without who, and matchers see what is
visible."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from knowledge.draft import ASKER, Draft, Kind, Says, State, Voice
from knowledge.errors import Conflict
from knowledge.item import Item, Part, Text, Use
from knowledge.item import State as ItemState
from knowledge.places import Audience
from storage import catalogue
from storage.catalogue import Matchers
from storage.database import Database
from storage.drafts import Drafts
from storage.items import Items
from storage.schema import item, item_use, person, question
from tests.chat.town import LITIA, OUSMANE
from tests.storage.test_catalogue import Noting, look

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=200)
TEXT = Text("How long should a project document be?", (Part(1, "Four pages."), Part(2, "Or five.")))


def new() -> Item:
    return Item(
        0, "question:1", TEXT.question, TEXT.answer, "en", ("project-document",), Audience.UNDP, None, "global", NOW,
        published_at=NOW, review_at=LATER,
    )  # fmt: skip


def test_what_was_imported_stays_published_with_the_wording_it_came_with(community: Database) -> None:
    with community.begin() as connection:
        items = Items(connection)
        imported = items.visible()
        assert imported
        assert all(one.state is ItemState.PUBLISHED and one.version == 1 for one in imported)
        first = imported[0]
        assert items.text(first) == Text(first.question, (Part(1, first.answer),))
        assert items.versions(first.id) == [] == items.due(LATER, 10)
        assert items.published(NOW - timedelta(days=9999), LATER) == []


def test_earlier_wordings_stay(community: Database) -> None:
    with community.begin() as connection:
        items = Items(connection)
        imported = items.visible()[0]
        better = Text("Shorter?", (Part(1, "Much."),))
        reworded = items.save(imported, imported.reworded(better, (), LATER, LATER), better)
        assert items.text(reworded) == better
        assert [(one.number, one.text.question) for one in items.versions(imported.id)] == [
            (2, "Shorter?"),
            (1, imported.question),
        ]
        # Read before somebody else moved it.
        with pytest.raises(Conflict):
            items.save(imported, imported.retired(LATER))


def test_what_an_import_puts_in_its_place_is_what_is_read(community: Database) -> None:
    with community.begin() as connection:
        items = Items(connection)
        kept = items.add(new(), TEXT)
        connection.execute(update(item).where(item.c.id == kept.id).values(answer="Three."))
        again = items.get(kept.id)
        assert again is not None
        assert items.text(again) == Text(TEXT.question, (Part(1, "Three."),))


def test_matchers_see_stale_items_and_no_retired_ones_and_follow_them(community: Database) -> None:
    matchers = Matchers(Noting)  # type: ignore[arg-type]
    with community.begin() as connection:
        kept = Items(connection).add(new(), TEXT)
    before, _ = look(community, matchers)
    assert kept.id in {one.id for one in before.items}
    for moved, seen in ((kept.aged(), True), (kept.aged().retired(LATER), False)):
        with community.begin() as connection:
            Items(connection).save(kept, moved)
        now, matcher = look(community, matchers)
        assert (kept.id in {one.id for one in now.items}) is seen
        assert matcher.told, "a delta brought it here"
        with community.reading() as connection:
            assert catalogue.load(connection).items == now.items
        kept = moved


def test_uses_are_counted_by_month_and_say_nothing_of_who_or_when(community: Database) -> None:
    with community.begin() as connection:
        items = Items(connection)
        one, other = (items.add(replace(new(), key=key)) for key in ("a", "b"))
        for at in (NOW, NOW + timedelta(days=3), LATER):
            items.note_use(Use.SHOWN, [one.id, other.id, one.id], at)
        items.note_use(Use.ANSWERED, [one.id], NOW)
        assert items.uses(one.id) == {Use.SHOWN: 3, Use.OPENED: 0, Use.ANSWERED: 1}
        assert items.used(NOW, NOW + timedelta(days=31)) == {Use.SHOWN: 4, Use.OPENED: 0, Use.ANSWERED: 1}
        assert {column.name for column in item_use.c} == {"item_id", "use", "month", "count"}


def test_a_draft_is_kept_with_what_was_said_to_it(community: Database) -> None:
    with community.begin() as connection:
        numbers = {row.key: row.id for row in connection.execute(select(person.c.key, person.c.id))}
        asked = {
            "version": 1, "asker_id": numbers[LITIA], "text": "?", "language": "en", "audience": 20, "state": "closed",
            "relayed": 0, "reminded": False, "asked_at": NOW, "asker_named": False, "expert_named": False,
        }  # fmt: skip
        made = connection.execute(question.insert().returning(question.c.id), asked).scalar_one()
        drafts = Drafts(connection)
        voices = (Voice(ASKER, numbers[LITIA]), Voice(1, numbers[OUSMANE]))
        draft = drafts.add(
            Draft(0, Kind.SOLVED, TEXT, "en", Audience.UNDP, None, None, NOW, voices, question=made, due_at=LATER)
        )
        assert drafts.due(LATER, 10) == [draft.id]
        said = drafts.save(draft.asked(LATER).said(numbers[OUSMANE], Says.NAMED))
        assert drafts.get(draft.id) == said == drafts.of_question(made)[0] == drafts.with_voice(numbers[LITIA])[0]
        assert drafts.in_states({State.ASKED}) == [said]
        with pytest.raises(Conflict):
            drafts.save(draft)
