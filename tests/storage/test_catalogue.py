"""What matchers are built from: that what changed is all that is read, that nothing of it is missed, and nothing shown
that may yet be undone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, event, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.errors import Refusal
from knowledge.matching.community import CommunityMatcher
from knowledge.matching.port import Catalogue, Delta, Ended
from knowledge.people import Role
from knowledge.places import Audience
from knowledge.question import OfferState, Outcome, Question, Relay, Side, State
from storage import catalogue, changes, schema
from storage.catalogue import Matchers
from storage.changes import Kind, raise_version
from storage.conversations import Conversations
from storage.database import Database
from storage.people import People
from storage.questions import Questions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
PEOPLE = (1, 2, 3, 4, 5)
ITEMS = (1, 2, 3, 4)
ASKER = 4
NETWORKS = (1, 2)


@pytest.fixture
def community(database: Database) -> Database:
    database.write(settle)
    return database


def settle(connection: Connection) -> None:
    """Five people, all experts but the asker, two networks and four items, and nothing else."""
    for table in reversed(schema.metadata.sorted_tables):
        connection.execute(delete(table))
    connection.execute(insert(schema.topic).values(id=1, key="water", names={"en": "water"}, aliases=[]))
    connection.execute(insert(schema.network), [row_of_network(number) for number in NETWORKS])
    connection.execute(insert(schema.person), [row_of_person(number) for number in PEOPLE])
    experts = [{"person_id": number, "role": Role.EXPERT.value} for number in PEOPLE if number != ASKER]
    connection.execute(insert(schema.role_grant), experts)
    connection.execute(insert(schema.item), [row_of_item(number) for number in ITEMS])
    raise_version(connection)


def row_of_network(number: int) -> dict[str, Any]:
    return {
        "id": number, "key": f"network-{number}", "names": {"en": f"Network {number}"}, "kind": "thematic",
        "audience": int(Audience.UNDP), "region": "global", "topics": ["water"], "about": {},
    }  # fmt: skip


def row_of_person(number: int) -> dict[str, Any]:
    return {
        "id": number, "key": f"{number}@sample.example", "name": f"Person {number}", "language": "en",
        "speaks": ["en"], "time_zone": "UTC", "region": "global", "reach": int(Audience.UNDP), "topics": ["water"],
        "created_at": NOW,
    }  # fmt: skip


def row_of_item(number: int) -> dict[str, Any]:
    return {
        "id": number, "key": f"item-{number}", "question": f"How is well {number} drilled?", "answer": "Slowly.",
        "language": "en", "topics": ["water"], "audience": int(Audience.UNDP), "region": "global", "created_at": NOW,
    }  # fmt: skip


@dataclass
class Noting:
    """A matcher that only keeps what it was given; `told` are the deltas that led to it."""

    catalogue: Catalogue
    told: tuple[Delta, ...] = ()
    version: int = field(init=False)

    def __post_init__(self) -> None:
        self.version = self.catalogue.version

    def after(self, delta: Delta) -> "Noting":
        return Noting(self.catalogue.after(delta), (*self.told, delta))


def look(database: Database, matchers: Matchers) -> tuple[Catalogue, Noting]:
    with database.reading() as connection:
        return matchers.current(connection)  # type: ignore[return-value]


def anew(database: Database) -> Catalogue:
    with database.reading() as connection:
        return catalogue.load(connection)


def change_item(connection: Connection, number: int, **columns: Any) -> None:
    connection.execute(update(schema.item).where(schema.item.c.id == number).values(columns))
    raise_version(connection, Kind.ITEM, number)


class Undone(Exception):
    """Raised in a transaction so that it leaves nothing."""


def ask(work: Questions, text: str = "How do we drill a well?", audience: Audience = Audience.UNDP) -> Question:
    return work.add(Question(0, ASKER, text, "en", audience, NOW))


def move(connection: Connection, number: int, how: Callable[[Question], Question]) -> Question:
    work = Questions(connection)
    question = work.get(number)
    assert question is not None
    return work.save(how(question))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that runs meanwhile, on whatever connection."""
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        ran.append(statement)

    engines = {database.writer, database.reader} if database.is_sqlite else {database.writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


# What is read


def test_a_replica_follows_what_another_changed_at_its_next_look(community: Database) -> None:
    built: list[int] = []

    def build(whole: Catalogue) -> Any:
        built.append(whole.version)
        return Noting(whole)

    ours, theirs = Matchers(build), Matchers(build)
    assert look(community, ours)[0] == look(community, theirs)[0]
    community.write(lambda connection: change_item(connection, 2, answer="Quickly."))
    for replica in (ours, theirs):
        seen, matcher = look(community, replica)
        assert seen == anew(community) == matcher.catalogue
        assert [list(delta.items) for delta in matcher.told] == [[2]]
    assert len(built) == 2


def test_one_changed_item_is_all_that_is_read(community: Database) -> None:
    matchers = Matchers(Noting)
    look(community, matchers)
    community.write(lambda connection: change_item(connection, 3, answer="Quickly."))
    with statements(community) as ran:
        seen, matcher = look(community, matchers)
    assert [one.answer for one in seen.items] == ["Slowly.", "Slowly.", "Quickly.", "Slowly."]
    assert set(matcher.told[0].items) == {3}
    read = [statement for statement in ran if statement.startswith("SELECT")]
    # The version (twice: before and in the one moment that is read), the log, the item.
    assert len(read) == 4
    assert [statement for statement in read if " item." in statement and "item.id IN" not in statement] == []
    with statements(community) as ran:
        look(community, matchers)
    assert len([statement for statement in ran if statement.startswith("SELECT")]) == 1


def test_an_older_matcher_answers_as_before(community: Database) -> None:
    matchers = Matchers(CommunityMatcher)
    with community.reading() as connection:
        older = matchers.current(connection)[1]
        reader = People(connection).get(1)
    question = "How is well 2 drilled?"
    best = older.items(question, reader)
    assert best[0].id == 2
    community.write(lambda connection: change_item(connection, 2, question="Who buys seeds?"))
    with community.reading() as connection:
        newer = matchers.current(connection)[1]
    assert older.items(question, reader) == best
    assert newer.items(question, reader)[0].id != 2
    assert (older.version + 1, older.items(question, reader)[0].id) == (newer.version, 2)


@pytest.mark.parametrize("why", ["topics", "log", "many"])
def test_all_is_loaded_anew_when_what_changed_cannot_be_listed(
    community: Database, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    matchers = Matchers(Noting)
    look(community, matchers)
    with community.begin() as connection:
        if why == "topics":
            connection.execute(update(schema.topic).values(names={"en": "waters"}))
            raise_version(connection)
        elif why == "many":
            monkeypatch.setattr(changes, "MOST", 1)
            raise_version(connection, Kind.ITEM, 1, 2)
        else:
            raise_version(connection, Kind.ITEM, 1)
            raise_version(connection, Kind.ITEM, 2)
            connection.execute(delete(schema.change).where(schema.change.c.version < changes.version(connection)))
    seen, matcher = look(community, matchers)
    assert seen == anew(community)
    assert matcher.told == ()


def test_the_log_keeps_the_newest_versions_alone(community: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "KEPT", 50)
    with community.begin() as connection:
        for _ in range(400):
            raise_version(connection, Kind.ITEM, 1, 2)
        kept = connection.execute(select(func.min(schema.change.c.version), func.max(schema.change.c.version))).one()
    newest = anew(community).version
    assert kept[1] == newest
    assert 50 <= newest - kept[0] < 200


def test_naming_nothing_raises_nothing(community: Database) -> None:
    before = anew(community).version
    community.write(lambda connection: raise_version(connection, Kind.PERSON))
    assert anew(community).version == before


# Any change, in any order


def _offer(work: Questions, question: Question, person: int) -> None:
    work.save(question.offered(person, (), NOW, LATER))


def _answer(work: Questions, question: Question, person: int) -> None:
    taken = work.save(question.taken(person, NOW, LATER)) if question.state is State.OFFERED else question
    answered = work.save(taken.answered(person, NOW, LATER))
    work.add_relay(question.id, Relay(answered.relayed, Side.EXPERT, person, "Slowly.", NOW))


MOVES: dict[str, Callable[[Questions, Question, int], object]] = {
    "offer": _offer,
    "take": lambda work, question, person: work.save(question.taken(person, NOW, LATER)),
    "answer": _answer,
    "decline": lambda work, question, person: work.save(question.given_back(person, OfferState.DECLINED, LATER, LATER)),
    "pass": lambda work, question, person: work.save(question.given_back(person, OfferState.PASSED, LATER, LATER)),
    "unreached": lambda work, question, person: work.save(
        question.given_back(person, OfferState.UNREACHED, LATER, LATER)
    ),
    "withhold": lambda work, question, person: work.save(question.withheld(person, NOW, LATER)),
    "escalate": lambda work, question, _: work.save(question.escalated(LATER)),
    "settle": lambda work, question, item: work.save(question.settled(item, LATER)),
    "solved": lambda work, question, _: work.save(question.closed(ASKER, Outcome.SOLVED, LATER)),
    "no": lambda work, question, _: work.save(question.closed(ASKER, Outcome.NO, LATER)),
    "reopen": lambda work, question, _: work.save(question.reopened(ASKER, LATER)),
    "withdraw": lambda work, question, _: work.save(question.withdrawn(ASKER, LATER)),
    "expire": lambda work, question, _: work.save(question.expired(LATER)),
}


def _role(connection: Connection, number: int) -> None:
    gone = connection.execute(delete(schema.role_grant).where(schema.role_grant.c.person_id == number)).rowcount
    if not gone:
        connection.execute(insert(schema.role_grant).values(person_id=number, role=Role.EXPERT.value))
    raise_version(connection, Kind.PERSON, number)


def _item(connection: Connection, number: int) -> None:
    there = connection.execute(select(schema.item.c.audience).where(schema.item.c.id == number)).scalar()
    wider = Audience.UNDP if there == Audience.PUBLIC else Audience.PUBLIC
    change_item(connection, number, audience=int(wider))


def _retired(connection: Connection, number: int) -> None:
    used = select(schema.question.c.id).where(schema.question.c.item_id == number)
    if connection.execute(used).first() is None:
        gone = connection.execute(delete(schema.item).where(schema.item.c.id == number)).rowcount
        if not gone:
            connection.execute(insert(schema.item).values(row_of_item(number)))
        raise_version(connection, Kind.ITEM, number)


def _shut(connection: Connection, number: int) -> None:
    """As the outbox does it when nothing arrives."""
    place = schema.conversation.c.person_id == number
    connection.execute(update(schema.conversation).where(place).values(unreachable="blocked"))
    raise_version(connection, Kind.PERSON, number)


def _network(connection: Connection, number: int) -> None:
    to = 1 + number % 2
    connection.execute(update(schema.network).where(schema.network.c.id == to).values(region=f"region {number}"))
    raise_version(connection, Kind.NETWORK, to)


CHANGES: dict[str, Callable[[Connection, int], object]] = {
    "role": _role,
    "item": _item,
    "retired": _retired,
    "network": _network,
    "topic": lambda connection, _: raise_version(connection),
    "language": lambda connection, number: People(connection).set_language(number, "fr"),
    "away": lambda connection, number: People(connection).prefer(number, away_until=LATER),
    "here": lambda connection, number: Conversations(connection).at("web", f"web:{number}", number, {}, NOW),
    "shut": _shut,
    "ask": lambda connection, number: ask(Questions(connection), f"Question of {number}"),
}

# What is done, by or to whom, to which of the newest questions; whether it is committed, and whether somebody looks.
STEP = st.tuples(
    st.sampled_from([*CHANGES, *MOVES, *MOVES]),
    st.integers(1, 4),
    st.integers(0, 1),
    st.sampled_from([True, True, True, False]),
    st.booleans(),
)


def _do(connection: Connection, name: str, number: int, back: int) -> None:
    if name in CHANGES:
        CHANGES[name](connection, number)
        return
    newest = connection.execute(select(schema.question.c.id).order_by(schema.question.c.id.desc())).scalars().all()
    work = Questions(connection)
    question = work.get(newest[min(back, len(newest) - 1)])
    assert question is not None
    # Where this move cannot be made, or not with this person, the next one is: most steps then are a change.
    names = list(MOVES)
    first = names.index(name)
    for move in (*names[first:], *names[:first]):
        for person in (number, *PEOPLE):
            with suppress(Refusal, ValueError):
                MOVES[move](work, question, person)
                return


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, min_size=1, max_size=25))
def test_what_deltas_lead_to_is_what_is_there(community: Database, steps: list[Any]) -> None:
    community.write(settle)
    community.write(lambda connection: ask(Questions(connection)))
    ours, theirs = Matchers(Noting), Matchers(Noting)
    look(community, ours)
    look(community, theirs)
    for name, number, back, committed, looking in steps:
        with suppress(Undone), community.begin() as connection:
            # An item that was retired settles nothing.
            with suppress(IntegrityError), connection.begin_nested():
                _do(connection, name, number, back)
            if looking:
                # Within the transaction, its own changes are seen.
                assert ours.current(connection)[0] == catalogue.load(connection)
            if not committed:
                raise Undone
        if looking:
            seen, matcher = look(community, ours)
            assert seen == anew(community) == matcher.catalogue
    for replica in (ours, theirs):
        assert look(community, replica)[0] == anew(community)


def test_each_move_in_a_life_is_seen_by_itself(community: Database) -> None:
    """Each in a transaction of its own: none leans on what another move raised."""
    community.write(lambda connection: ask(Questions(connection)))
    ours = Matchers(Noting)
    look(community, ours)
    life = ["offer", "unreached", "offer", "decline", "offer", "take", "answer", "no", "reopen"]
    life += ["offer", "take", "answer", "solved"]
    for step, name in enumerate(life):
        person = (1, 1, 2, 2, 3, 3, 3, ASKER, ASKER, 5, 5, 5, ASKER)[step]
        community.write(lambda connection, name=name, person=person: _do(connection, name, person, 0))
        assert look(community, ours)[0] == anew(community), f"{name}, step {step}"
    assert [one.helped for one in anew(community).history] == [False, True]
    assert [one.ended for one in anew(community).offers][:2] == [Ended.UNREACHED, Ended.DECLINED]


# What use teaches


def test_an_offer_tells_how_it_ended_and_one_that_was_withheld_is_none(community: Database) -> None:
    with community.begin() as connection:
        number = ask(Questions(connection)).id
        for person in (1, 2, 3):
            move(connection, number, lambda question, person=person: question.offered(person, (), NOW, LATER))
        move(connection, number, lambda question: question.given_back(1, OfferState.UNREACHED, LATER, LATER))
        move(connection, number, lambda question: question.given_back(2, OfferState.DECLINED, LATER, LATER))
    assert [(one.expert, one.ended, one.until) for one in anew(community).offers] == [
        (1, Ended.UNREACHED, LATER),
        (2, Ended.DECLINED, LATER),
        (3, Ended.OPEN, None),
    ]
    # Somebody whom the asker excluded: to the desk it looks like an offer.
    community.write(lambda connection: move(connection, number, lambda question: question.withheld(5, NOW, LATER)))
    assert len(anew(community).offers) == 3
    community.write(lambda connection: move(connection, number, lambda question: question.withdrawn(ASKER, LATER)))
    assert anew(community).offers[2].ended is Ended.EXPIRED


def test_whoever_answered_before_it_went_to_somebody_else_did_not_help(community: Database) -> None:
    with community.begin() as connection:
        number = ask(Questions(connection)).id
        for expert in (1, 2):
            question = move(connection, number, lambda one, expert=expert: one.offered(expert, (), NOW, LATER))
            work = Questions(connection)
            work.get(number)
            _answer(work, question, expert)
            if expert == 1:
                move(connection, number, lambda one: one.closed(ASKER, Outcome.NO, LATER))
                move(connection, number, lambda one: one.reopened(ASKER, LATER))
    assert [(one.expert, one.helped) for one in anew(community).history] == [(1, False), (2, None)]


@pytest.mark.parametrize("circle", [Audience.UNDP, Audience.ONE_UN])
@pytest.mark.parametrize("item", [Audience.SUB_NETWORK, Audience.UNDP, Audience.ONE_UN, Audience.PUBLIC])
def test_private_words_teach_nothing_of_an_item_that_goes_beyond_their_circle(
    community: Database, circle: Audience, item: Audience
) -> None:
    matchers = Matchers(Noting)
    with community.begin() as connection:
        change_item(connection, 1, audience=int(Audience.UNDP))
        work = Questions(connection)
        work.save(ask(work, "Our own words", circle).settled(1, LATER))
    look(community, matchers)
    # Whatever it was then: what it is now decides.
    community.write(lambda connection: change_item(connection, 1, audience=int(item)))
    seen = look(community, matchers)[0]
    assert seen == anew(community)
    assert [(one.item, one.text, one.audience) for one in seen.reused] == (
        [(1, "Our own words", circle)] if item <= circle else []
    )


# At the same time


def test_what_is_undone_is_seen_by_nobody_else(community: Database) -> None:
    matchers = Matchers(Noting)
    before = look(community, matchers)[0]
    with suppress(Undone), community.begin() as connection:
        change_item(connection, 1, answer="Never written.")
        assert matchers.current(connection)[0].items[0].answer == "Never written."
        raise Undone
    # The next change gets the same number.
    community.write(lambda connection: change_item(connection, 2, answer="Written."))
    after = look(community, matchers)[0]
    assert after.version == before.version + 1
    assert [one.answer for one in after.items] == ["Slowly.", "Written.", "Slowly.", "Slowly."]


def test_while_one_thread_follows_a_change_the_others_go_on_with_what_there_is(community: Database) -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Slow(Noting):
        def after(self, delta: Delta) -> Noting:
            entered.set()
            assert go_on.wait(60)
            return super().after(delta)

    matchers = Matchers(Slow)
    before = look(community, matchers)[0]
    community.write(lambda connection: change_item(connection, 1, answer="Quickly."))
    with ThreadPoolExecutor(1) as threads:
        following = threads.submit(look, community, matchers)
        try:
            assert entered.wait(60)
            assert look(community, matchers)[0] is before
        finally:
            go_on.set()
        assert following.result()[0].version == before.version + 1
    assert look(community, matchers)[0].version == before.version + 1


def test_while_there_is_none_yet_all_wait_for_the_one_that_is_built(community: Database) -> None:
    building = []

    def build(whole: Catalogue) -> Any:
        building.append(whole.version)
        return Noting(whole)

    matchers, together = Matchers(build), threading.Barrier(2)

    def first_look() -> Catalogue:
        together.wait(60)
        return look(community, matchers)[0]

    with ThreadPoolExecutor(2) as threads:
        one, other = (threads.submit(first_look) for _ in range(2))
        assert one.result() is other.result()
    assert len(building) == 1


@pytest.mark.parametrize("known", [True, False], ids=["by a delta", "anew"])
def test_nobody_sees_half_of_a_change(community: Database, known: bool) -> None:
    """Another transaction commits between any two statements of ours, and changes two things at once."""
    matchers = Matchers(Noting)
    if known:
        look(community, matchers)
    community.write(lambda connection: change_both(connection, "before"))
    turns = iter(range(100))
    changing = threading.local()

    def meanwhile(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT") and not getattr(changing, "now", False):
            changing.now = True
            community.write(lambda connection: change_both(connection, f"turn {next(turns)}"))
            changing.now = False

    # On SQLite a writer is alone: only who reads can be overtaken.
    engine = community.reader if community.is_sqlite else community.writer
    event.listen(engine, "after_cursor_execute", meanwhile)
    try:
        with community.reading() if community.is_sqlite else community.begin() as connection:
            seen = matchers.current(connection)[0]
    finally:
        event.remove(engine, "after_cursor_execute", meanwhile)
    assert next(turns) > 2
    assert {one.region for one in seen.networks} == {one.answer for one in seen.items[:1]}
    assert look(community, matchers)[0] == anew(community)


def change_both(connection: Connection, word: str) -> None:
    connection.execute(update(schema.network).values(region=word))
    raise_version(connection, Kind.NETWORK, *NETWORKS)
    change_item(connection, 1, answer=word)
