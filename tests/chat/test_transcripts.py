"""Every transcript on every wire, and the shortest on both databases; those where everybody reads one language on that
alone."""

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

ROOT = Path(__file__).parents[1] / "transcripts"
TRANSCRIPTS = sorted(ROOT.glob("*.chat"))
IN_ONE_LANGUAGE = sorted([*ROOT.glob("french/*.chat"), *ROOT.glob("spanish/*.chat")])


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_transcript_plays_as_written(path: Path, community: Database) -> None:
    await _play(path, Direct(), community)


# What a wire adds happens before and after the database: it is tried on one of them.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wire", [SlackWire, Teams, Web], ids=lambda wire: wire.channel)
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_a_transcript_plays_as_written_on_every_wire(
    path: Path, wire: type[SlackWire] | type[Teams] | type[Web], community: Database
) -> None:
    await _play(path, wire(), community)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", IN_ONE_LANGUAGE, ids=lambda path: f"{path.parent.name}-{path.stem}")
async def test_a_transcript_plays_as_written_where_everybody_reads_one_language(
    path: Path, community: Database
) -> None:
    await _play(path, Direct(), community)


def test_every_transcript_of_a_question_is_there_in_three_languages() -> None:
    here = {path.name for path in TRANSCRIPTS}
    # The two about languages themselves, and the one with blanks for what chance decides.
    assert here - {path.name for path in IN_ONE_LANGUAGE} == {"small_talk.chat", "pulse.chat"}
    assert len(IN_ONE_LANGUAGE) == 2 * (len(here) - 2)


async def _play(path: Path, channel: Direct | SlackWire | Teams | Web, community: Database) -> None:
    script, clock = read(path), FakeClock()
    told = channel.settings() if isinstance(channel, SlackWire) else {}
    house = House(Settings(_env_file=None, **script.settings, **told), database=community, now=clock)
    if isinstance(channel, Direct):
        house.channels[channel.channel] = channel
    await Player(house, clock, channel).play(script)
