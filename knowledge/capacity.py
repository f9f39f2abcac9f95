"""The capacity map: how many experts there are for a topic in a region and a language, and how much more they may be
asked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from knowledge.load import NOTHING, WEEK, Allowance, Carried
from knowledge.people import DESK, Person, Role
from knowledge.ports import Work


@dataclass(frozen=True, slots=True)
class Cell:
    """`people` experts, of whom `free` may be asked once more this week; `minutes` are what is left of their shares of
    the week, all together. `names` are of those who agreed to be found."""

    people: int = 0
    free: int = 0
    minutes: float = 0.0
    names: tuple[str, ...] = ()

    def __add__(self, other: "Cell") -> "Cell":
        names = tuple(sorted({*self.names, *other.names}))
        return Cell(self.people + other.people, self.free + other.free, self.minutes + other.minutes, names)


@dataclass(frozen=True, slots=True)
class Map:
    """`cells` by topic, region and language: whoever has two topics or languages stands in the cells of both. `experts`
    is everybody once, `topics` are the keys in the order of the list, those without anybody too."""

    topics: Sequence[str]
    experts: Cell
    cells: Mapping[tuple[str, str, str], Cell] = field(default_factory=dict)

    @property
    def languages(self) -> list[str]:
        return sorted({language for _, _, language in self.cells if language != ANY})

    @property
    def without(self) -> list[str]:
        """Topics that no expert has."""
        known = {topic for topic, _, _ in self.cells}
        return [topic for topic in self.topics if topic not in known]


ANY = ""
"""The language of the cells that count everybody once, whatever they speak."""


def mapped(work: Work, reader: Person) -> Map:
    """As the desk of the reader's places may see it: everybody or, of whoever looks after networks, their members."""
    places = {grant.network for grant in reader.grants if grant.role in DESK}
    experts = [
        one
        for one in work.catalogue.experts
        if not one.leaving and not one.forgotten and (None in places or not places.isdisjoint(one.networks))
    ]
    carried = work.questions.carried(work.now - WEEK)
    topics = [topic.key for topic in work.catalogue.topics]
    return Map(
        topics,
        sum((_cell(one, carried, work.policy.allowance, work.now) for one in experts), Cell()),
        _cells(experts, carried, work.policy.allowance, set(topics), work.now),
    )


def by_place(found: Map, language: str = "") -> dict[str, dict[str, Cell]]:
    """By topic, then by region: of one language, or of everybody once ("" for any language)."""
    table: dict[str, dict[str, Cell]] = {topic: {} for topic in found.topics}
    for (topic, region, spoken), cell in found.cells.items():
        if spoken == (language or ANY):
            table[topic][region] = cell
    return table


def _cells(
    experts: Iterable[Person], carried: Mapping[int, Carried], allowance: Allowance, topics: set[str], now: datetime
) -> dict[tuple[str, str, str], Cell]:
    cells: dict[tuple[str, str, str], Cell] = {}
    for one in experts:
        cell = _cell(one, carried, allowance, now)
        for topic in topics.intersection(one.topics):
            for language in (ANY, *one.speaks):
                place = (topic, one.region, language)
                cells[place] = cells.get(place, Cell()) + cell
    return dict(sorted(cells.items()))


def _cell(one: Person, carried: Mapping[int, Carried], allowance: Allowance, now: datetime) -> Cell:
    """One person. Whoever is away, or cannot be reached, is there but not free."""
    spent = carried.get(one.id, NOTHING)
    away = one.away_until is not None and one.away_until > now
    free = one.reachable and one.blocked_for is None and not away and not allowance.full(one, spent)
    share = allowance.moderator_share if one.has_somewhere(Role.MODERATOR) else allowance.expert_share
    left = timedelta(hours=share * allowance.week_hours).total_seconds() / 60 - allowance.minutes(spent)
    return Cell(1, int(free), max(left, 0.0) if free else 0.0, (one.name,) if one.listed else ())
