"""Every transcript, on every wire and both databases."""

from pathlib import Path

import pytest

from app import House
from bot.settings import Settings
from storage.database import Database
from tests.chat.direct import Direct
from tests.chat.player import FakeClock, Player
from tests.chat.script import read
from tests.chat.slack import SlackWire
from tests.chat.teams import Teams
from tests.chat.web import Web

TRANSCRIPTS = sorted((Path(__file__).parents[1] / "transcripts").glob("*.chat"))


@pytest.mark.parametrize("wire", [Direct, SlackWire, Teams, Web], ids=lambda wire: wire.channel)
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_transcript_plays_as_written(
    path: Path, wire: type[Direct] | type[SlackWire] | type[Teams] | type[Web], community: Database
) -> None:
    script, clock, channel = read(path), FakeClock(), wire()
    told = channel.settings() if isinstance(channel, SlackWire) else {}
    house = House(Settings(_env_file=None, **script.settings, **told), database=community, now=clock)
    if isinstance(channel, Direct):
        house.channels[channel.channel] = channel
    await Player(house, clock, channel).play(script)
