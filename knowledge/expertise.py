"""Who knows what: said by the person, shown by answers that helped, checked by a facilitator.

Never from what somebody asked, nor from anything else they said in private."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.errors import Refusal
from knowledge.matching.port import Seen
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.places import Topic
from knowledge.ports import Work

MOST = 8
"""People told of at once."""


@dataclass(frozen=True, slots=True)
class Check:
    """A facilitator's word that somebody knows a topic."""

    person: int
    topic: str
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Knows:
    """Why somebody is told of. `answered` helped; `last` is when one last did, `checked` when a facilitator said so.
    `weight` halves with each half-life since: it orders, and is not shown."""

    person: Person
    said: bool
    answered: int = 0
    last: datetime | None = None
    checked: datetime | None = None
    weight: float = 0.0


def faded(since: datetime, now: datetime, half_life: timedelta) -> float:
    """1 for now, a half after one half-life; what is to come counts as now."""
    return float(0.5 ** (max(now - since, timedelta()) / half_life))


def who_knows(work: Work, reader: Person, topic: Topic) -> list[Notice]:
    """Those who agreed to be found, within the reader's circle."""
    found = known(work, topic.key, [one for one in work.people.listed() if may_see(reader, one)])
    return [Notice(reader.id, "expertise.who", {"topic": topic.key, "found": found[:MOST], "more": len(found) > MOST})]


def may_see(reader: Person, one: Person) -> bool:
    """As for questions: UNDP's people see UNDP's, and so on outwards."""
    away = one.leaving or one.forgotten or one.blocked_for is not None
    return one.listed and not away and one.id != reader.id and one.may_read(reader.reach)


def known(work: Work, topic: str, people: Sequence[Person]) -> list[Knows]:
    """Those of these people who know a topic, whoever shows it best first."""
    half_life = work.policy.expertise_half_life
    checks = {check.person: check.at for check in work.expertise.of_topic(topic)}
    shown = _shown(work, topic)
    found = []
    for one in people:
        answers = shown.get(one.id, [])
        said, checked = topic in one.topics, checks.get(one.id)
        if not (said or answers or checked):
            continue
        weight = 0.5 * said + sum(faded(at, work.now, half_life) for at in answers)
        weight += 2 * faded(checked, work.now, half_life) if checked else 0
        found.append(Knows(one, said, len(answers), max(answers, default=None), checked, weight))
    return sorted(found, key=lambda one: (-one.weight, one.person.id))


def _shown(work: Work, topic: str) -> Mapping[int, list[datetime]]:
    """When whose answers helped with a question on a topic. The question's words are read for its topics only."""
    found: dict[int, list[datetime]] = {}
    seen: dict[int, Seen] = {}
    for one in work.catalogue.history:
        if one.helped and one.text:
            if one.question not in seen:
                seen[one.question] = work.matcher.seen(one.text)
            if topic in seen[one.question].topics:
                found.setdefault(one.expert, []).append(one.at)
    return found


def confirm(work: Work, facilitator: Person, to: Person, topic: Topic, asked: str) -> list[Notice]:
    """A facilitator says that somebody, whom they called `asked`, knows a topic."""
    _of_theirs(facilitator, to, asked)
    if to.id == facilitator.id:
        raise Refusal("expertise.oneself")
    work.expertise.check(Check(to.id, topic.key, facilitator.id, work.now))
    values = {"topic": topic.key, "name": to.name}
    return [
        Notice(facilitator.id, "expertise.confirmed", values),
        Notice(to.id, "expertise.yours", {"topic": topic.key, "listed": to.listed}),
    ]


def take_back(work: Work, facilitator: Person, to: Person, topic: Topic, asked: str) -> list[Notice]:
    _of_theirs(facilitator, to, asked)
    if not work.expertise.drop(to.id, topic.key):
        raise Refusal("expertise.not_confirmed", name=to.name)
    return [Notice(facilitator.id, "expertise.taken_back", {"topic": topic.key, "name": to.name})]


def _of_theirs(facilitator: Person, to: Person, asked: str) -> None:
    """Somebody beyond their places reads as nobody, by the very words they were called."""
    places = {grant.network for grant in facilitator.grants if grant.role in DESK}
    if None not in places and places.isdisjoint(to.networks):
        raise Refusal("people.unknown", name=asked)
