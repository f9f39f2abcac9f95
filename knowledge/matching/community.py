"""The matcher: three indexes over one community, and why what they find fits."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np

from knowledge.item import Item
from knowledge.matching import encoder as encoders
from knowledge.matching import text as texts
from knowledge.matching import weights as fitted
from knowledge.matching.encoder import Encoder
from knowledge.matching.index import Candidate, Index, Progress, Query, Text
from knowledge.matching.port import Answered, Catalogue, Caution, Match, Reason
from knowledge.matching.ranking import TOPICS, TOPICS_OF_ITEMS, Ranker, Ranking
from knowledge.matching.reading import Read, Reader
from knowledge.matching.topics import Topics
from knowledge.matching.vectors import Whitening, whitening
from knowledge.people import Person
from knowledge.places import Audience, Network

Known = TypeVar("Known")

log = logging.getLogger(__name__)

# Earlier answers and networks are shown beside others: so much of the weight is enough, if anything fits at all.
SHARE_OF_ITEM, SHARE_OF_NETWORK = 0.3, 0.1
# Somebody far behind the best is not offered a question just because the best fits.
BEHIND = 0.1
# Who named a curated topic as theirs, person or network, is taken at their word: as sure as that, whatever texts say.
THEIRS = 0.96
# Cosine of whitened vectors from which a past question counts as "like it"; most pairs of texts are below 0.2.
ALIKE = 0.35
# What an answer is worth as a sign of expertise, by what became of it.
HELPED, UNTOLD, DID_NOT_HELP = 1.0, 0.7, 0.25
# Log-odds for speaking the asker's language, and for working in the same region. Beyond the public tasks, which know
# neither: small against subject, so that they decide between equals.
SPEAKS, NEAR = 0.7, 0.3
WORDS_SHOWN = 5


class CommunityMatcher:
    """Immutable from outside: `after` gives the matcher of a newer catalogue and leaves this one as it is."""

    def __init__(
        self,
        catalogue: Catalogue,
        encoder: Encoder | None = None,
        caution: Caution | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.version = catalogue.version
        self._catalogue = catalogue
        self._encoder = encoder
        self._caution = caution or Caution()
        self._topics = Topics(catalogue.topics)
        self._people = {person.id: person for person in catalogue.experts}
        self._networks = {network.id: network for network in catalogue.networks}
        self._items = {item.id: item for item in catalogue.items}
        white = self._whitening(catalogue)
        weights = fitted.load(encoder.name if encoder else None)

        def ranker(candidates: Iterable[Candidate], topics: float = TOPICS) -> Ranker:
            index = Index(encoder, white)
            index.fill(candidates, progress)
            return Ranker(index, weights, seen=encoder is not None, topics=topics)

        answered = _by_expert(catalogue.history)
        self._by_item = ranker((self._of_item(item) for item in catalogue.items), TOPICS_OF_ITEMS)
        self._by_person = ranker(self._of_person(person, answered.get(person.id, ())) for person in catalogue.experts)
        self._by_network = ranker(self._of_network(network) for network in catalogue.networks)
        self._reader = Reader(self._spells)

    # --- What is asked

    def items(self, text: str, reader: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        read, query, ranking = self._ranked(self._by_item, text, reader)
        found = []
        for place, number in self._offered(ranking, limit, sure, SHARE_OF_ITEM):
            item = self._items[number]
            why = self._subject_reasons(read, query, item.topics, (item.question, item.answer), item.language)
            found.append(self._match(ranking, place, number, why, SHARE_OF_ITEM))
        return found

    def networks(self, text: str, asker: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        read, query, ranking = self._ranked(self._by_network, text, asker)
        found = []
        if len(ranking.ids) and ranking.evidence.topics[ranking.order[0]]:
            ranking = ranking.at_least(THEIRS)
        for place, number in self._offered(ranking, limit, sure, SHARE_OF_NETWORK):
            network = self._networks[number]
            lines = [*network.names.values(), *network.about.values()]
            why = self._subject_reasons(read, query, network.topics, lines, read.language)
            found.append(self._match(ranking, place, number, why, SHARE_OF_NETWORK))
        return found

    def experts(
        self, text: str, asker: Person, *, excluding: Collection[int] = (), limit: int = 5, sure: bool = True
    ) -> list[Match]:
        read = self._reader.read(text)
        ranker = self._by_person
        query = ranker.index.read(read.text, read.language, self._topics.find(read.said))
        shelves = ranker.index.shelves(lambda reach: asker.reach >= reach)  # type: ignore[operator]
        without = {*excluding, *(person.id for person in self._people.values() if not person.may_be_asked_by(asker))}
        ranking = ranker.experts(query, shelves, spread=self._caution.spread, without=without)
        likely = ranking.scores + np.array([self._favour(self._people[int(one)], asker) for one in ranking.ids])
        order = np.argsort(-likely, kind="stable")
        found = []
        for place in order[:limit]:
            person = self._people[int(ranking.ids[place])]
            # The best is as sure as that anybody knows the subject, the others less by how far they stand behind.
            known = THEIRS if ranking.evidence.topics[ranking.order[place]] else 0.0
            certain = max(ranking.fits, known)
            score = certain * float(np.exp(min(likely[place] - likely[order[0]], 0.0)))
            fits = certain >= self._caution.sure and score >= BEHIND
            if sure and not fits:
                continue
            why = self._subject_reasons(read, query, person.topics, (person.about,), read.language, meaning=False)
            answered = self._answered_reason(ranking, int(place))
            mine = [Reason("language", {"language": asker.language})] if asker.language in person.speaks else []
            found.append(Match(person.id, min(score, 1.0), (*why, *answered, *mine), fits))
        return found

    def _ranked(self, ranker: Ranker, text: str, reader: Person) -> tuple[Read, Query, Ranking]:
        def may_know(shelf: Any) -> bool:
            audience, network = shelf
            return reader.may_read(audience, network)

        read = self._reader.read(text)
        query = ranker.index.read(read.text, read.language, self._topics.find(read.said))
        return read, query, ranker.rank(query, ranker.index.shelves(may_know))

    def _offered(self, ranking: Ranking, limit: int, sure: bool, share: float) -> Iterable[tuple[int, int]]:
        for place, number in enumerate(ranking.ids[:limit]):
            enough = ranking.fits >= self._caution.offered and ranking.probability[place] >= share
            if enough or not sure:
                yield place, int(number)

    def _match(self, ranking: Ranking, place: int, number: int, why: Sequence[Reason], share: float) -> Match:
        probability = float(ranking.probability[place])
        return Match(number, probability, tuple(why), ranking.fits >= self._caution.offered and probability >= share)

    def _favour(self, person: Person, asker: Person) -> float:
        here = person.region == asker.region and person.region != "global"
        return SPEAKS * (asker.language in person.speaks) + NEAR * here

    # --- Why

    def _subject_reasons(
        self,
        read: Read,
        query: Query,
        topics: Collection[str],
        lines: Sequence[str],
        language: str,
        *,
        meaning: bool = True,
    ) -> list[Reason]:
        """Topics shared, else words shared, else that it means the same."""
        shared = [key for key in self._topics.keys(query.topics) if key in topics]
        if shared:
            return [Reason("topics", {"topics": shared})]
        there = {stem for line in lines for stem in texts.stems(texts.words(texts.cleaned(line)), language)}
        words = [
            word
            for word in dict.fromkeys(texts.words(read.text))
            if word not in texts.STOP_WORDS and texts.stem(word, language) in there
        ]
        if words:
            return [Reason("words", {"words": words[:WORDS_SHOWN]})]
        return [Reason("meaning")] if meaning and self._encoder is not None else []

    def _answered_reason(self, ranking: Ranking, place: int) -> list[Reason]:
        """How many past questions like this one they answered, and when last; nothing of what was asked."""
        evidence = ranking.evidence
        candidate = int(ranking.order[place])
        start = int(evidence.counts[:candidate].sum())
        rows = slice(start, start + int(evidence.counts[candidate]))
        at = evidence.at[rows]
        likeness = evidence.meaning[rows] if self._encoder is not None else evidence.grams[rows]
        like = ~np.isnan(at) & (likeness >= ALIKE)
        if not like.any():
            return []
        last = datetime.fromtimestamp(float(at[like].max()) * 86400, UTC)
        return [Reason("answered", {"count": int(like.sum()), "last": last})]

    # --- What is known

    def after(self, catalogue: Catalogue) -> "CommunityMatcher":
        """The matcher of a newer catalogue: what changed is put in, what is gone taken out, nothing else touched.

        Topics changed: everything is read anew.
        """
        if [*catalogue.topics] != [*self._catalogue.topics]:
            return CommunityMatcher(catalogue, self._encoder, self._caution)
        twin = object.__new__(CommunityMatcher)
        twin.__dict__ |= self.__dict__
        twin.version, twin._catalogue = catalogue.version, catalogue
        twin._people = {person.id: person for person in catalogue.experts}
        twin._networks = {network.id: network for network in catalogue.networks}
        twin._items = {item.id: item for item in catalogue.items}
        answered, before = _by_expert(catalogue.history), _by_expert(self._catalogue.history)
        twin._by_item = self._changed(self._by_item, self._items, twin._items, twin._of_item)
        twin._by_network = self._changed(self._by_network, self._networks, twin._networks, twin._of_network)
        twin._by_person = self._changed(
            self._by_person,
            {number: (_known_by(person), before.get(number)) for number, person in self._people.items()},
            {number: (_known_by(person), answered.get(number)) for number, person in twin._people.items()},
            lambda known: twin._of_person(known[0], known[1] or ()),
        )
        twin._reader = Reader(twin._spells)
        return twin

    @staticmethod
    def _changed(
        ranker: Ranker, old: Mapping[int, Known], new: Mapping[int, Known], candidate: Callable[[Known], Candidate]
    ) -> Ranker:
        gone = [number for number in old if number not in new]
        come = [number for number, known in new.items() if old.get(number) != known]
        if not gone and not come:
            return ranker
        twin = ranker.apart()
        for number in gone:
            twin.index.drop(number)
        for number in come:
            twin.index.put(candidate(new[number]))
        return twin

    def _spells(self, word: str) -> bool:
        return self._topics.spells(word) or any(
            ranker.index.spells(word) for ranker in (self._by_item, self._by_person, self._by_network)
        )

    def _of_item(self, item: Item) -> Candidate:
        lines = [Text(item.question, item.language), Text(item.answer, item.language)]
        return Candidate(item.id, (item.audience, item.network), lines, self._topics.places(item.topics))

    def _of_network(self, network: Network) -> Candidate:
        lines = [
            Text(f"{name}. {network.about.get(language, '')}", language) for language, name in network.names.items()
        ]
        shelf = (max(network.audience, Audience.UNDP), network.id)
        return Candidate(network.id, shelf, lines, self._topics.places(network.topics))

    def _of_person(self, person: Person, answered: Sequence[Answered]) -> Candidate:
        places = self._topics.places(person.topics)
        profile = ". ".join(filter(None, (self._topics.names(places, person.language), person.about)))
        lines = [Text(profile, person.language)] if profile else []
        for one in answered:
            worth = UNTOLD if one.helped is None else HELPED if one.helped else DID_NOT_HELP
            lines.append(Text(one.text, one.language, one.at, worth))
        return Candidate(person.id, person.reach, lines, places)

    def _whitening(self, catalogue: Catalogue) -> Whitening | None:
        """Learnt from what the whole institution may read alone: what few may read must not show in what others see."""
        if self._encoder is None:
            return None
        lines = [item.question for item in catalogue.items if item.audience >= Audience.UNDP]
        lines += [about for network in catalogue.networks for about in network.about.values()]
        vectors = self._encoder.encode([texts.cleaned(line) for line in lines])
        return whitening(vectors, fitted.general(self._encoder.name))


def _by_expert(history: Sequence[Answered]) -> dict[int, list[Answered]]:
    found: dict[int, list[Answered]] = {}
    for one in sorted(history, key=lambda one: one.at):
        found.setdefault(one.expert, []).append(one)
    return found


def _known_by(person: Person) -> Person:
    """The person as far as the index knows them: a grant or time zone changes nothing in it."""
    return replace(
        person, name="", time_zone="", region="", networks=frozenset(), grants=frozenset(), reachable=True,
        office="", supervisor=None, away_until=None, weekly_cap=None,
    )  # fmt: skip


def build(setting: str = "use", caution: Caution | None = None) -> Callable[[Catalogue], CommunityMatcher]:
    """What makes matchers of catalogues, with the encoder a setting names; the encoder is loaded once, here."""
    encoder = encoders.load(setting)

    def progress(done: int, all_: int) -> None:
        if all_ >= 5000:
            log.info("Reading what the community knows: %d of %d texts", done, all_)

    return lambda catalogue: CommunityMatcher(catalogue, encoder, caution, progress)
