"""Work items of the desk, as they come up and go by themselves in a community."""

from datetime import timedelta

from sqlalchemy import insert, select, update

from app import House
from bot.settings import Settings
from storage.changes import Kind, raise_version
from storage.conversations import shut
from storage.database import Database
from storage.schema import audit, network, offer, person, question, topic, work_item
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA, SOMEBODY_KNOWS, Town, town

CLARISSE = "clarisse.mbarga@sample.example"
ALONE = "underwater-archaeology"


def topic_without_an_expert(database: Database) -> None:
    """A topic that nobody knows."""
    names = {"en": "underwater archaeology", "fr": "archéologie sous-marine"}
    with database.begin() as connection:
        connection.execute(insert(topic).values(key=ALONE, names=names, aliases=[]))
        raise_version(connection)


def _items(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as connection:
        return [(row.cause, row.key, row.state) for row in connection.execute(select(work_item).order_by("id"))]


async def _lists(there: Town, who: str) -> str:
    await there.step(who, "tasks")
    return there.texts_of(who)


async def test_a_topic_without_an_expert_comes_up_once_however_often_it_is_looked_for_and_goes_when_somebody_knows_it(
    database: Database,
) -> None:
    async with town(database, topic_without_an_expert) as there:
        replicas = [there.house, House(Settings(_env_file=None), database=database, now=there.clock)]
        for _ in range(3):
            there.clock.at += timedelta(hours=1)
            for house in replicas:
                await house.tick()
        alone = [one for one in _items(database) if one[1] == ALONE]
        assert alone == [("no_expert", ALONE, "open")]
        assert "No expert has the topic “underwater archaeology”." in await _lists(there, INGRID)
        with database.begin() as connection:
            number = connection.execute(select(person.c.id).where(person.c.key == SAMIRA)).scalar_one()
            connection.execute(update(person).where(person.c.id == number).values(topics=[ALONE]))
            raise_version(connection, Kind.PERSON, number)
        await there.later(timedelta(hours=1))
        assert ("no_expert", ALONE, "gone") in _items(database)
        assert "underwater" not in await _lists(there, INGRID)


async def test_what_is_done_stays_done_while_its_cause_lasts_and_comes_anew_afterwards(
    database: Database,
) -> None:
    async with town(database, topic_without_an_expert) as there:
        await there.later(timedelta(hours=1))
        number = next(row for row, one in enumerate(_items(database), 1) if one[1] == ALONE)
        await there.step(INGRID, f"done {number}")
        await there.later(timedelta(hours=2))
        assert ("no_expert", ALONE, "done") in _items(database)
        for keys, state in (([ALONE], "gone"), ([], "open")):
            with database.begin() as connection:
                one = connection.execute(select(person.c.id).where(person.c.key == SAMIRA)).scalar_one()
                connection.execute(update(person).where(person.c.id == one).values(topics=keys))
                raise_version(connection, Kind.PERSON, one)
            await there.later(timedelta(hours=1))
            assert ("no_expert", ALONE, state) in _items(database)
        with database.reading() as connection:
            done = connection.execute(select(audit.c.action, audit.c.about).where(audit.c.action == "done")).all()
        assert [tuple(row) for row in done] == [("done", f"work_item:{number}")]


async def test_an_undelivered_offer_is_a_work_item_that_goes_when_the_expert_writes_again(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SOMEBODY_KNOWS}")
        await there.house.hear(there.wire.incoming(LITIA, text="send 1"))
        # Between the sending and the delivery.
        with database.begin() as connection:
            shut(connection, there.wire.channel, there.wire.conversation(OUSMANE), "blocked")
        await there.deliver_all()
        assert [one[2] for one in _items(database) if one[0] == "undeliverable"] == ["open"]
        told = there.texts_of(ELIF)
        assert "about question 1 could not reach Ousmane Faye (sample): they blocked or removed the bot." in told
        assert there.button(ELIF, "show 1")
        await there.step(OUSMANE, "bonjour")
        await there.later(timedelta(hours=1))
        assert [one[2] for one in _items(database) if one[0] == "undeliverable"] == ["gone"]


async def test_an_expert_who_took_all_that_a_week_may_bring_comes_up_and_goes_when_the_week_is_over(
    database: Database,
) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"ask {SOMEBODY_KNOWS}")
        await there.step(LITIA, "send 1")
        await there.step(OUSMANE, "prendre 1")
        with database.begin() as connection:
            rows = {name: dict(connection.execute(select(table)).mappings().first() or {}) for name, table in
                    (("question", question), ("offer", offer))}  # fmt: skip
            for number in (2, 3):
                connection.execute(question.insert(), {**rows["question"], "id": number})
                connection.execute(offer.insert(), {**rows["offer"], "question_id": number})
        await there.later(timedelta(hours=1))
        assert [one[2] for one in _items(database) if one[0] == "overloaded"] == ["open"]
        told = await _lists(there, INGRID)
        assert "Ousmane Faye (sample) has had all that a week may bring: 3 asked, 3 taken." in told
        await there.later(timedelta(days=8))
        assert [one[2] for one in _items(database) if one[0] == "overloaded"] == ["gone"]


async def test_what_lies_elsewhere_reads_as_what_does_not_exist(database: Database) -> None:
    async with town(database) as there:
        await there.step(INGRID, "grant facilitator of Sahel to Clarisse")
        with database.begin() as connection:
            sahel = connection.execute(select(network.c.id).where(network.c.key == "sahel")).scalar_one()
            row = {"cause": "rejected_import", "key": "events.csv", "network_id": sahel, "topic": "", "state": "open"}
            told = {"file": "events.csv", "errors": 2}
            connection.execute(insert(work_item).values(**row, told=told, raised_at=there.clock.at, version=1))
        for said in ("task {}", "done {}", "later {}", "hand {} to Clarisse", "hand {} to Nobody Known"):
            answers = []
            for number in (1, 99):
                await there.step(ELIF, said.format(number))
                answers.append(there.texts_of(ELIF).replace(str(number), "N"))
            assert answers == ["There is no work item N that you can do this with."] * 2, said
        assert "nothing to see to" in await _lists(there, ELIF)
