"""Transcripts over two real wires at once: one community, whose people are in Slack and in Teams."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from app import House
from bot.settings import Settings
from storage.database import Database
from storage.schema import identity, person
from tests.chat.player import FakeClock, Player
from tests.chat.script import Script, read
from tests.chat.slack import SlackWire
from tests.chat.teams import Teams
from tests.slack.fakes import WORKSPACE

ACROSS = Path(__file__).parents[1] / "transcripts" / "across"


async def _play(script: Script, community: Database) -> tuple[SlackWire, Teams]:
    slack, teams = (
        wire([key for name, key in script.people.items() if script.channels[name] == wire.channel])
        for wire in (SlackWire, Teams)
    )
    assert isinstance(slack, SlackWire)
    assert isinstance(teams, Teams)
    clock = FakeClock()
    house = House(Settings(_env_file=None, **script.settings, **slack.settings()), database=community, now=clock)
    await Player(house, clock, slack, teams).play(script)
    return slack, teams


@pytest.mark.parametrize("path", sorted(ACROSS.glob("*.chat")), ids=lambda path: path.stem)
async def test_a_transcript_plays_across_two_wires(path: Path, community: Database) -> None:
    await _play(read(path), community)


async def test_neither_wire_carries_who_is_on_the_other(community: Database) -> None:
    script = read(ACROSS / "slack_and_teams.chat")
    slack, teams = await _play(script, community)
    traces = {name: _traces(community, key) for name, key in script.people.items()}
    # What we sent, with addresses and ids, and what we answered to requests: all of it.
    to_slack = json.dumps([slack.far.calls, slack.far.views, slack.far.whispers, slack.answered], ensure_ascii=False)
    sent = [(each.conversation, each.replaces, each.activity) for each in teams.far.sent]
    to_teams = json.dumps([sent, teams.answered], ensure_ascii=False)
    assert "Start from the national strategy" in to_slack
    assert "mine action in the Sahel" in to_teams
    for trace in traces["Litia"]:
        assert not _within(trace, to_teams), f"Teams can tell who asks in Slack by {trace}"
    for trace in traces["Ousmane"]:
        assert not _within(trace, to_slack), f"Slack can tell who answers in Teams by {trace}"
    # Each is known to their own wire, or the search above would find nothing anywhere.
    assert any(_within(trace, to_slack) for trace in traces["Litia"])
    assert any(_within(trace, to_teams) for trace in traces["Ousmane"])


def _within(trace: str, crossed: str) -> bool:
    """Whether it stands there by itself: U3 is not the beginning of U37."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(trace)}(?![0-9A-Za-z])", crossed) is not None


def _traces(database: Database, key: str) -> list[str]:
    """All that tells who somebody is: their key, each of their names, and every id a channel has for them."""
    with database.reading() as connection:
        row = connection.execute(select(person.c.id, person.c.key, person.c.name).where(person.c.key == key)).one()
        # The try-it page knows people by our own small numbers, which stand in many places.
        theirs = (identity.c.person_id == row.id) & identity.c.channel.in_(["slack", "teams"])
        ids = connection.execute(select(identity.c.remote_id).where(theirs)).scalars()
        known = {remote.removeprefix(f"{WORKSPACE}:") for remote in ids}
    names = {word for word in row.name.split() if word.isalpha() and word.lower() != "sample"}
    return sorted({row.key, f"a:{row.id}", f"29:{row.id}", f"U{row.id}", *names, *known})
