"""Published items by words, topic, language and network: what a reader may read of them, best or newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge import routing
from knowledge.item import Item
from knowledge.people import Person
from knowledge.ports import Work
from knowledge.text import plain

ON_A_PAGE = 20
SCANNED = 5000
"""Items whose every word is looked at, the newest: beyond these the matcher finds alone."""
PROPOSED = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; "" and None are for all."""

    words: str = ""
    topic: str = ""
    language: str = ""
    network: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """`items` of one page, of `total`. Pages count from 1. `topics` are those that any readable item has."""

    items: Sequence[Item]
    total: int
    page: int
    pages: int
    topics: Sequence[str]


def search(work: Work, reader: Person, wanted: Wanted) -> Found:
    readable = [one for one in work.catalogue.items if reader.may_read(one.audience, one.network)]
    readable.sort(key=lambda one: (one.since, one.id), reverse=True)
    network = routing.network_of(work, wanted.network)
    kept = [
        one
        for one in readable
        if (not wanted.topic or wanted.topic in one.topics)
        and (not wanted.language or one.language == wanted.language)
        and (network is None or one.network == network.id or not set(network.topics).isdisjoint(one.topics))
    ]
    if wanted.words.strip():
        kept = _ranked(work, reader, wanted.words, kept)
    pages = max(-(-len(kept) // ON_A_PAGE), 1)
    page = min(max(wanted.page, 1), pages)
    return Found(
        kept[(page - 1) * ON_A_PAGE : page * ON_A_PAGE],
        len(kept),
        page,
        pages,
        sorted({topic for one in readable for topic in one.topics}),
    )


def _ranked(work: Work, reader: Person, words: str, kept: Sequence[Item]) -> list[Item]:
    """What surely fits, whatever its language; then what has all the words, accents aside."""
    by_number = {one.id: one for one in kept}
    fitting = [match.id for match in work.matcher.items(words, reader, limit=PROPOSED) if match.id in by_number]
    looked_for = set(plain(words).split())
    holding = [one.id for one in kept[:SCANNED] if looked_for <= set(plain(f"{one.question} {one.answer}").split())]
    return [by_number[number] for number in dict.fromkeys((*fitting, *holding))]
