"""Drafts, events, topics, imports and digests of others: whatever is typed at them, one that is there reads exactly as
one that is not."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from dialogs import turn  # noqa: F401 - fills the registry
from dialogs.commands import REGISTRY, Argument
from storage.database import Database
from storage.schema import digest, directory_import, network, person
from tests.chat.test_desk_commands import NOBODYS, typed
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA, Town, town

CLARISSE, HALIMA, RAFAEL = (
    f"{name}@sample.example" for name in ("clarisse.mbarga", "halima.souleymane", "rafael.nogueira")
)
OF_OTHERS = {Argument.DRAFT, Argument.EVENT, Argument.PROPOSAL, Argument.SOURCE, Argument.IMPORT}
DIGEST = ("show", "approve", "preview", "pick", "drop", "recall", "edit")


async def _all_of_it(there: Town) -> None:
    """Number 1 of each is there: of the Mine Action network, or nobody's but its maker's."""
    question = "How do we hand over a demining dog team to a national authority at the end of a project?"
    for key, said in (
        (LITIA, f"ask {question}"),
        (LITIA, "send 1"),
        (OUSMANE, "accept 1"),
        (OUSMANE, "answer 1 Begin a year before the end, with the salaries."),
        (LITIA, "solved 1"),
        (SAMIRA, "event webinar on dogs, 3 April 2026 15:00 Amman time, 60 min, for the mine action network"),
        (LITIA, "propose topic Seawalls or mangroves?"),
        (INGRID, "grant facilitator of Sahel to Clarisse"),
    ):
        await there.step(key, said)
    await there.later(timedelta(hours=1))
    with there.database.begin() as connection:
        ingrid = connection.execute(select(person.c.id).where(person.c.key == INGRID)).scalar_one()
        mines = connection.execute(select(network.c.id).where(network.c.key == "mine-action")).scalar_one()
        now = there.clock.at
        told = {"files": ["people.csv"], "trouble": "", "kinds": {}}
        row = {"by_id": ingrid, "state": "planned", "rows": 3, "counts": told, "examples": [], "problems": []}
        more = {"more_problems": False, "leavers": False, "started_at": now, "changed_at": now}
        connection.execute(insert(directory_import).values(**row, **more))
        made = {"network_id": mines, "week": "2026-W09", "state": "draft", "version": 1, "created_at": now}
        connection.execute(insert(digest).values(**made, picks=[]))


async def _read(there: Town, key: str, line: str) -> str:
    """What they are told, as if the number of nothing were 1."""
    await there.step(key, line)
    assert {who for who, _ in there.heard} <= {key}, (line, there.heard)
    return there.texts_of(key).replace(str(NOBODYS), "1")


async def test_all_of_it_is_there_for_whose_it_is(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        for key, said in (
            (LITIA, "show draft 1"),
            (SAMIRA, "event 1"),
            (LITIA, "lodge 1"),
            (INGRID, "import 1"),
            (SAMIRA, "digest show 1"),
        ):
            assert await _read(there, key, said) != await _read(there, key, said.replace("1", str(NOBODYS))), said


@pytest.mark.parametrize("key", [CLARISSE, HALIMA, RAFAEL])
async def test_what_is_of_others_reads_as_what_is_not_there(sqlite_database: Database, key: str) -> None:
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        commands = [one for one in REGISTRY.values() if one.arguments and one.arguments[0] in OF_OTHERS]
        # Of the KM team of everywhere nothing of a place is kept: for them only what is somebody's own.
        own = {Argument.IMPORT, Argument.PROPOSAL, Argument.SOURCE}
        for command in commands:
            if key == RAFAEL and command.arguments[0] not in own:
                continue
            there_is = await _read(there, key, typed(command, 1))
            there_is_none = await _read(there, key, typed(command, NOBODYS))
            assert there_is == there_is_none, command.name


@pytest.mark.parametrize("verb", DIGEST)
async def test_a_digest_of_another_network_reads_as_none(sqlite_database: Database, verb: str) -> None:
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        for key in (CLARISSE, HALIMA, ELIF):
            answers = [await _read(there, key, f"digest {verb} {number}") for number in (1, NOBODYS)]
            assert answers[0] == answers[1], (key, answers)
