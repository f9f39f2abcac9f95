"""The channel in which a network reads together: its moderators alone say so; only what was approved comes there."""

from collections.abc import AsyncIterator

import pytest

from app import House
from bot.settings import Settings
from storage.database import Database
from tests.chat.player import FakeClock
from tests.chat.slack import SlackWire
from tests.slack.fakes import BOT, message

LITIA, OUSMANE, SAMIRA, ELIF = (
    f"{name}@sample.example" for name in ("litia.waqa", "ousmane.faye", "samira.haddad", "elif.aksoy")
)
WORDS = "A donor would pay for clearing mines together with farmers."
CHANNEL = "C1"


class Square:
    """A channel of the workspace, in which the bot is mentioned."""

    def __init__(self, house: House, wire: SlackWire, clock: FakeClock) -> None:
        self.house, self.wire, self.clock = house, wire, clock
        self._stamp = 0
        wire.far.groups[CHANNEL] = ()

    async def mention(self, key: str, text: str) -> None:
        self._stamp += 1
        said = message(f"<@{BOT}> {text}", f"{self._stamp}.7", self.wire._user(key), type="app_mention")
        await self.wire._event(said | {"channel": CHANNEL, "channel_type": "channel"})
        await self.deliver()

    async def say(self, key: str, text: str) -> None:
        await self.wire.say(key, text)
        await self.deliver()

    async def deliver(self) -> None:
        while await self.house.postman.step(self.clock()):
            pass

    def posted(self) -> list[str]:
        """What stands in the channel, for everybody there."""
        return [str(sent["blocks"]) for name, sent in self.wire.far.kept.items() if name.startswith(f"{CHANNEL}:")]


@pytest.fixture
async def square(community: Database) -> AsyncIterator[Square]:
    wire, clock = SlackWire(), FakeClock()
    house = House(Settings(_env_file=None, **wire.settings()), database=community, now=clock)
    async with wire.open(house):
        there = Square(house, wire, clock)
        await there.deliver()
        yield there


async def test_what_is_approved_is_posted_where_the_network_reads_together(square: Square) -> None:
    await square.mention(SAMIRA, "home mine-action")
    assert len(square.posted()) == 1
    assert "Mine Action network approve is posted here" in square.posted()[0]
    for said in (f"flag partnership {WORDS}", "place 1 mine-action", "submit 1"):
        await square.say(OUSMANE, said)
    assert len(square.posted()) == 1
    await square.say(SAMIRA, "approve 1")
    assert WORDS in square.posted()[1]
    assert "Ousmane" not in str(square.posted())
    assert "actions" not in square.posted()[1], "a button in the open would be pressed in the open"
    # Shown later, it is shown there too; taken back, it is gone there too.
    await square.say(OUSMANE, "sign 1")
    assert "Ousmane Faye (sample)" in square.posted()[1]
    await square.say(OUSMANE, "retract 1")
    assert len(square.posted()) == 2
    assert WORDS not in str(square.posted())


@pytest.mark.parametrize("who", [LITIA, OUSMANE, ELIF])
async def test_nobody_else_says_where_a_network_reads(who: str, square: Square) -> None:
    await square.mention(who, "home mine-action")
    await square.mention(who, "home no-such-network")
    await square.mention(who, "home")
    assert square.posted() == []
    # Each is answered as for any other word in the open: alone, and with the way to go on.
    assert len(square.wire.far.whispers) == 3
    assert len({str(sent["blocks"]) for sent in square.wire.far.whispers}) == 1


async def test_in_private_it_says_how(square: Square) -> None:
    await square.say(SAMIRA, "home mine-action")
    private = [str(sent["blocks"]) for name, sent in square.wire.far.kept.items() if name.startswith("DU")]
    assert any("with my name in front" in blocks for blocks in private)
    assert square.posted() == []
