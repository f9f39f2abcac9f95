"""Knowledge items, drafts, events, topics, imports and digests of others: whatever is typed at them, one that is there
reads exactly as one that is not."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from dialogs import turn  # noqa: F401 - fills the registry
from dialogs.commands import REGISTRY, Argument, Command
from knowledge import draft as drafts
from knowledge import item as items
from knowledge.places import Audience
from storage.database import Database
from storage.schema import digest, directory_import, draft, draft_voice, item, network, person
from tests.chat.test_desk_commands import CAMILA, NOBODYS, typed
from tests.chat.town import ELIF, INGRID, LITIA, OUSMANE, SAMIRA, SOMEBODY_KNOWS, Town, town

CLARISSE, HALIMA, RAFAEL, BJARNE = (
    f"{name}@sample.example" for name in ("clarisse.mbarga", "halima.souleymane", "rafael.nogueira", "bjarne.holm")
)
STRANGERS = (CLARISSE, HALIMA, CAMILA, BJARNE)
"""To the Mine Action network: a facilitator and a moderator elsewhere, and members; of each language one."""
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


async def _read(there: Town, key: str, line: str, number: int = 1) -> str:
    """What they are told, as if the number of nothing were this one."""
    await there.step(key, line)
    assert {who for who, _ in there.heard} <= {key}, (line, there.heard)
    return there.texts_of(key).replace(str(NOBODYS), str(number))


def _taking(argument: Argument) -> list[Command]:
    return [one for one in REGISTRY.values() if one.arguments and one.arguments[0] is argument]


def _hidden(there: Town) -> list[int]:
    """Items of the Mine Action network alone, in every state there is; merged into one like them, and into one that all
    of UNDP reads. The last is of the Sahel, for its desk."""
    with there.database.begin() as connection:
        networks = {row.key: row.id for row in connection.execute(select(network.c.key, network.c.id))}
        numbers = list(connection.execute(select(item.c.id).order_by(item.c.id).limit(7)).scalars())
        mines = {"audience": Audience.SUB_NETWORK, "network_id": networks["mine-action"]}
        retired = {**mines, "state": items.State.RETIRED}
        *hidden, wide, sahel = numbers
        told = [mines, {**mines, "state": items.State.STALE}, retired]
        told += [{**retired, "replaced_by_id": other} for other in (hidden[0], wide)]
        for number, one in zip(hidden, told, strict=True):
            place = {"place_id": networks["mine-action"]}
            connection.execute(update(item).where(item.c.id == number).values(**one, **place))
        connection.execute(update(item).where(item.c.id == wide).values(audience=Audience.UNDP))
        of_sahel = {"audience": Audience.SUB_NETWORK, "network_id": networks["sahel"], "place_id": networks["sahel"]}
        connection.execute(update(item).where(item.c.id == sahel).values(**of_sahel))
    return [*hidden, sahel]


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


@pytest.mark.parametrize("key", STRANGERS)
async def test_a_draft_of_others_reads_as_none_wherever_it_stands(sqlite_database: Database, key: str) -> None:
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        for state in drafts.State:
            with there.database.begin() as connection:
                connection.execute(update(draft).values(state=state))
            for command in _taking(Argument.DRAFT):
                answers = [await _read(there, key, typed(command, number)) for number in (1, NOBODYS)]
                assert answers[0] == answers[1], (command.name, state)


async def test_a_draft_with_ones_own_words_reads_as_none_to_whoever_would_decide_on_it(
    sqlite_database: Database,
) -> None:
    """Until they are asked: that it is there would tell which question was solved."""
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        with there.database.begin() as connection:
            samira = connection.execute(select(person.c.id).where(person.c.key == SAMIRA)).scalar_one()
            connection.execute(update(draft).values(state=drafts.State.DRAFTED))
            connection.execute(update(draft_voice).where(draft_voice.c.number == 1).values(person_id=samira))
        for command in _taking(Argument.DRAFT):
            answers = [await _read(there, SAMIRA, typed(command, number)) for number in (1, NOBODYS)]
            assert answers[0] == answers[1], command.name


@pytest.mark.parametrize("key", STRANGERS)
async def test_an_item_of_others_reads_as_none_wherever_it_stands(sqlite_database: Database, key: str) -> None:
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        *hidden, of_sahel = _hidden(there)
        await there.step(key, f"ask {SOMEBODY_KNOWS}")
        question = next(line.split()[1] for line in there.lines[key] if line.startswith("send "))
        for number in hidden:
            for command in _taking(Argument.ITEM):
                answers = [await _read(there, key, typed(command, one), number) for one in (number, NOBODYS)]
                assert answers[0] == answers[1], (command.name, number)
            for line in (f"settle {question}", f"merge item {of_sahel}"):
                answers = [await _read(there, key, f"{line} {one}", number) for one in (number, NOBODYS)]
                assert answers[0] == answers[1], (line, number)


async def test_those_items_are_there_for_whose_they_are(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _all_of_it(there)
        *hidden, of_sahel = _hidden(there)
        read, stale, retired, merged, widened = hidden
        for key, said in (
            *((SAMIRA, f"read {number}") for number in (read, stale, merged, widened)),
            *((SAMIRA, f"still right {number}") for number in (read, stale, retired)),
            (CLARISSE, f"still right {of_sahel}"),
        ):
            number = int(said.split()[-1])
            assert await _read(there, key, said) != await _read(there, key, said.replace(f"{number}", f"{NOBODYS}"))
