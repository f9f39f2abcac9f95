"""The group conversation of a peer assist in Slack: of those who said yes and of an asker who agreed to be seen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import House
from bot.channel import Unreachable
from bot.settings import Settings
from house.groups import GROUPING_GIVEN_UP
from storage.database import Database
from storage.schema import assist
from tests.chat.player import FakeClock
from tests.chat.slack import SlackWire
from tests.slack.fakes import WORKSPACE

LITIA, MARISOL, NADIRA = (f"{name}@sample.example" for name in ("litia.waqa", "marisol.pena", "nadira.hossain"))
SAMIRA, JEAN = (f"{name}@sample.example" for name in ("samira.haddad", "jeanrobert.etienne"))
HOW = "How can we clear debris after a cyclone when the landfill is full and the roads are blocked?"


class Circle:
    """A peer assist in Slack, up to its beginning."""

    def __init__(self, house: House, wire: SlackWire, clock: FakeClock) -> None:
        self.house, self.wire, self.clock = house, wire, clock

    async def begin(self, *, named: bool) -> None:
        steps = [(LITIA, f"assist {HOW}"), *([(LITIA, "appear 1")] if named else []), (LITIA, "gather 1")]
        steps += [(JEAN, "skip 1"), (MARISOL, "come 1"), (NADIRA, "come 1"), (SAMIRA, "come 1"), (LITIA, "begin 1")]
        for who, said in steps:
            await self.wire.say(who, said)
            await self.deliver()

    async def later(self, wait: timedelta = timedelta(seconds=15)) -> None:
        self.clock.at += wait
        await self.house.tick()
        await self.deliver()

    async def deliver(self) -> None:
        while await self.house.postman.step(self.clock()):
            pass

    @property
    def place(self) -> str:
        with self.house.database.reading() as connection:
            return connection.execute(select(assist.c.place)).scalar_one()

    def user(self, key: str) -> str:
        return self.wire._user(key)

    def opened_groups(self) -> list[str]:
        """The people of each call that asked for a group."""
        calls = [sent["users"] for method, sent in self.wire.far.calls if method == "conversations.open"]
        return [users for users in calls if "," in users]

    def shown_in(self, channel: str) -> str:
        return " ".join(str(sent["blocks"]) for name, sent in self.wire.far.kept.items() if name.startswith(channel))


@pytest.fixture
async def circle(community: Database) -> AsyncIterator[Circle]:
    wire, clock = SlackWire(), FakeClock()
    house = House(Settings(_env_file=None, **wire.settings()), database=community, now=clock)
    async with wire.open(house):
        there = Circle(house, wire, clock)
        await there.deliver()
        yield there


async def test_those_who_said_yes_and_the_asker_meet_in_one_conversation(circle: Circle) -> None:
    await circle.begin(named=True)
    assert circle.place == "opening"
    assert not circle.wire.far.groups
    await circle.later()
    together = tuple(sorted(circle.user(key) for key in (LITIA, MARISOL, NADIRA, SAMIRA)))
    assert list(circle.wire.far.groups.values()) == [together]
    assert circle.place == "group"
    shown = circle.shown_in("G")
    assert "Litia Waqa (sample)" in shown
    assert HOW in shown
    assert "Jean-Robert" not in shown
    assert "in a group conversation of its own" in circle.shown_in(f"D{circle.user(SAMIRA)}")
    await circle.later()
    assert len(circle.opened_groups()) == 1


async def test_a_hidden_asker_is_brought_into_no_conversation(circle: Circle) -> None:
    await circle.begin(named=False)
    await circle.later()
    assert circle.place == "relayed"
    assert not circle.opened_groups()
    everybody_else = "".join(circle.shown_in(f"D{circle.user(key)}:") for key in (MARISOL, NADIRA, SAMIRA, JEAN))
    assert "Litia" not in everybody_else


async def test_where_slack_refuses_the_bot_passes_on_what_they_say(circle: Circle) -> None:
    await circle.begin(named=True)
    circle.wire.far.errors["conversations.open"] = ["restricted_action"]
    await circle.later()
    assert circle.place == "relayed"
    assert "What you write here goes to everybody below." in circle.shown_in(f"D{circle.user(NADIRA)}")


async def test_a_busy_slack_is_asked_again_and_given_up_in_the_end(circle: Circle) -> None:
    await circle.begin(named=True)
    circle.wire.far.errors["conversations.open"] = ["internal_error"]
    await circle.later()
    assert circle.place == "opening"
    # What is said meanwhile arrives all the same.
    await circle.wire.say(SAMIRA, "tell 1 Here I am.")
    await circle.deliver()
    assert "Here I am." in circle.shown_in(f"D{circle.user(NADIRA)}")
    circle.wire.far.errors["conversations.open"] = ["internal_error"]
    await circle.later(GROUPING_GIVEN_UP + timedelta(minutes=1))
    assert circle.place == "relayed"
    assert not circle.wire.far.groups


async def test_two_replicas_ask_for_one_conversation(circle: Circle) -> None:
    await circle.begin(named=True)
    other = House(circle.house.settings, database=circle.house.database, now=circle.clock)
    other.channels = circle.house.channels
    other.grouping = circle.house.grouping
    await asyncio.gather(circle.house.tick(), other.tick())
    await circle.deliver()
    assert len(circle.opened_groups()) == 1
    assert circle.shown_in("G").count(HOW) == 1


async def test_people_of_another_workspace_are_never_brought_in(circle: Circle) -> None:
    assert circle.house.slack is not None
    members = [{"workspace": WORKSPACE, "user": "U1"}, {"workspace": "TOTHER", "user": "U2"}]
    with pytest.raises(Unreachable):
        await circle.house.slack.make_group(members, "A topic")
    assert not circle.opened_groups()
