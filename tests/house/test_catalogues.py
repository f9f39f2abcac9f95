"""The three catalogues say the same things, and say everything the code asks of them."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from string import Formatter

import pytest
from babel.messages.plurals import get_plural

import dialogs.turn  # noqa: F401 - fills the registry
from dialogs.commands import REGISTRY, Argument, Group
from dialogs.wording import catalogue
from knowledge.places import LANGUAGES, REGIONS, Audience
from knowledge.question import Outcome, State
from tests.house.running import ROOT

FLOORS = ("bot", "dialogs", "house", "knowledge", "storage")
TRANSLATIONS = sorted(set(LANGUAGES) - {"en"})
TEXTS = {language: catalogue(language) for language in LANGUAGES}
FILES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for floor in FLOORS
    for path in sorted((ROOT / floor).rglob("*.py"))
}


@dataclass(frozen=True)
class Asked:
    """One sentence that code asks for. `key` has a * for each part known only when it runs.

    `filled` are the blanks it fills, None when those too are known only then.
    """

    where: str
    key: str
    filled: frozenset[str] | None


def forms(text: object) -> list[str]:
    """A sentence's forms: one, or one for each plural."""
    return list(text) if isinstance(text, list | tuple) else [str(text)]


def blanks(sentence: str) -> set[str]:
    """The names in braces. Raises ValueError where braces do not pair."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def keys_of(node: ast.expr) -> Iterator[str]:
    """Each key an expression may stand for; none when nothing of it is written there."""
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.IfExp(body=body, orelse=orelse):
            yield from keys_of(body)
            yield from keys_of(orelse)
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts)


def calls(source: str, name: str = "") -> Iterator[tuple[str, str, ast.Call]]:
    """Each call, with the name of what is called and of the object it is called on ("" for none)."""
    for node in ast.walk(ast.parse(source, name)):
        match node:
            case ast.Call(func=ast.Name(id=called)):
                yield called, "", node
            case ast.Call(func=ast.Attribute(attr=called, value=ast.Name(id=owner) | ast.Attribute(attr=owner))):
                yield called, owner, node


def filled_by(call: ast.Call) -> frozenset[str] | None:
    names = [keyword.arg for keyword in call.keywords]
    return None if None in names else frozenset(name for name in names if name)


def asked_in(source: str, file: str, worded: frozenset[str] = frozenset()) -> Iterator[Asked]:
    """What one module asks of the catalogues. `worded` are the notices that a composer words, not a sentence."""
    for called, owner, call in calls(source, file):
        where, filled = f"{file}:{call.lineno}", filled_by(call)
        first = call.args[0] if call.args else None
        if called == "say" and first:
            yield from (Asked(where, key, filled) for key in keys_of(first))
        elif called == "count" and owner == "say" and first:
            # `count` fills {number} itself.
            counted = None if filled is None else filled | {"number"}
            yield from (Asked(where, key, counted) for key in keys_of(first))
        elif called == "Refusal" and first:
            yield from (Asked(where, f"refusal.{key}", filled) for key in keys_of(first))
        elif called == "Notice" and len(call.args) > 1:
            yield from (Asked(where, key, None) for key in keys_of(call.args[1]) if key not in worded)


def everything_asked() -> list[Asked]:
    worded = frozenset(
        key
        for file, source in FILES.items()
        for called, _, call in calls(source, file)
        if called == "words_for"
        for argument in call.args
        for key in keys_of(argument)
    )
    return [asked for file, source in FILES.items() for asked in asked_in(source, file, worded)]


def unknown(asked: list[Asked], texts: Mapping[str, object]) -> list[str]:
    """Where a key is asked for that no catalogue has; of a key with open parts, one that fits is enough."""
    return [
        f"{one.where}: {one.key}"
        for one in asked
        if not any(re.fullmatch(re.escape(one.key).replace(r"\*", ".+"), key) for key in texts)
    ]


def unfilled(asked: list[Asked], texts: Mapping[str, object]) -> list[str]:
    """Where a sentence would be said with a blank left open."""
    return [
        f"{one.where}: {one.key} {{{name}}}"
        for one in asked
        if one.filled is not None and one.key in texts
        for name in sorted(set().union(*map(blanks, forms(texts[one.key]))) - one.filled)
    ]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_language_has_the_same_keys(language: str) -> None:
    assert sorted(TEXTS[language]) == sorted(TEXTS["en"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_missing_in_any_of_its_plurals(language: str) -> None:
    plurals = get_plural(language).num_plurals
    lacking = [
        key
        for key, text in TEXTS[language].items()
        if not all(form.strip() for form in forms(text))
        or len(forms(text)) != (1 if isinstance(TEXTS["en"].get(key), str) else plurals)
    ]
    assert lacking == []


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_language_has_the_same_blanks(language: str) -> None:
    def named(texts: Mapping[str, object], key: str) -> set[str]:
        return set().union(*map(blanks, forms(texts[key])))

    shared = TEXTS[language].keys() & TEXTS["en"].keys()
    different = {
        key: (named(TEXTS["en"], key), named(TEXTS[language], key))
        for key in shared
        if named(TEXTS["en"], key) != named(TEXTS[language], key)
    }
    assert different == {}


def test_no_french_line_breaks_before_a_sign_or_within_quotation_marks() -> None:
    broken = re.compile("« | [;:!?%»]")
    assert [key for key, text in TEXTS["fr"].items() for form in forms(text) if broken.search(form)] == []


def test_every_sentence_the_code_asks_for_exists() -> None:
    assert unknown(everything_asked(), TEXTS["en"]) == []


def test_every_sentence_the_code_asks_for_has_its_blanks_filled() -> None:
    assert unfilled(everything_asked(), TEXTS["en"]) == []


@pytest.mark.parametrize(
    ("family", "members"),
    [
        ("argument", [argument.value for argument in Argument]),
        ("audience", [audience.word for audience in Audience]),
        ("card", [state for state in State if state is not State.CLOSED]),
        ("card", [f"closed_{outcome}" for outcome in Outcome]),
        ("closed", list(Outcome)),
        ("help", list(REGISTRY)),
        ("help", [f"title_{group}" for group in Group if group is not Group.EVERYBODY]),
        ("button", [f"help_{group}" for group in Group]),
        ("language", list(LANGUAGES)),
        ("outcome", list(Outcome)),
        ("region", list(REGIONS)),
        ("state", list(State)),
    ],
)
def test_every_member_of_a_family_has_its_sentence(family: str, members: list[str]) -> None:
    assert members
    assert [f"{family}.{member}" for member in members if f"{family}.{member}" not in TEXTS["en"]] == []


def test_the_code_is_looked_through() -> None:
    asked = {one.key for one in everything_asked()}
    assert {"preview.to", "refusal.people.unknown", "list.text", "state.*"} <= asked


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('say("here.not")', "here.not"),
        ('words.say("here.fine" if late else "here.not", who=name)', "here.not"),
        ('say(f"nowhere.{state}")', "nowhere.*"),
        ('say.count("here.not", 3)', "here.not"),
        ('Refusal("not_now", question=1)', "refusal.not_now"),
        ('Notice(person.id, "here.not", {})', "here.not"),
        ('say("here.fine")', "here.fine {who}"),
        ('say("here.fine", **values)', ""),
        ('say("here.fine", who=name)', ""),
        ('say(f"here.{state}")', ""),
        ('Notice(person.id, "here.worded", {})', ""),
    ],
)
def test_a_missing_sentence_or_blank_is_named_with_its_line(line: str, found: str) -> None:
    texts = {"here.fine": "{who} has it."}
    asked = list(asked_in(f"\n{line}", "room.py", frozenset({"here.worded"})))
    assert unknown(asked, texts) + unfilled(asked, texts) == ([f"room.py:2: {found}"] if found else [])
