"""Every command that takes a role is shown in a transcript by somebody who has it, by a moderator and by a member; what
belongs to a place also by a facilitator there, and refused to who moderates another network."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

import dialogs.turn  # noqa: F401 - fills the registry
from dialogs.commands import NUMBERS, REGISTRY, Argument, Command, opens
from dialogs.digesting import verb_of
from dialogs.wording import catalogue
from knowledge.people import DESK, Role
from knowledge.places import LANGUAGES
from tests.chat.script import read
from tests.house.running import ROOT

FOLDERS = {"en": "", "fr": "french", "es": "spanish"}
WITH_A_ROLE = [one for one in REGISTRY.values() if one.strict and one.roles <= DESK | {Role.MODERATOR}]
OF_A_PLACE = [
    one
    for one in WITH_A_ROLE
    if Role.MODERATOR in one.roles and set(one.arguments[:1]) & (NUMBERS | {Argument.NETWORK})
]
"""What moderators do with a network, or with something that lies in one."""
OPEN_TO_ALL = (
    *("change event", "move event", "cancel event", "restore event", "event notes", "recording"),
    *("show draft", "still right", "edit item", "retire item"),
    *(f"digest {verb}" for verb in ("begin", "show", "pick", "drop", "move", "words", "title", "summary")),
    *(f"digest {verb}" for verb in ("preview", "approve", "recall")),
)
"""What needs no role by itself, and one in its place where it is nobody's own."""
IN_A_CHANNEL = {"home"}
"""Heard in a network's channel alone, and answered in private by how that is done."""
ANSWERED_ELSEWHERE = {"comments"}
"""Shown where a closed survey has ten comments, more than a transcript tells: tests/measurement/test_told.py."""
MODERATOR, MEMBER = frozenset({Role.MODERATOR}), frozenset[Role]()


@dataclass(frozen=True, slots=True)
class Typed:
    """That somebody types a command in a transcript: the roles they have anywhere, and whether they are refused."""

    roles: frozenset[Role]
    refused: bool


def _roles() -> Mapping[str, frozenset[Role]]:
    """What each person of the sample community is, anywhere; what a transcript grants besides does not count."""
    with (ROOT / "samples" / "community" / "people.csv").open(encoding="utf-8") as file:
        return {
            row["email"]: frozenset(Role(each.partition(":")[0]) for each in row["roles"].split("|") if each)
            for row in csv.DictReader(file)
        }


@cache
def _refusals() -> re.Pattern[str]:
    """What a refusal reads like, in any language: in a transcript many read their own."""
    said = [
        re.sub(r"\\\{\w+\\\}", ".+", re.escape(_spaced(text)))
        for language in LANGUAGES
        for key, text in catalogue(language).items()
        if key.startswith("refusal.") and isinstance(text, str)
    ]
    return re.compile("|".join(said))


def _spaced(text: str) -> str:
    return re.sub(r"\s", " ", text)


def is_refusal(text: str) -> bool:
    return _refusals().fullmatch(_spaced(text.partition("\n")[0])) is not None


def _named(line: str) -> Iterator[str]:
    """The command of a line and, of the weekly top 5, what is done with it."""
    command, rest = opens(line)
    if command is not None:
        yield command.name
        verb = verb_of(rest) if command.name == "digest" else None
        if verb is not None:
            yield f"digest {verb}"


@cache
def _typed(language: str) -> Mapping[str, frozenset[Typed]]:
    """By command, who types it in a transcript of that language's folder."""
    roles = _roles()
    typed: dict[str, set[Typed]] = {}
    for path in sorted((ROOT / "tests" / "transcripts" / FOLDERS[language]).glob("*.chat")):
        script = read(path)
        for step in script.steps:
            for name in _named(step.said or ""):
                told = [one.text for one in step.expected if one.name == step.name]
                refused = any(is_refusal(text) for text in told)
                who = roles[script.people[step.name]] - {Role.EXPERT}
                typed.setdefault(name, set()).add(Typed(who, refused))
    return {name: frozenset(found) for name, found in typed.items()}


def lacking(command: Command, typed: frozenset[Typed]) -> list[str]:
    """Whom no transcript shows with it."""
    there = {one.roles for one in typed}
    shown = {
        "somebody with the role": any(command.roles & roles for roles in there),
        "a moderator": MODERATOR in there,
        "a member": MEMBER in there,
        "a facilitator who may": Role.FACILITATOR not in command.roles
        or command.name in ANSWERED_ELSEWHERE
        or _done(typed),
        "a moderator of another network": command not in OF_A_PLACE
        or command.name in IN_A_CHANNEL
        or Typed(MODERATOR, True) in typed,
    }
    return [who for who, is_there in shown.items() if not is_there]


def _done(typed: frozenset[Typed]) -> bool:
    return any(Role.FACILITATOR in one.roles and not one.refused for one in typed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_typed_by_whoever_may_by_a_moderator_and_by_a_member(language: str) -> None:
    typed = _typed(language)
    missing = {one.name: lacking(one, typed.get(one.name, frozenset())) for one in WITH_A_ROLE}
    assert {name: who for name, who in missing.items() if who} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OPEN_TO_ALL)
def test_what_is_looked_after_in_a_place_is_done_by_its_facilitator_and_refused_to_others(
    language: str, name: str
) -> None:
    typed = _typed(language)[name]
    assert _done(typed)
    assert Typed(MODERATOR, True) in typed
    assert Typed(MEMBER, True) in typed


def test_what_is_missing_is_named() -> None:
    facilitator = Typed(frozenset({Role.FACILITATOR}), False)
    assert lacking(REGISTRY["summary"], frozenset({facilitator})) == ["a moderator", "a member"]
    assert lacking(REGISTRY["summary"], frozenset({Typed(MEMBER, True)})) == [
        "somebody with the role", "a moderator", "a facilitator who may",
    ]  # fmt: skip
    moderated = frozenset({facilitator, Typed(MODERATOR, False), Typed(MEMBER, True)})
    assert lacking(REGISTRY["approve event"], moderated) == ["a moderator of another network"]
    refused = frozenset({Typed(facilitator.roles, True), Typed(MODERATOR, True), Typed(MEMBER, True)})
    assert lacking(REGISTRY["approve event"], refused) == ["a facilitator who may"]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("There is no event 1 that you can do this with.", True),
        ("Je ne connais pas la langue « xx ». Écrivez son nom, ou deux lettres comme fr.", True),
        ("No hay un boletín 1 con el que pueda hacer esto.", True),
        ("Event 1, to decide on\nThere is no event 2 that you can do this with.", False),
        ("There is more below.", False),
    ],
)
def test_a_refusal_is_told_from_an_answer(text: str, refused: bool) -> None:
    assert is_refusal(text) is refused
