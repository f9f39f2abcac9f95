"""Flags and peer assists from outside: who flags, who asks and who says no stays hidden, whatever anybody does."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app import House
from bot.settings import Settings
from knowledge import assisting, flagging
from knowledge.notices import Notice
from storage.database import Database
from storage.schema import assist, flag, invitation, item, outbox, person
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA, Town, grant, town

MARISOL, NADIRA, JEAN, PRAKASH = (
    f"{name}@sample.example" for name in ("marisol.pena", "nadira.hossain", "jeanrobert.etienne", "prakash.adhikari")
)
HOW = "How can we clear debris after a cyclone when the landfill is full and the roads are blocked?"
NAME, OFFICE, DECLINES = "Quillonia Canary", "Canary Office, Nowhere", "Zebedee Says-No"


def mark(database: Database) -> None:
    """Whose name must appear nowhere: Litia, who flags and asks, and Jean, who says no."""
    with database.begin() as connection:
        connection.execute(update(person).where(person.c.key == LITIA).values(name=NAME, office=OFFICE))
        connection.execute(update(person).where(person.c.key == JEAN).values(name=DECLINES))


class Watched:
    """A town in which everything that reaches anybody is remembered."""

    def __init__(self, there: Town) -> None:
        self.there = there
        self.seen: list[tuple[str, str]] = []

    async def __call__(self, who: str, said: str) -> None:
        await self.there.step(who, said)
        self.seen += self.there.heard

    async def later(self, wait: timedelta) -> None:
        await self.there.later(wait)
        self.seen += self.there.heard

    def leaks(self, secret: str, but: str) -> list[str]:
        """What anybody but its owner was shown of a secret."""
        return [text for who, text in self.seen if who != but and secret in text]

    def kept(self, secret: str) -> list[str]:
        """Where a secret stands in what waits to be sent, or what others find."""
        with self.there.database.reading() as connection:
            rows = [str(row) for row in connection.execute(select(outbox.c.payload, outbox.c.reason))]
            rows += [str(row) for row in connection.execute(select(item.c.question, item.c.answer, item.c.key))]
        return [row for row in rows if secret in row]


async def lives(there: Town) -> Watched:
    """A flag and a peer assist of Litia's, from beginning to end, with all that others may do."""
    play = Watched(there)
    for who, said in (
        (LITIA, "flag challenge Nobody knows who pays for clearing debris after a cyclone."),
        (LITIA, "place 1 disaster-risk"),
        (LITIA, "submit 1"),
        (PRAKASH, "reject 1 Could you say more?"),
        (LITIA, "rephrase 1 Nobody knows who pays for clearing debris after a cyclone; who does?"),
        (LITIA, "submit 1"),
        (PRAKASH, "rephrase 1 Who pays for clearing debris after a cyclone?"),
        (LITIA, "agree 1"),
        (SAMIRA, "react 1 We had a fund."),
        (NADIRA, "join 1 So had we."),
        (PRAKASH, "flags"),
        (SAMIRA, "flag 1"),
        (LITIA, f"assist {HOW}"),
        (LITIA, "gather 1"),
        (JEAN, "skip 1"),
        (MARISOL, "come 1"),
        (NADIRA, "come 1"),
        (SAMIRA, "come 1"),
        (LITIA, "begin 1"),
        (LITIA, "tell 1 Thank you for coming."),
        (SAMIRA, "tell 1 With pleasure."),
        (NADIRA, "circle 1"),
        (SAMIRA, "notes 1"),
        (SAMIRA, "conclude 1 Close the site on a fixed day."),
        (LITIA, "give 1"),
        (ELIF, "adopt 1"),
        (ELIF, "load"),
        (LITIA, "retract 1"),
    ):
        await play(who, said)
    await play.later(timedelta(days=9))
    return play


async def test_who_flags_and_who_asks_appears_nowhere(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with town(database) as there:
        mark(database)
        play = await lives(there)
        for secret in (NAME, "Quillonia", OFFICE):
            assert play.leaks(secret, LITIA) == []
            assert play.kept(secret) == []
            assert secret not in caplog.text
        assert "We had a fund." in str(play.seen)
        assert "Close the site on a fixed day." in str(play.kept("Close the site"))


async def test_who_said_no_appears_nowhere(database: Database) -> None:
    async with town(database) as there:
        mark(database)
        play = await lives(there)
        for secret in (DECLINES, "Zebedee"):
            assert play.leaks(secret, JEAN) == []
            assert play.kept(secret) == []


async def test_a_no_changes_nothing_that_its_asker_sees(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"assist {HOW}")
        await there.step(LITIA, "gather 1")
        await there.step(JEAN, "skip 1")
        assert JEAN in {who for who, _ in there.heard}
        assert not there.texts_of(LITIA)
        invited = {who for who, text in there.heard if "1" in text} - {JEAN}
        # At most the next one who fits hears of it, as everybody else did.
        assert len(invited) <= 1


def _told(values: dict[str, Any], part: str) -> dict[str, Any]:
    return {**values, part: NAME} if values.get(part) == "" else values


def planted(notices: Any, part: str) -> Any:
    """The same notices with the hidden name filled in: what a careless change would do."""
    if isinstance(notices, Notice):
        return replace(notices, values=_told(dict(notices.values), part))
    return [planted(one, part) for one in notices]


LEAKS: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "on the card that moderators and the network read": (flagging, "_name", lambda _real: lambda _work, _flag: NAME),
    "in an invitation": (assisting, "_invitations", lambda real: lambda *given: planted(real(*given), "name")),
    "on the card of the meeting": (
        assisting, "_meeting_card", lambda real: lambda *given, **more: planted(real(*given, **more), "asker"),
    ),
    "beside what the asker says": (
        assisting, "tell", lambda real: lambda *given: planted(real(*given), "name"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("where", LEAKS)
async def test_a_leak_would_be_seen(where: str, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name, leaking = LEAKS[where]
    monkeypatch.setattr(module, name, leaking(getattr(module, name)))
    async with town(sqlite_database) as there:
        mark(sqlite_database)
        play = await lives(there)
        assert play.leaks(NAME, LITIA)


async def test_invitations_count_like_offers(database: Database) -> None:
    async with town(database) as there:
        for number in range(1, 4):
            await there.step(LITIA, f"assist {HOW}")
            await there.step(LITIA, f"gather {number}")
            assert there.texts_of(SAMIRA)
        await there.step(LITIA, f"assist {HOW}")
        await there.step(LITIA, "gather 4")
        # Three a week are enough for everybody who fits.
        assert not there.texts_of(SAMIRA)
        await there.step(ELIF, "load")
        assert "Samira" not in there.texts_of(ELIF)


async def test_of_two_who_moderate_at_once_one_decides(database: Database) -> None:
    async with town(database) as there:
        grant(database, INGRID, "facilitator")
        for said in ("flag challenge Who pays for clearing debris after a cyclone?", "place 1 crisis", "submit 1"):
            await there.step(OUSMANE, said)
        assert {who for who, _ in there.heard} == {OUSMANE, ELIF, INGRID}
        other = House(Settings(_env_file=None), database=database, now=there.clock)
        there.heard.clear()
        await asyncio.gather(
            there.house.hear(there.wire.incoming(ELIF, text="approve 1")),
            other.hear(there.wire.incoming(INGRID, text="approve 1")),
        )
        await there.deliver_all()
        for reader in (SAMIRA, MARISOL):
            assert there.texts_of(reader).count("Who pays") == 1
        both = there.texts_of(ELIF) + there.texts_of(INGRID)
        assert both.count("is published already") == 1


async def test_of_six_who_come_at_once_five_are_in_and_it_begins_once(database: Database) -> None:
    async with town(database) as there:
        await there.step(LITIA, f"assist {HOW}")
        await there.step(LITIA, "gather 1")
        invited = [who for who, _ in there.heard if who != LITIA]
        assert len(invited) == 5
        other = House(Settings(_env_file=None), database=database, now=there.clock)
        there.heard.clear()
        houses = [there.house, other, there.house, other, there.house, other]
        await asyncio.gather(
            *(
                house.hear(there.wire.incoming(who, text="come 1"))
                for house, who in zip(houses, [*invited, invited[0]], strict=True)
            )
        )
        await there.deliver_all()
        assert there.texts_of(LITIA).count("What you write here goes to everybody below.") == 1
        with database.reading() as connection:
            replies = connection.execute(select(invitation.c.reply)).scalars().all()
            assert sorted(replies) == ["in"] * 5
            assert connection.execute(select(assist.c.state)).scalar_one() == "meeting"


PEOPLE = (LITIA, OUSMANE, SAMIRA, ELIF, PRAKASH, MARISOL, NADIRA, JEAN)
SAID = (
    "flag opportunity A donor would pay for clearing debris in small islands",
    f"assist {HOW}",
    *(f"{word} {{}}" for word in ("submit", "agree", "retract", "approve", "flag", "challenge", "rephrase")),
    *(f"{word} {{}} Some words." for word in ("rephrase", "reject", "react", "join", "tell", "conclude", "adopt")),
    *(f"{word} {{}}" for word in ("gather", "begin", "come", "skip", "notes", "circle", "disband", "give", "adopt")),
    "place {} disaster-risk",
    "flags",
    "assist",
)
STEPS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(SAID), st.integers(0, 1)), max_size=25)


FAILED = ("wrong on my side", "de mon côté", "falló por mi parte")
OF_ASSISTS = frozenset("gather begin come skip notes circle disband give adopt tell conclude".split())


@settings(
    max_examples=max(settings().max_examples // 4, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_whatever_anybody_does_the_flagger_and_the_asker_stay_hidden(
    steps: list[tuple[str, str, int]], sqlite_database: Database, tmp_path: Path
) -> None:
    """Litia never shows her name: nobody else ever reads it, and no turn fails."""
    # Each example begins with the migrated, empty file that the fixture made.
    path = tmp_path / f"{uuid4()}.db"
    shutil.copy(tmp_path / "test.db", path)
    database = Database(f"sqlite:///{path}")
    beginning = [SAID[0], "place {} disaster-risk", "submit {}", SAID[1], "gather {}"]
    async with town(database) as there:
        mark(database)
        play = Watched(there)
        for who, said, back in [*((LITIA, said, 0) for said in beginning), *steps]:
            of = assist if said.split()[0] in OF_ASSISTS else flag
            with database.reading() as connection:
                newest = connection.execute(select(func.max(of.c.id))).scalar() or 0
            await play(who, said.format(max(newest - back, 0)))
        assert play.leaks("Quillonia", LITIA) == []
        assert not [text for _, text in play.seen if any(words in text for words in FAILED)]
    database.close()
