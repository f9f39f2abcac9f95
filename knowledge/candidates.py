"""What could stand in a digest. Each kind of thing is one small source: what is new of it, and how one stands now."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from knowledge import event, flag, opening, proposal, routing, voices
from knowledge.held import Kind as Left
from knowledge.occurrences import Occurrence
from knowledge.people import Person
from knowledge.places import Audience, Kind, Network
from knowledge.ports import Work
from knowledge.question import Question
from knowledge.text import excerpt

SINCE = timedelta(days=14)
"""What is older is no news. Two weeks, since a network may skip one."""
AHEAD = timedelta(days=21)
"""Of events, those that begin by then."""
HALF_LIFE = timedelta(days=7)
_LONGEST = 400


class Sort(StrEnum):
    """What it is, as its reader is told: the proposal's seven types, an event of which notes or a recording are left,
    and what the community has learnt."""

    DISCUSSION = "discussion"
    QUERY = "query"
    CONSULTATION = "consultation"
    LAB = "lab"
    WEBINAR = "webinar"
    BBL = "bbl"
    EVENT = "event"
    HELD = "held"
    KNOWLEDGE = "knowledge"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that some may read. `key` is its source's name and its number, "item:12". `at` (UTC) is when it became
    public. `starts_at` of an event is when it begins: no news afterwards. `reach` is how many people it moved so far.
    `line` is the command that shows it. `audience` and `network` say who may read it, as `Person.may_read` reads them.
    `fixed`: whose words they are agreed to these, and no others may stand for them.
    """

    key: str
    sort: Sort
    title: str
    summary: str
    language: str
    audience: Audience
    network: int | None
    topics: tuple[str, ...]
    at: datetime
    line: str
    reach: int = 0
    starts_at: datetime | None = None
    fixed: bool = False

    def read_by(self, reader: Person) -> bool:
        return reader.may_read(self.audience, self.network)


New = Callable[[Work], Iterable[Candidate]]
Now = Callable[[Work, int], Candidate | None]


@dataclass(frozen=True, slots=True)
class Source:
    """`new` is what came up lately; `now` is one of its things by number, None when nobody may read it any more."""

    new: New
    now: Now


SOURCES: dict[str, Source] = {}


def source(name: str, now: Now) -> Callable[[New], New]:
    """Declares where candidates come from."""

    def declare(new: New) -> New:
        SOURCES[name] = Source(new, now)
        return new

    return declare


def current(work: Work, key: str) -> Candidate | None:
    """What a key means now; None for what is no more, or never was."""
    name, _, number = key.partition(":")
    if name not in SOURCES or not number.isdecimal() or len(number) > 18:
        return None
    return SOURCES[name].now(work, int(number))


def for_network(work: Work, network: Network) -> list[Candidate]:
    """What could stand in its digest, best first: what its members may read and does not belong to another network's
    circle."""
    found = [one for source in SOURCES.values() for one in source.new(work)]
    return sorted(
        (one for one in found if fits(network, one)),
        key=lambda one: (-worth(one, network, work.now), one.key),
    )


def fits(network: Network, one: Candidate) -> bool:
    """Something for a network alone is for that one; of anything else each reader gets what they may read."""
    return one.network == network.id or one.audience is not Audience.SUB_NETWORK


def worth(one: Candidate, network: Network, now: datetime) -> float:
    """Freshness, relevance and reach in one number, to rank by; it means nothing by itself.

    Freshness halves with each week since it became public, and of an event with each week until it begins. On a topic
    of the network it counts three times, in the main community anyway. Reach counts by its logarithm: what moved ten
    times as many people is worth about twice as much.
    """
    age = abs(one.starts_at - now) if one.starts_at is not None else max(now - one.at, timedelta())
    freshness = 0.5 ** (age / HALF_LIFE)
    near = one.network == network.id or bool(set(one.topics) & set(network.topics))
    relevance = 3.0 if near or network.kind is Kind.MAIN else 1.0
    return float(freshness * relevance * (1 + math.log10(1 + one.reach)))


# The sources


def _item(work: Work, number: int) -> Candidate | None:
    found = work.items.get(number)
    if found is None or not found.visible:
        return None
    uses = work.items.uses(number)
    return Candidate(
        f"item:{number}", Sort.KNOWLEDGE, excerpt(found.question, 140), excerpt(found.answer, _LONGEST), found.language,
        found.audience, found.network, found.topics, found.since, f"read {number}", sum(uses.values()),
    )  # fmt: skip


@source("item", _item)
def _items(work: Work) -> Iterable[Candidate]:
    for item in work.items.published(work.now - SINCE, work.now + timedelta(seconds=1)):
        # What was imported came with the date of its import, and is no news.
        found = _item(work, item.id) if item.published_at is not None else None
        if found is not None:
            yield found


def _flag(work: Work, number: int) -> Candidate | None:
    found = work.flags.get(number)
    if found is None or found.state is not flag.State.PUBLISHED or found.published_at is None:
        return None
    network = routing.network_of(work, found.network)
    # What was approved for a network is read there, and nowhere else. Who flagged it is told by the flag itself.
    return Candidate(
        f"flag:{number}", Sort.DISCUSSION, excerpt(found.text, 140), excerpt(found.text, _LONGEST), found.language,
        Audience.SUB_NETWORK, found.network, network.topics if network else (), found.published_at, f"flag {number}",
        found.reactions,
    )  # fmt: skip


@source("flag", _flag)
def _flags(work: Work) -> Iterable[Candidate]:
    for one in work.flags.in_states({flag.State.PUBLISHED}):
        if one.published_at is not None and one.published_at >= work.now - SINCE:
            found = _flag(work, one.id)
            if found is not None:
                yield found


def _proposal(work: Work, number: int) -> Candidate | None:
    """A topic that a member would like discussed. Who proposed it is told to nobody."""
    found = work.proposals.get(number)
    if found is None or found.state is not proposal.State.OPEN:
        return None
    network = routing.network_of(work, found.network)
    return Candidate(
        f"proposal:{number}", Sort.DISCUSSION, excerpt(found.text, 140), excerpt(found.text, _LONGEST), found.language,
        Audience.SUB_NETWORK, found.network, network.topics if network else (), found.created_at, f"propose {number}",
        work.proposals.counts([number]).get(number, 0),
    )  # fmt: skip


@source("proposal", _proposal)
def _proposals(work: Work) -> Iterable[Candidate]:
    for one in work.proposals.open_in([network.id for network in work.catalogue.networks]):
        found = _proposal(work, one.id) if one.created_at >= work.now - SINCE else None
        if found is not None:
            yield found


def _voices(work: Work, number: int) -> Candidate | None:
    words = work.openings.get(number)
    found = work.questions.get(words.question) if words is not None else None
    return _opened(work, found) if found is not None and found.opening == number else None


def _opened(work: Work, found: Question) -> Candidate | None:
    """A private question that its asker opened to more voices, in the words they agreed to. Who asks is told to
    nobody."""
    words = voices.held(work, found)
    if words is None or words.at is None:
        return None
    near = words.network if words.network is not None else found.network
    topics = tuple(sorted(work.matcher.seen(words.text).topics))
    return Candidate(
        opening.key(words.id), Sort.QUERY, excerpt(words.text, 140), words.text, found.language, words.audience, near,
        topics, words.at, f"voices {found.id}", fixed=True,
    )  # fmt: skip


@source("voices", _voices)
def _wanting_voices(work: Work) -> Iterable[Candidate]:
    for one in work.questions.opened():
        found = _opened(work, one)
        if found is not None:
            yield found


_SORTS = {
    event.Kind.WEBINAR: Sort.WEBINAR,
    event.Kind.BBL: Sort.BBL,
    event.Kind.LAB: Sort.LAB,
    event.Kind.CONSULTATION: Sort.CONSULTATION,
}


def _event(work: Work, number: int) -> Candidate | None:
    """By its next occurrence."""
    found = next((one for one in work.events.starting(work.now, work.now + AHEAD) if one.event == number), None)
    return _told(work, found) if found is not None else None


@source("event", _event)
def _events(work: Work) -> Iterable[Candidate]:
    seen = set()
    for occurrence in work.events.starting(work.now, work.now + AHEAD):
        if occurrence.event not in seen:
            seen.add(occurrence.event)
            found = _told(work, occurrence)
            if found is not None:
                yield found


def _told(work: Work, occurrence: Occurrence) -> Candidate | None:
    found = work.events.get(occurrence.event)
    if found is None or found.state is not event.State.PLANNED:
        return None
    network = routing.network_of(work, found.network)
    return Candidate(
        f"event:{found.id}", _SORTS.get(found.kind, Sort.EVENT), excerpt(occurrence.title, 140),
        excerpt(found.description, _LONGEST), found.language, found.audience, found.network,
        network.topics if network else (), found.created_at, f"event {found.id}",
        len(work.events.attending(found.id, occurrence.key)), occurrence.starts_at,
    )  # fmt: skip


def _held(work: Work, number: int) -> Candidate | None:
    """An event that was held, by the last of which there are notes or a recording."""
    found, latest = work.events.get(number), work.held.latest(number)
    if found is None or latest is None or found.state is not event.State.PLANNED:
        return None
    occurrence = work.events.occurrence(number, latest.occurrence)
    if occurrence is None or occurrence.cancelled:
        return None
    notes = [one.text for one in work.held.materials(number, latest.occurrence) if one.kind is Left.NOTES]
    summary = next(iter(notes), found.description)
    network = routing.network_of(work, found.network)
    return Candidate(
        f"held:{number}", Sort.HELD, excerpt(occurrence.title, 140), excerpt(summary, _LONGEST),
        found.language, found.audience, found.network, network.topics if network else (), latest.at,
        f"event notes {number}", work.held.count(number, latest.occurrence),
    )  # fmt: skip


@source("held", _held)
def _held_lately(work: Work) -> Iterable[Candidate]:
    for number in dict.fromkeys(one.event for one in work.held.attached_since(work.now - SINCE)):
        found = _held(work, number)
        if found is not None:
            yield found
