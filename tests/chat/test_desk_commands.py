"""Every command of the desk, whichever there are: to a member a word nobody knows, and to somebody of another
place alike whether the thing exists or not."""

import pytest
from sqlalchemy import insert, select, update

from dialogs import turn  # noqa: F401 - fills the registry
from dialogs.commands import NUMBERS, REGISTRY, Argument, Command
from dialogs.wording import say_in
from knowledge.people import DESK, Role
from knowledge.places import LANGUAGES
from storage.database import Database
from storage.schema import network, person, question, role_grant, work_item
from tests.chat.town import INGRID, LITIA, NOBODY_KNOWS, SOMEBODY_KNOWS, Town, town

CAMILA, CLARISSE, HALIMA = (
    f"{name}@sample.example" for name in ("camila.ortega", "clarisse.mbarga", "halima.souleymane")
)
LOOKING_AFTER = DESK | {Role.MODERATOR}
STRICT = [one for one in REGISTRY.values() if one.strict and one.roles <= LOOKING_AFTER]
NOBODYS = 7777
"""The number of nothing."""
PRIVATE = {Argument.QUESTION, Argument.FLAG, Argument.ASSIST, Argument.WORK_ITEM}
"""What a desk elsewhere must not learn of; number 1 of each is there in the test, elsewhere."""
SAID = {
    Argument.WHO: "Halima",
    Argument.NETWORK: "Sahel",
    Argument.ROLE: "moderator of Sahel to Halima",
    Argument.MONTH: "2026-01",
    Argument.DAYS: "7",
}
"""What is typed for an argument; for any other that is no number, a word that says nothing."""


def typed(command: Command, number: int) -> str:
    """The line with every argument: `number` for the first that is one, 1 for others."""
    parts = [command.name]
    for argument in command.arguments:
        parts.append(str(number) if argument in NUMBERS else SAID.get(argument, "word"))
        number = 1 if argument in NUMBERS else number
    return " ".join(parts)


async def _elsewhere(there: Town) -> None:
    """Clarisse looks after the Sahel; one of everything private lies with another network, and is hers in no way."""
    for number, text in enumerate((NOBODY_KNOWS, SOMEBODY_KNOWS), 1):
        await there.step(LITIA, f"ask {text}")
        await there.step(LITIA, f"send {number}")
    for said in ("flag challenge Stoves that smoke", "place 1 Crisis", "submit 1", "assist Stoves that smoke, again"):
        await there.step(LITIA, said)
    with there.database.begin() as connection:
        networks = {row.key: row.id for row in connection.execute(select(network.c.key, network.c.id))}
        away = next(number for key, number in networks.items() if "crisis" in key)
        people = {row.key: row.id for row in connection.execute(select(person.c.key, person.c.id))}
        connection.execute(update(question).values(network_id=away))
        mine = {"person_id": people[CLARISSE], "network_id": networks["sahel"]}
        connection.execute(role_grant.delete().where(role_grant.c.person_id == people[CLARISSE]))
        for role in (Role.FACILITATOR, Role.MODERATOR):
            connection.execute(insert(role_grant).values(role=role.value, **mine))
        row = {"cause": "rejected_import", "key": "events.csv", "network_id": away, "topic": "", "state": "open"}
        told = {"file": "events.csv", "errors": 2}
        connection.execute(insert(work_item).values(**row, told=told, raised_at=there.clock.at, version=1))


def test_there_are_commands_of_the_desk_for_this_to_try() -> None:
    assert {"queue", "show", "assign", "route", "merge", "note", "close", "undo", "grant", "tasks", "done"} <= {
        one.name for one in STRICT
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", STRICT, ids=lambda one: one.name)
def test_each_says_in_three_languages_how_it_is_used(command: Command, language: str) -> None:
    if not command.arguments or not command.listed:
        return
    text = " ".join(say_in(language)(f"help.{command.name}").split())
    # Behind a colon, or in the quotation marks of the language.
    shown = [f"{before}{word}" for word in command.words[language] for before in (": ", "“", "« ", "«")]
    assert any(one in text for one in shown), text


async def test_a_member_is_told_that_no_such_word_is_known_whatever_there_is(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _elsewhere(there)
        for command in STRICT:
            for number in (1, NOBODYS):
                await there.step(HALIMA, typed(command, number))
                told = there.texts_of(HALIMA)
                word = command.words["fr"][0] if "«" in told else command.words["en"][0]
                assert told.startswith(("Je ne connais pas «", "I do not know “")), (command.name, told)
                assert word in told, (command.name, told)
                assert len(there.heard) == 1, (command.name, there.heard)


async def test_somebody_of_another_place_cannot_tell_what_exists_from_what_does_not(sqlite_database: Database) -> None:
    async with town(sqlite_database) as there:
        await _elsewhere(there)
        for command in STRICT:
            if not command.arguments or command.arguments[0] not in PRIVATE:
                continue
            answers = []
            for number in (1, NOBODYS):
                await there.step(CLARISSE, typed(command, number))
                told = there.texts_of(CLARISSE)
                assert {key for key, _ in there.heard} <= {CLARISSE}, (command.name, there.heard)
                answers.append(told.replace(str(number), "N"))
            assert answers[0] == answers[1], command.name
            assert "N" in answers[0] or "connais pas" in answers[0], (command.name, answers)


@pytest.mark.parametrize("line", ["audit litia", "import undo", "status everything", "voices please"])
async def test_words_where_a_number_belongs_are_not_taken_for_nothing(sqlite_database: Database, line: str) -> None:
    async with town(sqlite_database) as there:
        await there.step(INGRID, line)
        assert f"what stands behind that word. Write it like this: {line.split()[0]} [<" in there.texts_of(INGRID)
