"""The first matcher: curated topics found in the text, and weighed words shared with what is known.

Fuzzy scores only order what shares a topic or rare words: alone they send "conflict prevention" to
"conflict of interest prevention policy" (token_set_ratio gives 100).
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache

from rapidfuzz import fuzz, process

from knowledge.matching.port import Catalogue, Delta, Match, Reason, Seen
from knowledge.people import Person
from knowledge.places import Audience
from knowledge.text import plain

# Where a score starts to mean "fits", read off the sample community. High for earlier answers, since a wrong one
# costs trust; lower for people, since the asker sees what kind of person it goes to before anything is sent.
ITEM_FITS = 0.5
EXPERT_FITS = 0.3
NETWORK_FITS = 0.3

_LONGEST = 2000  # Characters read: what a question is about stands at its beginning.
_MISSPELT = 88  # rapidfuzz ratio from which a run of words counts as a misspelt topic name of 6 letters or more.

# Words that say nothing of a subject, in the three languages.
_EMPTY = frozenset(
    plain(
        """
        a an the of in on at for to from with and or is are be was were do does did have has had can could should would
        how what who where when which why any anyone somebody someone there this that these those i we you they it our
        my your their please need looking help know use used using good best some as by not no if about me us template
        un une le la les l d de du des dans sur a au aux pour avec et ou est sont etre avoir comment quel quelle quels
        quelles qui que quoi quand pourquoi je nous vous ils elles il elle on notre nos mon votre leur ce cette ces
        besoin cherche quelqu un une y il t s il plait faut peut
        el los las un una unos unas de del en por para con y o es son ser estar como que quien cual cuales donde cuando
        se lo mi nuestro nuestra su sus este esta estos hay alguien tiene tienen necesito busco ayuda
        """
    ).split()
)


class SimpleMatcher:
    """Ranks by curated topics and weighed words. Immutable: another version of the catalogue is another matcher."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.version = catalogue.version
        self._catalogue = catalogue
        self._phrases = _phrases(catalogue)
        self._weights = _word_weights(item.question + " " + item.answer for item in catalogue.items)
        # A word never seen weighs as much as the rarest.
        self._rarest = max(self._weights.values(), default=1.0)
        self._items = [
            (item, plain(item.question), _words(item.question), _words(item.answer)) for item in catalogue.items
        ]
        self._experts = [(person, _words(person.about)) for person in catalogue.experts]
        self._networks = [
            (network, _words(" ".join([*network.names.values(), *network.about.values()])))
            for network in catalogue.networks
        ]
        # One question is asked about thrice in a row: items, experts, networks.
        self._read = lru_cache(maxsize=64)(self._read_text)
        self._answered: Counter[tuple[int, str]] = Counter()
        self._last: dict[int, datetime] = {}
        for answered in catalogue.history:
            for topic in self.topics(answered.text):
                self._answered[answered.expert, topic] += 1
            self._last[answered.expert] = max(self._last.get(answered.expert, answered.at), answered.at)

    def topics(self, text: str) -> tuple[str, ...]:
        """The curated topics a text names, by name or alias in any language, small misspellings included."""
        return self._read(text[:_LONGEST])[0]

    def seen(self, text: str) -> Seen:
        return Seen(topics=self.topics(text))

    def after(self, delta: Delta) -> "SimpleMatcher":
        return SimpleMatcher(self._catalogue.after(delta))

    def items(self, text: str, reader: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        topics, words = self._read(text[:_LONGEST])
        found = []
        line = plain(text[:_LONGEST])
        for item, question, question_words, answer_words in self._items:
            if not reader.may_read(item.audience, item.network):
                continue
            shared = words & (question_words | answer_words)
            common_topics = [topic for topic in topics if topic in item.topics]
            if not shared and not common_topics:
                continue
            likeness = fuzz.token_sort_ratio(line, question) / 100
            closeness = self._share(words & question_words, words) + 0.3 * self._share(words & answer_words, words)
            topical = len(common_topics) / len(topics) if topics else 0.0
            score = 0.5 * min(closeness, 1.0) + 0.3 * likeness + 0.2 * topical
            fits = score >= ITEM_FITS
            if fits or not sure:
                found.append(Match(item.id, score, _topic_and_word_reasons(common_topics, shared), fits))
        return _best(found, limit)

    def experts(
        self, text: str, asker: Person, *, excluding: Collection[int] = (), limit: int = 5, sure: bool = True
    ) -> list[Match]:
        topics, words = self._read(text[:_LONGEST])
        found = []
        for person, about in self._experts:
            if person.id in excluding or not person.may_be_asked_by(asker):
                continue
            common_topics = [topic for topic in topics if topic in person.topics]
            shared = words & about
            answered = sum(self._answered[person.id, topic] for topic in topics)
            if not common_topics and not answered and (sure or not shared):
                continue
            score = (
                0.6 * (len(common_topics) / len(topics) if topics else 0.0)
                + 0.2 * self._share(shared, words)
                + 0.1 * min(answered, 5) / 5
                + 0.1 * (asker.language in person.speaks)
            )
            fits = score >= EXPERT_FITS and bool(common_topics or answered)
            if sure and not fits:
                continue
            reasons = list(_topic_and_word_reasons(common_topics, shared))
            if answered:
                reasons.append(Reason("answered", {"count": answered, "last": self._last.get(person.id)}))
            if asker.language in person.speaks:
                reasons.append(Reason("language", {"language": asker.language}))
            found.append(Match(person.id, min(score, 1.0), tuple(reasons), fits))
        return _best(found, limit)

    def networks(self, text: str, asker: Person, *, limit: int = 3, sure: bool = True) -> list[Match]:
        topics, words = self._read(text[:_LONGEST])
        found = []
        for network, about in self._networks:
            if not asker.may_read(max(network.audience, Audience.UNDP), network.id):
                continue
            common_topics = [topic for topic in topics if topic in network.topics]
            shared = words & about
            score = 0.6 * (len(common_topics) / len(topics) if topics else 0.0) + 0.4 * self._share(shared, words)
            fits = score >= NETWORK_FITS and bool(common_topics)
            if fits or (not sure and score > 0):
                reasons = _topic_and_word_reasons(common_topics, shared)
                found.append(Match(network.id, min(score, 1.0), reasons, fits))
        return _best(found, limit)

    def _share(self, some: Collection[str], of: Collection[str]) -> float:
        """How much of the words' weight the shared ones carry, 0..1."""
        weights, rarest = self._weights, self._rarest
        total = sum(weights.get(word, rarest) for word in of)
        return sum(weights.get(word, rarest) for word in some) / total if some and total else 0.0

    def _read_text(self, text: str) -> tuple[tuple[str, ...], frozenset[str]]:
        line = f" {_singular(plain(text))} "
        topics = {key: None for phrase, key in self._phrases.items() if f" {phrase} " in line}
        if not topics:
            topics = dict.fromkeys(self._misspelt(line.split()))
        return tuple(topics), _words(text)

    def _misspelt(self, words: list[str]) -> Iterable[str]:
        runs = [" ".join(words[start : start + size]) for size in (1, 2, 3) for start in range(len(words) - size + 1)]
        long_phrases = [phrase for phrase in self._phrases if len(phrase) >= 6]
        for run in runs[:300]:
            if len(run) >= 6:
                hit = process.extractOne(run, long_phrases, scorer=fuzz.ratio, score_cutoff=_MISSPELT)
                if hit:
                    yield self._phrases[hit[0]]


def _phrases(catalogue: Catalogue) -> dict[str, str]:
    return {
        phrase: topic.key
        for topic in catalogue.topics
        for name in (*topic.names.values(), *topic.aliases)
        if (phrase := _singular(plain(name)))
    }


def _singular(line: str) -> str:
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in line.split())


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _singular(plain(text)).split() if word not in _EMPTY and len(word) > 1)


def _word_weights(texts: Iterable[str]) -> dict[str, float]:
    """Inverse document frequency: log(1 + N / n)."""
    seen: Counter[str] = Counter()
    total = 0
    for text in texts:
        total += 1
        seen.update(_words(text))
    return {word: math.log(1 + total / count) for word, count in seen.items()}


def _topic_and_word_reasons(topics: Collection[str], words: Collection[str]) -> tuple[Reason, ...]:
    if topics:
        return (Reason("topics", {"topics": list(topics)}),)
    return (Reason("words", {"words": sorted(words)[:5]}),) if words else ()


def _best(found: list[Match], limit: int) -> list[Match]:
    return sorted(found, key=lambda match: (-match.score, match.id))[:limit]
