"""Every command that takes a role is shown in a transcript by somebody who has it, by a moderator and by a member."""

import csv
from collections.abc import Mapping
from functools import cache

import pytest

import dialogs.turn  # noqa: F401 - fills the registry
from dialogs.commands import REGISTRY, Command, opens
from knowledge.people import DESK, Role
from knowledge.places import LANGUAGES
from tests.chat.script import read
from tests.house.running import ROOT

FOLDERS = {"en": "", "fr": "french", "es": "spanish"}
WITH_A_ROLE = [one for one in REGISTRY.values() if one.strict and one.roles <= DESK | {Role.MODERATOR}]


def _roles() -> Mapping[str, frozenset[Role]]:
    """What each person of the sample community is, anywhere; what a transcript grants besides does not count."""
    with (ROOT / "samples" / "community" / "people.csv").open(encoding="utf-8") as file:
        return {
            row["email"]: frozenset(Role(each.partition(":")[0]) for each in row["roles"].split("|") if each)
            for row in csv.DictReader(file)
        }


@cache
def _typed(language: str) -> Mapping[str, frozenset[frozenset[Role]]]:
    """By command, the roles of whoever types it in a transcript of that language's folder."""
    roles = _roles()
    typed: dict[str, set[frozenset[Role]]] = {}
    for path in sorted((ROOT / "tests" / "transcripts" / FOLDERS[language]).glob("*.chat")):
        script = read(path)
        for step in script.steps:
            command, _ = opens(step.said or "")
            if command is not None:
                typed.setdefault(command.name, set()).add(roles[script.people[step.name]] - {Role.EXPERT})
    return {name: frozenset(found) for name, found in typed.items()}


def lacking(command: Command, typed: frozenset[frozenset[Role]]) -> list[str]:
    """Whom no transcript shows with it."""
    shown = {
        "somebody with the role": any(command.roles & roles for roles in typed),
        "a moderator": frozenset({Role.MODERATOR}) in typed,
        "a member": frozenset() in typed,
    }
    return [who for who, there in shown.items() if not there]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_typed_by_whoever_may_by_a_moderator_and_by_a_member(language: str) -> None:
    typed = _typed(language)
    missing = {one.name: lacking(one, typed.get(one.name, frozenset())) for one in WITH_A_ROLE}
    assert {name: who for name, who in missing.items() if who} == {}


def test_what_is_missing_is_named() -> None:
    queue = REGISTRY["queue"]
    assert lacking(queue, frozenset({frozenset({Role.FACILITATOR})})) == ["a moderator", "a member"]
    assert lacking(queue, frozenset({frozenset()})) == ["somebody with the role", "a moderator"]
