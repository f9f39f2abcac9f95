"""One person in Slack and in Teams, over both wires: linked by a code, parted again, and nobody linked by guessing."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import House
from bot.channel import Delivery
from bot.settings import Settings
from dialogs.plain import to_text
from knowledge.linking import LASTS, TRIES, WITHIN
from storage.conversations import Conversations
from storage.database import Database
from storage.linking import forget_tries
from storage.schema import conversation, identity, outbox, person, question
from tests.chat.player import FakeClock, Tapped, put_for
from tests.chat.slack import SlackWire
from tests.chat.teams import Teams

LITIA, OUSMANE = "litia.waqa@sample.example", "ousmane.faye@sample.example"
AGAIN = "litia-in-slack"
NOBODY_KNOWS = "Who can explain the licensing of nuclear fusion plants to us?"


class Two:
    """Litia is in Teams, as Ousmane is, and in Slack as somebody unknown."""

    def __init__(self, community: Database) -> None:
        self.database = community
        self.clock = FakeClock()
        self.slack, self.teams = SlackWire([AGAIN]), Teams([LITIA, OUSMANE])
        settings = Settings(_env_file=None, **self.slack.settings())
        self.house = House(settings, database=community, now=self.clock)
        self.noted: list[tuple[str, Delivery]] = []
        for name in ("slack", "teams"):
            self.house.channels[name] = Tapped(self.house.channels[name], self.noted)

    async def say(self, key: str, text: str) -> list[tuple[str, str]]:
        """What was delivered after somebody said this, as (channel, text), in the order of writing."""
        self.clock.at += timedelta(seconds=10)
        await (self.slack if key == AGAIN else self.teams).say(key, text)
        return await self.deliver()

    async def deliver(self) -> list[tuple[str, str]]:
        while await self.house.postman.step(self.clock()):
            pass
        heard = [(name, to_text(one.message)) for name, one in sorted(self.noted, key=lambda one: one[1].id)]
        self.noted.clear()
        return heard

    async def say_to(self, key: str) -> list[tuple[str, str]]:
        put_for(self.database, key, "Something for you.", self.clock())
        return await self.deliver()

    async def code(self, key: str) -> str:
        (_, text), *_ = await self.say(key, "link")
        found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", text)
        assert found, text
        return found[0]

    def whose(self) -> dict[str, set[str]]:
        """Channels by the key of whoever is known there, of those who speak here."""
        with self.database.reading() as connection:
            rows = connection.execute(
                select(person.c.key, conversation.c.channel)
                .join(conversation, conversation.c.person_id == person.c.id)
                .where(conversation.c.channel.in_(["slack", "teams"]))
            ).all()
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row.key, set()).add(row.channel)
        return found


@pytest.fixture
async def two(community: Database) -> AsyncIterator[Two]:
    there = Two(community)
    async with _opened(there):
        yield there


@asynccontextmanager
async def _opened(there: Two) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for wire in (there.slack, there.teams):
            await stack.enter_async_context(wire.open(there.house))
        await there.deliver()
        await there.say(LITIA, "language English")
        yield


async def test_a_code_typed_elsewhere_makes_one_person_of_two_and_both_places_hear_of_it(two: Two) -> None:
    await two.say(AGAIN, NOBODY_KNOWS)
    heard = await two.say(AGAIN, f"link {await two.code(LITIA)}")
    assert sorted(name for name, text in heard if text.startswith("Your accounts are linked")) == ["slack", "teams"]
    assert two.whose()[LITIA] == {"slack", "teams"}
    with two.database.reading() as connection:
        asker = select(person.c.key).join(question, question.c.asker_id == person.c.id)
        assert connection.execute(asker).scalars().all() == [LITIA]
        assert not connection.execute(select(person.c.id).where(person.c.key.like("slack:%"))).all()
    # What was asked in Slack is known in Teams.
    assert "nuclear fusion" in "".join(text for _, text in await two.say(LITIA, "status"))


async def test_whoever_is_known_by_an_import_is_kept_whichever_side_shows_the_code(two: Two) -> None:
    await two.say(LITIA, f"link {(await two.code(AGAIN)).lower().replace('-', ' ')}")
    assert two.whose()[LITIA] == {"slack", "teams"}


async def test_a_code_works_once_and_not_for_long(two: Two) -> None:
    old = await two.code(LITIA)
    newer = await two.code(LITIA)
    assert "does not work" in (await two.say(AGAIN, f"link {old}"))[0][1]
    two.clock.at += LASTS
    late = await two.say(AGAIN, f"link {newer}")
    own = await two.code(AGAIN)
    mine = await two.say(AGAIN, f"link {own}")
    # Wrong, late and one's own read the same.
    assert late == mine == await two.say(AGAIN, "link ABCD-EFGH")
    assert two.whose()[LITIA] == {"teams"}


async def test_nobody_guesses_on(two: Two) -> None:
    for _ in range(TRIES):
        await two.say(AGAIN, "link ABCD-EFGH")
    right = await two.code(LITIA)
    assert "too many" in (await two.say(AGAIN, f"link {right}"))[0][1]
    assert two.whose()[LITIA] == {"teams"}
    two.clock.at += WITHIN
    with two.database.begin() as connection:
        assert forget_tries(connection, two.clock() - 2 * WITHIN) == 0
        # And the code that nobody used.
        assert forget_tries(connection, two.clock()) == TRIES + 1
    await two.say(AGAIN, f"link {await two.code(LITIA)}")
    assert two.whose()[LITIA] == {"slack", "teams"}


async def test_two_whom_an_import_knows_stay_two(two: Two) -> None:
    heard = await two.say(OUSMANE, f"link {await two.code(LITIA)}")
    assert "deux comptes" in heard[0][1]
    assert two.whose()[LITIA] == {"teams"}
    assert two.whose()[OUSMANE] == {"teams"}


async def test_unlink_parts_them_again_and_what_was_asked_stays_with_the_first(two: Two) -> None:
    await two.say(AGAIN, NOBODY_KNOWS)
    await two.say(AGAIN, f"link {await two.code(LITIA)}")
    heard = await two.say(LITIA, "unlink")
    assert sorted(name for name, text in heard if "no longer linked" in text) == ["slack", "teams"]
    assert two.whose()[LITIA] == {"teams"}
    with two.database.reading() as connection:
        linked = select(func.count()).select_from(identity).where(identity.c.linked)
        assert connection.execute(linked).scalar_one() == 0
    assert "nuclear fusion" not in "".join(text for _, text in await two.say(AGAIN, "status"))
    assert "nuclear fusion" in "".join(text for _, text in await two.say(LITIA, "status"))
    assert "No other account" in (await two.say(LITIA, "unlink"))[0][1]


async def test_answers_go_where_they_last_wrote_however_shortly_before(two: Two) -> None:
    await two.say(AGAIN, f"link {await two.code(LITIA)}")
    for key, channel in ((LITIA, "teams"), (AGAIN, "slack"), (LITIA, "teams")):
        await two.say(key, "hello")
        with two.database.reading() as connection:
            number = connection.execute(select(person.c.id).where(person.c.key == LITIA)).scalar_one()
            place = Conversations(connection).of_people([number])[number]
            found = connection.execute(select(conversation.c.channel).where(conversation.c.id == place)).scalar_one()
        assert found == channel


async def test_they_are_written_to_where_they_prefer_and_answered_where_they_speak(two: Two) -> None:
    await two.say(AGAIN, f"link {await two.code(LITIA)}")
    (channel, text), *_ = await two.say(AGAIN, "prefer Teams")
    assert channel == "slack"
    assert "write to you in Teams" in text
    assert {name for name, _ in await two.say(AGAIN, "status")} == {"slack"}
    assert {name for name, _ in await two.say_to(LITIA)} == {"teams"}
    assert "here: Slack, Teams" in (await two.say(AGAIN, "prefer pigeons"))[0][1]
    await two.say(AGAIN, "prefer last")
    assert {name for name, _ in await two.say_to(LITIA)} == {"slack"}


async def test_what_one_channel_cannot_bring_the_other_brings(two: Two) -> None:
    await two.say(AGAIN, f"link {await two.code(LITIA)}")
    await two.say(AGAIN, "hello")
    two.slack.far.errors["chat.postMessage"] = ["user_disabled"]
    assert {name for name, _ in await two.say_to(LITIA)} == {"teams"}
    with two.database.reading() as connection:
        shut = select(conversation.c.channel).where(conversation.c.unreachable != "")
        assert {"slack", "teams"} & set(connection.execute(shut).scalars()) == {"slack"}
        assert not connection.execute(select(outbox.c.id).where(outbox.c.state == "dead")).all()


async def test_what_waits_at_a_parting_is_not_read_by_the_other_account(two: Two) -> None:
    await two.say(AGAIN, f"link {await two.code(LITIA)}")
    await two.say(AGAIN, "hello")
    put_for(two.database, LITIA, "Only for Litia.", two.clock())
    heard = await two.say(LITIA, "unlink")
    assert [name for name, text in heard if "Only for Litia" in text] == ["teams"]
