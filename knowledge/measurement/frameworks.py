"""The measurement framework, as data that the KM team may change: one file of `framework/` for each version."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from knowledge.measurement.figures import FORMULAS
from knowledge.places import LANGUAGES
from knowledge.survey import POINTS

FOLDER = Path(__file__).with_name("framework")
SOURCES = frozenset({"survey", "evaluation", "interview", "system"})
"""What the source text allows as evidence."""
UNITS = frozenset({"share", "hours", "minutes", "people", "items", "groups"})
BESIDE = frozenset({"response_rate", "leaks"})
"""What a target may be of that is no indicator."""

Words = Mapping[str, str]
"""By language; all of `LANGUAGES` are there."""


@dataclass(frozen=True, slots=True)
class Domain:
    """`definition` says how its index is made."""

    key: str
    name: Words
    definition: Words
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One item. `source` is the wording of the proposal, `statement` what members are asked to agree with, `follow_up`
    the question behind it, `indicators` what is counted beside it, `sources` where evidence may come from."""

    item: str
    source: str
    name: Words
    statement: Words
    follow_up: Words
    indicators: tuple[str, ...]
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Indicator:
    """Something read from activity. `better` is "up" or "down"; `formula` names its figure
    (`knowledge.measurement.figures`), `definition` says in words what that is."""

    key: str
    name: Words
    unit: str
    better: str
    formula: str
    definition: Words


@dataclass(frozen=True, slots=True)
class Target:
    """Promised before the launch: `of` an indicator, or of one of `BESIDE`; `least` or `most` so much, or above what
    chance would give."""

    of: str
    least: float | None = None
    most: float | None = None
    above_random: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of the framework. `scale` are the five labels in English, from 1 to 5; other languages word them in
    their catalogue. `event` is what whoever was at an event is asked to agree with, on the same scale."""

    version: str
    scale: tuple[str, ...]
    domains: tuple[Domain, ...]
    statements: Mapping[str, Statement]
    indicators: Mapping[str, Indicator]
    targets: tuple[Target, ...]
    event: Words


@dataclass(frozen=True, slots=True)
class Frameworks:
    """The newest edition is in force; the others explain older surveys."""

    editions: Mapping[str, Edition]
    version: str

    @property
    def current(self) -> Edition:
        return self.editions[self.version]

    @property
    def items(self) -> Sequence[str]:
        return list(self.current.statements)

    def edition(self, version: str) -> Edition:
        """Raises KeyError for a version that is not here."""
        return self.editions[version]

    def statement(self, version: str, item: str) -> Words:
        """Raises KeyError for a version that is not here: other words would be another statement."""
        return self.editions[version].statements[item].statement


@cache
def frameworks(folder: Path = FOLDER) -> Frameworks:
    """Every edition of a folder. Raises ValueError, naming file and key, for what is missing or does not fit."""
    editions = [_edition(path) for path in sorted(folder.glob("*.toml"))]
    if not editions:
        raise ValueError(f"{folder.name} holds no version of the framework")
    newest = max(editions, key=lambda one: [int(part) for part in one.version.split(".")])
    return Frameworks({one.version: one for one in editions}, newest.version)


def _edition(path: Path) -> Edition:
    read = tomllib.loads(path.read_text(encoding="utf-8"))
    take = _Taker(path.name)
    version = take.text(read, "version")
    if version != path.stem or not all(part.isdecimal() for part in version.split(".")):
        raise ValueError(f"{path.name}: version is {version!r}, and should be the file's name, as 2 or 2.1")
    scale = tuple(read.get("scale", ()))
    if len(scale) != len(POINTS):
        raise ValueError(f"{path.name}: the scale has {len(POINTS)} labelled points")
    indicators = {key: _indicator(take, key, one) for key, one in read.get("indicator", {}).items()}
    statements = {key: _statement(take, key, one) for key, one in read.get("item", {}).items()}
    domains = tuple(
        Domain(key, take.words(one, "name", key), take.words(one, "definition", key), tuple(one.get("items", ())))
        for key, one in read.get("domain", {}).items()
    )
    named = [item for one in domains for item in one.items]
    if sorted(named) != sorted(statements):
        raise ValueError(f"{path.name}: each item belongs to one domain, and each domain's items are there")
    for one in statements.values():
        unknown = set(one.indicators) - indicators.keys()
        if unknown:
            raise ValueError(f"{path.name}: {one.item} names indicators that are not there: {sorted(unknown)}")
    targets = tuple(
        Target(take.text(one, "of"), one.get("least"), one.get("most"), bool(one.get("above_random")))
        for one in read.get("target", ())
    )
    for target in targets:
        wanted = (target.least is not None) + (target.most is not None) + target.above_random
        if target.of not in {*indicators, *BESIDE} or wanted != 1:
            raise ValueError(f"{path.name}: the target of {target.of} is of an indicator, with least or most")
    event = take.words(read.get("event", {}), "statement", "event")
    return Edition(version, scale, domains, statements, indicators, targets, event)


def _statement(take: "_Taker", key: str, one: Mapping[str, Any]) -> Statement:
    sources = frozenset(one.get("sources", ()))
    if not sources or sources - SOURCES:
        raise ValueError(f"{take.name}: {key}.sources are some of {', '.join(sorted(SOURCES))}")
    return Statement(
        item=key,
        source=take.text(one, "source", key),
        name=take.words(one, "name", key),
        statement=take.words(one, "statement", key),
        follow_up=take.words(one, "follow_up", key),
        indicators=tuple(one.get("indicators", ())),
        sources=sources,
    )


def _indicator(take: "_Taker", key: str, one: Mapping[str, Any]) -> Indicator:
    unit, better = take.text(one, "unit", key), take.text(one, "direction", key)
    if unit not in UNITS or better not in ("up", "down"):
        raise ValueError(f"{take.name}: {key} has a unit of {', '.join(sorted(UNITS))} and the direction up or down")
    formula = take.text(one, "formula", key)
    if formula not in FORMULAS:
        raise ValueError(f"{take.name}: {key} has a formula that is not there: {formula!r}")
    return Indicator(key, take.words(one, "name", key), unit, better, formula, take.words(one, "definition", key))


@dataclass(frozen=True, slots=True)
class _Taker:
    """Takes what must be there out of a file of that name."""

    name: str

    def text(self, of: Mapping[str, Any], key: str, where: str = "") -> str:
        found = of.get(key)
        if not isinstance(found, str) or not found.strip():
            raise ValueError(f"{self.name}: {'.'.join(filter(None, (where, key)))} is missing")
        return found

    def words(self, of: Mapping[str, Any], key: str, where: str) -> Words:
        found = of.get(key, {})
        if not isinstance(found, dict) or not all(str(found.get(language, "")).strip() for language in LANGUAGES):
            raise ValueError(f"{self.name}: {where}.{key} is not worded in {', '.join(LANGUAGES)}")
        return {language: str(found[language]) for language in LANGUAGES}
