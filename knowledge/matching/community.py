"""The matcher: three indexes over one community, and why what they find fits."""

import logging
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from rapidfuzz import fuzz

from knowledge.item import Item
from knowledge.matching import encoder as encoders
from knowledge.matching import text as texts
from knowledge.matching import weights as fitted
from knowledge.matching.encoder import Encoder
from knowledge.matching.index import Candidate, Index, Progress, Query, Spoken, Text, newest
from knowledge.matching.keeping import Keeping, Kept
from knowledge.matching.port import Answered, Catalogue, Caution, Delta, Ended, Match, Offered, Reason, Reused, Seen
from knowledge.matching.ranking import TOPICS, TOPICS_OF_ITEMS, Ranker, Ranking
from knowledge.matching.reading import Read, Reader
from knowledge.matching.topics import Topics
from knowledge.matching.vectors import Whitening, whitening
from knowledge.people import Person
from knowledge.places import Audience, Network
from knowledge.text import plain

Known = TypeVar("Known")
Entry = TypeVar("Entry", Answered, Reused)

log = logging.getLogger(__name__)

# Earlier answers and networks are shown beside others: so much of the weight is enough, if anything fits at all.
SHARE_OF_ITEM, SHARE_OF_NETWORK = 0.3, 0.1
# Somebody far behind the best is not offered a question just because the best fits.
BEHIND = 0.1
# Who named a curated topic as theirs, person or network, is taken at their word: as sure as that, whatever texts say.
THEIRS = 0.96
# Cosine of whitened vectors from which a past question counts as "like it"; most pairs of texts are below 0.2.
ALIKE = 0.35
# What equal words are worth beside equal meaning: texts of the same words may differ in the one that matters.
WORDS_ALIKE = 0.85
# What an answer is worth as a sign of expertise, by what became of it.
HELPED, UNTOLD, DID_NOT_HELP = 1.0, 0.7, 0.25
# Log-odds for speaking the asker's language. Beyond the public tasks, which do not know it: small against subject, so
# that it decides between equals. Working in the asker's region counts for nothing: practitioners said that exchange
# across regions was worth most, so of equals one of the first two is from elsewhere (`knowledge.routing`).
SPEAKS = 0.7
# Log-odds taken from who was asked in the last LATELY (by the logarithm of how often), so that equals take turns; and
# from who declined, as far as it was more than DOUBT times.
CARRIES, LATELY, REFUSES, DOUBT = 0.4, timedelta(days=30), 1.0, 3.0
WORDS_SHOWN, TOPICS_SHOWN = 5, 3


class CommunityMatcher:
    """Immutable from outside: `after` gives the matcher of a newer catalogue and leaves this one as it is."""

    def __init__(
        self,
        catalogue: Catalogue,
        encoder: Encoder | None = None,
        caution: Caution | None = None,
        progress: Progress | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        """`keeping`, over the same encoder, remembers the vectors of what is known from one start to the next."""
        self.version = catalogue.version
        self._catalogue = catalogue
        self._encoder = encoder
        self.keeping = keeping
        self._caution = caution or Caution()
        self._topics = Topics(catalogue.topics)
        self._learn()
        white = self._whitening(catalogue)
        weights = fitted.load(encoder.name if encoder else None)

        def ranker(candidates: Iterable[Candidate], topics: float = TOPICS) -> Ranker:
            index = Index(encoder, white, keeping=keeping)
            index.fill(candidates, progress)
            return Ranker(index, weights, seen=encoder is not None, topics=topics)

        items = [one for item in catalogue.items for one in (self._of_item(item), self._within_circle(item))]
        self._by_item = ranker(items, TOPICS_OF_ITEMS)
        self._by_person = ranker(self._of_person(person) for person in catalogue.experts)
        self._by_network = ranker(self._of_network(network) for network in catalogue.networks)
        self._attend()

    def _attend(self) -> None:
        """One question is asked of items, people and networks, and of networks again when it is sent: it is read,
        encoded and ranked once."""
        self._reader = Reader(self._spells)
        self._spoken = lru_cache(maxsize=64)(self._heard)
        self._fitting_networks = lru_cache(maxsize=64)(self._networks_on)

    def prepare(self) -> None:
        """Does what the first question would otherwise wait for: loads the model, looks at how the best of the wrong
        ones stands out on each shelf. Changes no answer."""
        if self._encoder is not None:
            self._encoder.encode([encoders.PROBE])
        for ranker in (self._by_item, self._by_person, self._by_network):
            ranker.background(ranker.index.shelves(lambda _shelf: True))

    def texts(self) -> Iterable[str]:
        """Every text the indexes hold, as it was encoded; some more than once."""
        items = (one for item in self._items.values() for one in (self._of_item(item), self._within_circle(item)))
        people, networks = map(self._of_person, self._people.values()), map(self._of_network, self._networks.values())
        for candidate in (*items, *people, *networks):
            yield from (texts.cleaned(one.text) for one in newest(candidate.texts))
        yield from self._general(self._catalogue)

    # --- What is asked

    def seen(self, text: str) -> Seen:
        read = self._reader.read(text)
        return Seen(read.language, self._topics.keys(self._topics.find(read.said)))

    def items(self, text: str, reader: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        twice = [number for number, circle in self._circles.items() if reader.may_read(circle)]
        read, query = self._query(self._by_item, text)
        ranking = self._by_item.rank(query, _shelves(self._by_item, reader), without=twice)
        found = []
        for place, number in self._offered(ranking, limit, sure, SHARE_OF_ITEM):
            item = self._items[abs(number)]
            why = self._subject_reasons(
                read, query, item.topics, (item.question, item.answer), item.language, ranking.probability[place]
            )
            found.append(self._match(ranking, place, item.id, why, SHARE_OF_ITEM))
        return found

    def likeness(self, text: str, others: Sequence[str]) -> list[float]:
        words = [WORDS_ALIKE * fuzz.token_sort_ratio(plain(text), plain(other)) / 100 for other in others]
        if self._encoder is None or not others:
            return words
        vectors = self._encoder.encode([text, *others])
        meaning = (vectors[1:] @ vectors[0]).tolist()
        return [min(max(pair), 1.0) for pair in zip(words, meaning, strict=True)]

    def networks(self, text: str, asker: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        return list(self._fitting_networks(text, _shelves(self._by_network, asker), limit, sure))

    def _networks_on(self, text: str, shelves: tuple[int, ...], limit: int, sure: bool) -> list[Match]:
        read, query = self._query(self._by_network, text)
        ranking = self._by_network.rank(query, shelves)
        found = []
        if len(ranking.ids) and ranking.evidence.topics[ranking.order[0]]:
            ranking = ranking.at_least(THEIRS)
        for place, number in self._offered(ranking, limit, sure, SHARE_OF_NETWORK):
            network = self._networks[number]
            lines = [*network.names.values(), *network.about.values()]
            why = self._subject_reasons(read, query, network.topics, lines, read.language, ranking.probability[place])
            found.append(self._match(ranking, place, number, why, SHARE_OF_NETWORK))
        return found

    def experts(
        self, text: str, asker: Person, *, excluding: Collection[int] = (), limit: int = 5, sure: bool = True
    ) -> list[Match]:
        ranker = self._by_person
        read, query = self._query(ranker, text)
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
            why = self._subject_reasons(read, query, person.topics, (person.about,), read.language)
            answered = self._answered_reason(ranking, int(place))
            mine = [Reason("language", {"language": asker.language})] if asker.language in person.speaks else []
            if not why and not answered and person.topics:
                why = [Reason("profile", {"topics": list(person.topics[:TOPICS_SHOWN])})]
            found.append(Match(person.id, min(score, 1.0), (*why, *answered, *mine), fits))
        return found

    def _query(self, ranker: Ranker, text: str) -> tuple[Read, Query]:
        read = self._reader.read(text)
        return read, ranker.index.numbered(self._spoken(read), self._topics.find(read.said))

    def _heard(self, read: Read) -> Spoken:
        # The three indexes have one encoder and one whitening: any of them hears the same.
        return self._by_item.index.spoken(read.text, read.language)

    def _offered(self, ranking: Ranking, limit: int, sure: bool, share: float) -> Iterable[tuple[int, int]]:
        for place, number in enumerate(ranking.ids[:limit]):
            enough = ranking.fits >= self._caution.offered and ranking.probability[place] >= share
            if enough or not sure:
                yield place, int(number)

    def _match(self, ranking: Ranking, place: int, number: int, why: Sequence[Reason], share: float) -> Match:
        probability = float(ranking.probability[place])
        return Match(number, probability, tuple(why), ranking.fits >= self._caution.offered and probability >= share)

    def _favour(self, person: Person, asker: Person) -> float:
        return SPEAKS * (asker.language in person.speaks) - self._carried.get(person.id, 0.0)

    # --- Why

    def _subject_reasons(
        self,
        read: Read,
        query: Query,
        topics: Collection[str],
        lines: Sequence[str],
        language: str,
        alike: float = 0.0,
    ) -> list[Reason]:
        """Topics shared, else words shared, else that it means the same, where that is likely (`alike`)."""
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
        return [Reason("meaning")] if alike >= SHARE_OF_ITEM and self._encoder is not None else []

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

    def after(self, delta: Delta) -> "CommunityMatcher":
        """The matcher of the newer version: what changed is put in, what is gone taken out, nothing else touched."""
        twin = object.__new__(CommunityMatcher)
        twin.__dict__ |= self.__dict__
        twin.version, twin._catalogue = delta.version, self._catalogue.after(delta)
        twin._learn()
        changed = {one.item for one in delta.reused} | set(delta.items)
        answered = {one.expert for one in delta.history}
        twin._by_item = _changed(self._by_item, changed, twin._items, twin._of_item)
        within = {-number for number in changed if number in self._circles or number in twin._circles}
        there = {-number: item for number, item in twin._items.items() if -number in within}
        twin._by_item = _changed(twin._by_item, within, there, twin._within_circle)
        twin._by_network = _changed(self._by_network, delta.networks, twin._networks, twin._of_network)
        twin._by_person = _changed(self._by_person, answered | set(delta.experts), twin._people, twin._of_person)
        twin._attend()
        return twin

    def _learn(self) -> None:
        """What the indexes are made of, by id, from the catalogue as it is now."""
        self._people = {person.id: person for person in self._catalogue.experts}
        self._networks = {network.id: network for network in self._catalogue.networks}
        self._items = {item.id: item for item in self._catalogue.items}
        self._answered = _grouped(self._catalogue.history, lambda one: one.expert)
        self._reused = _grouped(self._catalogue.reused, lambda one: one.item)
        self._circles = {
            number: min(one.audience for one in taught)
            for number, taught in self._reused.items()
            if number in self._items and self._items[number].audience is Audience.SUB_NETWORK
        }
        self._carried = _carried(self._catalogue.offers)

    def _spells(self, word: str) -> bool:
        return self._topics.spells(word) or any(
            ranker.index.spells(word) for ranker in (self._by_item, self._by_person, self._by_network)
        )

    def _of_item(self, item: Item) -> Candidate:
        lines = [Text(item.question, item.language), Text(item.answer, item.language)]
        if item.id not in self._circles:
            lines += self._taught(item)
        return Candidate(item.id, (item.audience, item.network), lines, self._topics.places(item.topics))

    def _within_circle(self, item: Item) -> Candidate:
        """An item of a sub-network once more, with what was said of it, for those of its readers who may read that.

        Who belongs to a network may belong to a wider circle than whoever asked. Nothing for any other item: what was
        asked in a narrower circle than the item's is not in the catalogue at all.
        """
        circle = self._circles.get(item.id)
        if circle is None:
            return Candidate(-item.id, None, ())
        told = self._of_item(item)
        return replace(
            told, id=-item.id, shelf=(item.audience, item.network, circle), texts=[*told.texts, *self._taught(item)]
        )

    def _taught(self, item: Item) -> list[Text]:
        """ "This answers it": the next person who asks in these words finds it."""
        return [Text(one.text, one.language, one.at) for one in self._reused.get(item.id, ())]

    def _of_network(self, network: Network) -> Candidate:
        lines = [
            Text(f"{name}. {network.about.get(language, '')}", language) for language, name in network.names.items()
        ]
        shelf = (max(network.audience, Audience.UNDP), network.id)
        return Candidate(network.id, shelf, lines, self._topics.places(network.topics))

    def _of_person(self, person: Person) -> Candidate:
        places = self._topics.places(person.topics)
        profile = ". ".join(filter(None, (self._topics.names(places, person.language), person.about)))
        lines = [Text(profile, person.language)] if profile else []
        for one in self._answered.get(person.id, ()):
            worth = UNTOLD if one.helped is None else HELPED if one.helped else DID_NOT_HELP
            lines.append(Text(one.text, one.language, one.at, worth))
        return Candidate(person.id, person.reach, lines, places)

    def _whitening(self, catalogue: Catalogue) -> Whitening | None:
        """Learnt from what the whole institution may read alone: what few may read must not show in what others see."""
        if self._encoder is None:
            return None
        vectors = (self.keeping or self._encoder).encode(list(self._general(catalogue)))
        return whitening(vectors, fitted.general(self._encoder.name))

    @staticmethod
    def _general(catalogue: Catalogue) -> Iterable[str]:
        lines = [item.question for item in catalogue.items if item.audience >= Audience.UNDP]
        lines += [about for network in catalogue.networks for about in network.about.values()]
        return map(texts.cleaned, lines)


def _shelves(ranker: Ranker, reader: Person) -> tuple[int, ...]:
    """The shelves of items or networks whose candidates this reader may know of."""

    def may_know(shelf: Any) -> bool:
        audience, network, *circle = shelf
        return reader.may_read(audience, network) and all(map(reader.may_read, circle))

    return ranker.index.shelves(may_know)


def _changed(
    ranker: Ranker, numbers: Iterable[int], known: Mapping[int, Known], candidate: Callable[[Known], Candidate]
) -> Ranker:
    """The ranker with these candidates as they are known now; a twin when anything changes."""
    changed = {number: candidate(known[number]) if number in known else None for number in numbers}
    if not changed:
        return ranker
    twin = ranker.apart()
    for number, one in changed.items():
        if one is None:
            twin.index.drop(number)
        else:
            twin.index.put(one)
    return twin


def _grouped(entries: Iterable[Entry], by: Callable[[Entry], int]) -> dict[int, list[Entry]]:
    """Entries by id, oldest first."""
    found: dict[int, list[Entry]] = {}
    for one in sorted(entries, key=lambda one: one.at):
        found.setdefault(by(one), []).append(one)
    return found


def _carried(offers: Sequence[Offered]) -> dict[int, float]:
    """Log-odds taken from each person for what they were asked lately, and for how often they had no time.

    Lately is counted back from the newest offer, so that nothing changes while nothing happens. Who was not reached
    was not asked.
    """
    offers = [offer for offer in offers if offer.ended is not Ended.UNREACHED]
    if not offers:
        return {}
    newest = max(offer.at for offer in offers)
    asked: Counter[int] = Counter()
    lately: Counter[int] = Counter()
    refused: Counter[int] = Counter()
    for offer in offers:
        asked[offer.expert] += 1
        lately[offer.expert] += newest - offer.at <= LATELY
        refused[offer.expert] += offer.ended in (Ended.DECLINED, Ended.PASSED)
    return {
        person: CARRIES * math.log1p(lately[person]) + REFUSES * refused[person] / (asked[person] + DOUBT)
        for person in asked
    }


def build(
    setting: str = "use", caution: Caution | None = None, kept: Callable[[], Kept] | None = None
) -> Callable[[Catalogue], CommunityMatcher]:
    """What makes matchers of catalogues, with the encoder a setting names; the encoder is loaded once, here.

    `kept` gives the vectors of an earlier start.
    """
    encoder = encoders.load(setting)
    keeping = Keeping(encoder, kept) if encoder is not None and kept is not None else None

    def progress(done: int, all_: int) -> None:
        if all_ >= 5000:
            log.info("Reading what the community knows: %d of %d texts", done, all_)

    def make(catalogue: Catalogue) -> CommunityMatcher:
        if keeping is not None:
            keeping.anew()
        return CommunityMatcher(catalogue, encoder, caution, progress, keeping)

    return make
