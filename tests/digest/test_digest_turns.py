"""The weekly top 5 as its readers meet it: at their own hour, in their language, by their way, and nothing that is not
theirs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from storage import schema
from storage.database import Database
from tests.chat.player import START
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA, Town, town
from tests.support.smtp import MailServer, mail_server

CAMILA, GRACE, LUCA, MARTIN = (
    f"{name}@sample.example" for name in ("camila.ortega", "grace.wanjiru", "luca.ferraro", "martin.oduya")
)


def _item(connection: Any, number: int, **told: Any) -> None:
    """An item that was published just now, for all of UNDP unless it is told otherwise."""
    row = {
        "id": 1000 + number, "key": f"new-{number}", "question": f"Question {number}?", "answer": f"Answer {number}.",
        "language": "en", "topics": [], "audience": 20, "region": "global", "created_at": START, "published_at": START,
    }  # fmt: skip
    connection.execute(insert(schema.item), {**row, **told})


def items(*some: dict[str, Any]) -> Any:
    def prepare(database: Database) -> None:
        with database.begin() as connection:
            for number, told in enumerate(some, 1):
                _item(connection, number, **told)
            connection.execute(update(schema.version).values(number=schema.version.c.number + 1))

    return prepare


@asynccontextmanager
async def posted(database: Database, prepare: Any) -> AsyncIterator[tuple[Town, MailServer]]:
    async with mail_server() as server:
        told = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
        told |= {"smtp_from": "bot@example.org", "public_url": "https://bot.example.org"}
        async with town(database, prepare, **told) as there:
            yield there, server
            assert there.house.email is not None
            await there.house.email.close()


def got(there: Town) -> set[str]:
    """Who got a digest in the last step."""
    return {key for key, text in there.heard if "Top 5" in text.split("\n")[0]}


async def picked(there: Town, by: str, network: str, *numbers: int) -> None:
    await there.step(by, f"digest draft {network}")
    for number in numbers:
        await there.step(by, f"digest pick 1 item:{1000 + number}")


async def test_it_comes_on_each_reader_s_own_morning_in_their_language(database: Database) -> None:
    async with town(database, items({})) as there:
        # Monday, 2 March, 09:00 UTC; Elif facilitates the Crisis community of practice, whose members live everywhere.
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest approve 1")
        arrived: dict[str, datetime] = {}
        for _ in range(40):
            await there.later(timedelta(hours=1))
            for key in got(there):
                assert key not in arrived, "twice"
                arrived[key] = there.clock.at
                if key == OUSMANE:
                    assert "Top 5 de la semaine" in there.texts_of(key)
                if key == CAMILA:
                    assert "Top 5 de la semana" in there.texts_of(key)
        # 09:00 in Dakar (UTC), Bogota (UTC-5), Istanbul (UTC+3), rung within the hour.
        for key, hour, day in ((OUSMANE, 9, 3), (CAMILA, 14, 2), (ELIF, 6, 3)):
            at = arrived[key]
            assert (at.day, at.hour) in {(day, hour), (day, hour + 1)}, (key, at)


async def test_it_waits_for_the_end_of_the_quiet_hours_that_a_reader_chose(database: Database) -> None:
    async with town(database, items({})) as there:
        await there.step(OUSMANE, "set quiet 18:00-11:30")
        await there.step(CAMILA, "set quiet none")
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest approve 1")
        arrived: dict[str, datetime] = {}
        for _ in range(60):
            await there.later(timedelta(minutes=30))
            arrived |= {key: there.clock.at for key in got(there) if key not in arrived}
        # Dakar is at UTC: not at nine, as it would be. Bogota's nine is 14:00 in UTC, as ever.
        assert datetime(2026, 3, 3, 11, 30, tzinfo=UTC) <= arrived[OUSMANE] <= datetime(2026, 3, 3, 12, 30, tzinfo=UTC)
        assert arrived[CAMILA] <= datetime(2026, 3, 2, 15, tzinfo=UTC)


async def test_nobody_is_written_to_on_a_day_off(database: Database) -> None:
    async with town(database, items({})) as there:
        # Friday evening in UTC.
        there.clock.at = datetime(2026, 3, 6, 18, tzinfo=UTC)
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest approve 1")
        there.heard.clear()
        await there.later(timedelta(hours=24))
        await there.later(timedelta(hours=24))
        # Nepal works on Sundays, and is one of few; nobody of Senegal, Turkey or Colombia is disturbed.
        assert not got(there) & {OUSMANE, ELIF, CAMILA}
        await there.later(timedelta(hours=24))
        assert {OUSMANE, ELIF, CAMILA} <= got(there)


async def test_nobody_gets_what_is_not_theirs_to_read(database: Database) -> None:
    some = items({}, {"audience": 30}, {"audience": 40})
    async with town(database, some) as there:
        # The Climate network is read by UNDP and by colleagues of sister agencies, who read One UN and wider.
        with database.begin() as connection:
            climate = select(schema.network.c.id).where(schema.network.c.key == "climate-nature").scalar_subquery()
            connection.execute(update(schema.network).where(schema.network.c.id == climate).values(audience=30))
            connection.execute(update(schema.version).values(number=schema.version.c.number + 1))
        anjali = "anjali.rao@sample.example"
        await picked(there, anjali, "climate", 1, 2, 3)
        await there.step(anjali, "digest preview 1 as Luca Ferraro")
        assert "Question 1?" not in there.texts_of(anjali)
        assert "Question 2?" in there.texts_of(anjali)
        await there.step(anjali, "digest approve 1")
        seen: dict[str, str] = {}
        for _ in range(30):
            await there.later(timedelta(hours=1))
            seen |= {key: there.texts_of(key) for key in got(there)}
        assert "Question 1?" in seen[LITIA]
        assert "Question 1?" not in seen[LUCA]
        assert "Question 2?" in seen[LUCA]
        assert "Question 3?" in seen[LUCA]


async def test_a_reader_s_topics_come_first_and_five_are_all(database: Database) -> None:
    some = items(*({"topics": ["livelihoods"] if n in (6, 7) else []} for n in range(1, 8)))
    async with town(database, some) as there:
        await picked(there, ELIF, "crisis", *range(1, 8))
        await there.step(ELIF, "digest preview 1 as Camila")
        shown = [line for line in there.texts_of(ELIF).split("\n") if line.startswith("- ")]
        assert [line.rsplit(" ", 1)[1] for line in shown] == ["6?", "7?", "1?", "2?", "3?"]


async def test_off_holds_at_once_for_what_is_approved_and_for_what_waits_to_be_delivered(database: Database) -> None:
    async with posted(database, items({})) as (there, server):
        for key in (OUSMANE, CAMILA):
            await there.step(key, "digest both")
        server.taken.clear()
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest approve 1")
        await there.later(timedelta(minutes=1))
        await there.step(OUSMANE, "digest off")
        await there.later(timedelta(hours=26))
        assert CAMILA in got(there)
        assert OUSMANE not in got(there)
        assert len(server.to(CAMILA)) == 1
        assert server.to(OUSMANE) == []


async def test_by_e_mail_it_is_the_same_with_a_way_to_stop_it(database: Database) -> None:
    async with posted(database, items({})) as (there, server):
        await there.step(CAMILA, "digest by email")
        server.taken.clear()
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest approve 1")
        await there.later(timedelta(hours=26))
        await there.later(timedelta(hours=26))
        assert CAMILA not in got(there)
        (letter,) = server.to(CAMILA)
        assert letter["Subject"] == "Top 5 de la semana: Comunidad de Práctica sobre Crisis"
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        plain, html = (part.get_content() for part in letter.iter_parts())  # type: ignore[attr-defined]
        for part in (plain, html):
            assert "Question 1?" in part
            assert "read 1001" in part


async def test_what_was_taken_back_since_goes_out_to_nobody(database: Database) -> None:
    async with town(database, items({}, {})) as there:
        await picked(there, ELIF, "crisis", 1, 2)
        await there.step(ELIF, "digest approve 1")
        with database.begin() as connection:
            retired = {"state": "retired", "retired_at": START}
            connection.execute(update(schema.item).where(schema.item.c.id == 1001).values(**retired))
        await there.later(timedelta(hours=26))
        assert OUSMANE in got(there)
        assert "Question 1?" not in there.texts_of(OUSMANE)
        assert "Question 2?" in there.texts_of(OUSMANE)


async def test_nobody_gets_the_same_thing_from_two_networks(database: Database) -> None:
    async with town(database, items({})) as there:
        await picked(there, ELIF, "crisis", 1)
        await there.step(ELIF, "digest approve 1")
        await there.later(timedelta(hours=26))
        assert OUSMANE in got(there)
        await there.step(SAMIRA, "digest draft mine action")
        await there.step(SAMIRA, "digest pick 2 item:1001")
        await there.step(SAMIRA, "digest preview 2 as Ousmane")
        assert "nothing of digest 2" in there.texts_of(SAMIRA)
        await there.step(SAMIRA, "digest approve 2")
        await there.later(timedelta(hours=26))
        assert "antimines" not in there.texts_of(OUSMANE)
        # One whose morning came later, after a holiday, still gets the first.
        assert all("Mine Action" not in text for _, text in there.heard)


async def test_what_goes_to_the_main_community_waits_for_a_second_person_once_the_km_team_says_so(
    database: Database,
) -> None:
    async with town(database, items({})) as there:
        await there.step(GRACE, "digest second on")
        assert "I do not know what to do" in there.texts_of(GRACE)
        await there.step(INGRID, "digest second on")
        await picked(there, GRACE, "gpn", 1)
        await there.step(GRACE, "digest approve 1")
        assert "when somebody else approves it too" in there.texts_of(GRACE)
        assert "needs your yes too" in there.texts_of(INGRID)
        await there.step(GRACE, "digest approve 1")
        assert "somebody else’s" in there.texts_of(GRACE)
        await there.later(timedelta(hours=26))
        assert got(there) == set()
        await there.step(INGRID, "digest approve 1")
        await there.later(timedelta(hours=26))
        assert {LITIA, OUSMANE, GRACE} <= got(there)
        assert not got(there) & {LUCA, MARTIN}
        with database.reading() as connection:
            noted = connection.execute(select(schema.audit.c.reason).where(schema.audit.c.action == "digest")).scalars()
            assert list(noted) == ["second on", "pick", "approve", "approve"]


async def test_a_card_that_is_old_approves_nothing_it_does_not_show(database: Database) -> None:
    async with town(database, items({}, {})) as there:
        await picked(there, ELIF, "crisis", 1)
        old = there.button(ELIF, "digest approve 1 2")
        await there.step(ELIF, "digest pick 1 item:1002")
        await there.press(ELIF, old)
        assert "has changed since" in there.texts_of(ELIF)


async def test_a_facilitator_hears_once_a_week_that_a_digest_waits(database: Database) -> None:
    async with town(database, items({})) as there:
        # 06:00 UTC on a Tuesday is 09:00 in Istanbul.
        there.clock.at = datetime(2026, 3, 3, 5, 30, tzinfo=UTC)
        heard = []
        for _ in range(48):
            await there.later(timedelta(hours=1))
            heard += [there.clock.at for key, text in there.heard if key == ELIF and "waits for you" in text]
        assert [at.hour for at in heard] == [6]
