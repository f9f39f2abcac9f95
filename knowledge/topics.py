"""The curated list of topics: renamed, known by other words, merged and retired, without losing what stood under them.

A key once given stays resolvable: what an import still calls by the key of a merged topic is kept under the other one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from knowledge import undoing
from knowledge.audit import Entry
from knowledge.desk_work import Move
from knowledge.errors import Choice, Refusal, Several
from knowledge.notices import Notice
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.text import plain

ENOUGH = 10
"""Topics on one page."""
LONGEST = 80
MOST_ALIASES = 60


@dataclass(frozen=True, slots=True)
class Curated:
    """A topic as it is kept. `into` is the id of the topic it was merged into; `retired` topics are found no more."""

    id: int
    key: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    retired: bool = False
    into: int | None = None

    @property
    def stands(self) -> bool:
        return not self.retired and self.into is None

    def name(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]

    def words(self) -> set[str]:
        """All that it is called, to compare."""
        return {plain(one) for one in (self.key, *self.names.values(), *self.aliases)}


@dataclass(frozen=True, slots=True)
class Page:
    """`held` says for each key how much stands under it, by kind. Pages count from 1."""

    shown: Sequence[Curated]
    held: Mapping[str, Mapping[str, int]]
    total: int
    sought: str
    page: int
    pages: int


def page(work: Work, sought: str = "", number: int = 1) -> Page:
    """Those that stand, and those that are retired, by name; only those called something like `sought`."""
    wanted = plain(sought).split()
    found = [
        one
        for one in work.topics.all()
        if one.into is None and all(any(f" {word}" in f" {called}" for called in one.words()) for word in wanted)
    ]
    found.sort(key=lambda one: (one.retired, one.key))
    pages = max(-(-len(found) // ENOUGH), 1)
    number = min(max(number, 1), pages)
    shown = found[(number - 1) * ENOUGH : number * ENOUGH]
    held = {one.key: work.topics.held(one.key) for one in shown}
    return Page(shown, held, len(found), sought, number, pages)


def called(work: Work, name: str) -> list[Curated]:
    """Those of that key, name or alias, also a retired one; where none is, those whose names hold all its words. What
    a merged one is called means the one it went into."""
    everything = {one.id: one for one in work.topics.all()}
    said = plain(name)

    def standing(one: Curated) -> Curated:
        return everything[one.into] if one.into is not None else one

    exact = {standing(one).id for one in everything.values() if said and said in one.words()}
    words = said.split()
    if not exact and words:
        exact = {
            standing(one).id
            for one in everything.values()
            if any(all(word in plain(each) for word in words) for each in (one.key, *one.names.values()))
        }
    return [everything[number] for number in sorted(exact)]


def meant(work: Work, person: Person, name: str) -> Curated:
    """The one that a name means. Raises Refusal when it is none, and Several when it may be one of some."""
    found = called(work, name)
    if not found:
        raise Refusal("topic.unknown", name=name[:LONGEST])
    if len(found) > 1:
        choices = [Choice(one.name(person.language), said=one.key) for one in found[:5]]
        raise Several("topic.several", name, choices)
    return found[0]


def rename(work: Work, person: Person, topic: Curated, name: str) -> list[Notice]:
    """A new name in the language of whoever says it; the old one stays as an alias, and the key as it is."""
    name = _worded(name)
    _is_free(work, topic, name)
    old = topic.name(person.language)
    aliases = _with(topic.aliases, old) if plain(old) != plain(name) else topic.aliases
    after = replace(topic, names={**topic.names, person.language: name}, aliases=aliases)
    return _changed(work, person, "rename topic", topic, after, "topic.renamed", {"old": old})


def add_alias(work: Work, person: Person, topic: Curated, alias: str) -> list[Notice]:
    alias = _worded(alias)
    _is_free(work, topic, alias)
    if plain(alias) in topic.words():
        raise Refusal("topic.has_alias", alias=alias)
    if len(topic.aliases) >= MOST_ALIASES:
        raise Refusal("topic.many_aliases", most=MOST_ALIASES)
    after = replace(topic, aliases=_with(topic.aliases, alias))
    return _changed(work, person, "alias topic", topic, after, "topic.alias_added", {"alias": alias})


def drop_alias(work: Work, person: Person, topic: Curated, alias: str) -> list[Notice]:
    kept = tuple(one for one in topic.aliases if plain(one) != plain(alias))
    if kept == topic.aliases:
        raise Refusal("topic.no_alias", alias=alias[:LONGEST])
    after = replace(topic, aliases=kept)
    return _changed(work, person, "unalias topic", topic, after, "topic.alias_dropped", {"alias": alias})


def retire(work: Work, person: Person, topic: Curated, *, back: bool = False) -> list[Notice]:
    """It is found and offered no more; what stands under it stays, and comes back with it."""
    if topic.retired is not back:
        raise Refusal("topic.stands" if back else "topic.is_retired")
    after = replace(topic, retired=not back)
    action, key = ("restore topic", "topic.restored") if back else ("retire topic", "topic.retired")
    return _changed(work, person, action, topic, after, key, {})


def merge(work: Work, person: Person, topic: Curated, into: Curated, *, sure: bool) -> list[Notice]:
    """What stands under one goes to the other, which is known by its words too. Not `sure`, it only says what would."""
    if topic.id == into.id:
        raise Refusal("topic.same")
    if not into.stands:
        raise Refusal("topic.is_retired")
    values = {"topic": topic, "into": into, "held": work.topics.held(topic.key)}
    if not sure:
        return [Notice(person.id, "topic.would_merge", values)]
    chained = [one for one in work.topics.all() if one.into == topic.id]
    moved = work.topics.move(topic.key, into.key)
    for one in (topic, *chained):
        work.topics.save(replace(one, into=into.id))
    stood = {
        "into": into.id,
        "merged": [one.id for one in (topic, *chained)],
        "was": topic.id,
        "moved": {table: [list(one) for one in rows] for table, rows in moved.items()},
    }
    _written(work, person, "merge topic", topic, stood, f"{topic.key} > {into.key}")
    return [Notice(person.id, "topic.merged", values)]


# Taking it back


@undoing.undoes("rename topic", "alias topic", "unalias topic", "retire topic", "restore topic")
def _take_back(work: Work, person: Person, move: Move) -> list[Notice]:
    assert move.before is not None
    return [_undone(person, _put_back(work, move.before))]


@undoing.undoes("merge topic")
def _part(work: Work, person: Person, move: Move) -> list[Notice]:
    """Only what was moved goes back: what came under the other topic since stays there."""
    assert move.before is not None
    stood = move.before
    everything = {one.id: one for one in work.topics.all()}
    was, into = everything[stood["was"]], everything[stood["into"]]
    if was.into != into.id:
        raise Refusal("topic.moved_on")
    for number in stood["merged"]:
        work.topics.save(replace(everything[number], into=None if number == was.id else was.id))
    moved = {table: [(int(number), bool(had)) for number, had in rows] for table, rows in stood["moved"].items()}
    work.topics.move_back(was.key, into.key, moved)
    return [_undone(person, was)]


def _put_back(work: Work, stood: Mapping[str, Any]) -> Curated:
    """Raises Refusal when somebody has changed the topic since."""
    now = next((one for one in work.topics.all() if one.id == stood["after"]["id"]), None)
    if now is None or _stood(now) != stood["after"]:
        raise Refusal("topic.moved_on")
    then = stood["before"]
    topic = replace(now, names=then["names"], aliases=tuple(then["aliases"]), retired=then["retired"])
    work.topics.save(topic)
    return topic


def _undone(person: Person, topic: Curated) -> Notice:
    return Notice(person.id, "topic.undone", {"name": topic.name(person.language)})


def _stood(topic: Curated) -> dict[str, Any]:
    return {
        "id": topic.id,
        "names": dict(topic.names),
        "aliases": list(topic.aliases),
        "retired": topic.retired,
        "into": topic.into,
    }


def _changed(
    work: Work, person: Person, action: str, before: Curated, after: Curated, key: str, values: Mapping[str, object]
) -> list[Notice]:
    work.topics.save(after)
    stood = {"before": _stood(before), "after": _stood(after)}
    _written(work, person, action, before, stood, before.key)
    return [Notice(person.id, key, {"name": after.name(person.language), **values})]


def _written(work: Work, person: Person, action: str, topic: Curated, stood: Mapping[str, Any], reason: str) -> None:
    about = f"topic:{topic.id}"
    work.moves.put(Move(person.id, action, about, work.now, stood))
    work.audit.note(Entry(person.id, action, about, work.now, reason))


def _with(aliases: tuple[str, ...], alias: str) -> tuple[str, ...]:
    return aliases if plain(alias) in {plain(one) for one in aliases} else (*aliases, alias.lower())


def _worded(name: str) -> str:
    name = " ".join(name.split())
    if not plain(name) or len(name) > LONGEST:
        raise Refusal("topic.name", most=LONGEST)
    return name


def _is_free(work: Work, topic: Curated, name: str) -> None:
    """Raises Refusal for what another topic is called already: a word means one topic."""
    for one in work.topics.all():
        if one.id not in (topic.id, topic.into) and one.into is None and plain(name) in one.words():
            raise Refusal("topic.taken", name=name, topic=one.names["en"])
