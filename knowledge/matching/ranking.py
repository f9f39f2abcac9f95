"""From evidence to an order, a probability that the first is right, and one that anything fits at all.

The probability of a candidate is the weight of its texts in a softmax over everybody's texts, as in neighbourhood
components analysis (Goldberger et al. 2004), times the weight of what is seen of it as a whole. It is fitted as a
likelihood, so it is a probability without further ado, given that the right one is there at all. Whether it is
there is judged by how far the best stands out from what the best of the wrong ones usually looks like on these
shelves: cohort normalisation, as speaker verification does (Auckenthaler et al. 2000).
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from knowledge.matching.columns import Array
from knowledge.matching.index import Evidence, Index, Query
from knowledge.matching.weights import Fits, Weights

# Texts of a shelf asked as if they were questions to see what the best of the wrong ones looks like; and how many
# such texts weigh as much as what was learnt from general texts.
COHORT = 150
GENERAL_COHORT = 30.0
# Likeness from which two texts are the same text.
SAME = 0.97
# The candidate whose score the best is compared with: near ones may be equally right.
SIXTH = 5
# What the question's subject, found among the curated topics, is worth beyond the words, in log-odds. No public task
# has curated topics to fit this on: for a person or network it is as much as a strong likeness of words; an earlier
# answer on the same topic is not yet an answer to the same question.
TOPICS, TOPICS_OF_ITEMS = 4.0, 1.0

# Activity counts by days (Experts.recent), weeks (Experts.last); what nobody did counts as a little.
DAYS, WEEK, LITTLE, LONG_AGO = 20.0, 7.0, 0.05, 3000.0


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates best first: `ids`, `scores` (log-odds scale), `probability` that each is the right one.

    `fits` is the probability that any of them is. `order` leads from a rank back to its place in `evidence`.
    """

    ids: Array
    scores: Array
    probability: Array
    fits: float
    order: Array
    evidence: Evidence

    def at_least(self, fits: float) -> "Ranking":
        """The same, where something else makes it as certain as that that anything fits."""
        if self.fits >= fits:
            return self
        return replace(self, fits=fits, probability=self.probability * (fits / max(self.fits, 1e-9)))


def score(evidence: Evidence, weights: Weights, topics: float = TOPICS) -> Array:
    """One number a candidate, on a log-odds scale."""
    by = weights.signals
    rows = by["meaning"] * evidence.meaning
    rows = rows + np.where(evidence.same, by["grams"], by["foreign_grams"]) * evidence.grams
    rows = rows + np.log(np.maximum(evidence.weight, 1e-3))
    sizes = np.maximum(evidence.counts, 1)
    return np.asarray(
        _log_sum(rows, evidence.counts)
        - by["crowd"] * np.log(sizes)
        + by["centre"] * evidence.centre
        + by["words"] * evidence.words
        + by["foreign"] * evidence.foreign
        + topics * evidence.topics,
        dtype=np.float64,
    )


def standing(evidence: Evidence, scores: Array, weights: Weights, *, seen: bool) -> Array:
    """How the best stands out: its lead over the sixth, its middle (or best n-grams), its words.

    The last is NaN where it has no text in the language of the question. Zeros when there is no candidate. `seen`
    says whether there is an encoder.
    """
    if not len(scores):
        return np.zeros(3)
    best = int(np.argmax(scores))
    ranked = -np.sort(-scores)
    sixth = ranked[SIXTH] if len(ranked) > SIXTH else min(weights.fits.floor, ranked[-1])
    start = int(evidence.counts[:best].sum())
    grams = evidence.grams[start : start + int(evidence.counts[best])]
    whole = evidence.centre[best] if seen else grams.max(initial=0.0)
    # Across languages few words are shared by right and wrong ones alike: they say nothing.
    words = evidence.words[best] if evidence.same[start : start + int(evidence.counts[best])].any() else np.nan
    return np.array([ranked[0] - sixth, whole, words], dtype=np.float64)


class Ranker:
    """An index with its weights, and the cohort of each shelf. Safe to ask from several threads."""

    def __init__(self, index: Index, weights: Weights, *, seen: bool, topics: float = TOPICS) -> None:
        self.index = index
        self.topics = topics
        self.weights = weights
        self.seen = seen
        self._cohorts: dict[int, Cohort] = {}
        self._lock = threading.Lock()

    def apart(self) -> "Ranker":
        """A twin over a twin of the index."""
        twin = Ranker(self.index.apart(), self.weights, seen=self.seen, topics=self.topics)
        twin._cohorts = dict(self._cohorts)
        return twin

    def score(self, evidence: Evidence) -> Array:
        return score(evidence, self.weights, self.topics)

    def rank(
        self, query: Query, shelves: tuple[int, ...], *, without: Iterable[int] = (), before: float | None = None
    ) -> Ranking:
        evidence = self.index.evidence(query, shelves, self.score, without=without, before=before)
        scores = self.score(evidence)
        return self.ranking(query, shelves, evidence, scores, scores, self.weights.fits)

    def experts(
        self,
        query: Query,
        shelves: tuple[int, ...],
        *,
        spread: float = 0.0,
        without: Iterable[int] = (),
        before: float | None = None,
    ) -> Ranking:
        """Who would answer. `spread` in 0..1 takes the weight from who answered much lately, so that not always the
        same are asked; 0 is the best guess of who would. Times in days since 1970."""
        evidence = self.index.evidence(query, shelves, self.score, without=without, before=before)
        subject = self.score(evidence)
        likely = expertise(evidence, self.weights, spread=spread)
        return self.ranking(query, shelves, evidence, subject, likely, self.weights.subject)

    def ranking(
        self, query: Query, shelves: tuple[int, ...], evidence: Evidence, subject: Array, likely: Array, judge: Fits
    ) -> Ranking:
        """Ordered by `likely`; whether anything fits is judged by `subject`."""
        fits = 0.0
        if len(subject) and not query.empty:
            fits = self._fits(standing(evidence, subject, self.weights, seen=self.seen), shelves, judge)
        order = np.argsort(-likely, kind="stable")
        weight = np.exp(likely[order] - likely.max(initial=-np.inf)) if len(likely) else likely
        probability = weight / weight.sum() if len(likely) else likely
        return Ranking(self.index.ids(evidence.slots[order]), likely[order], probability * fits, fits, order, evidence)

    def _fits(self, stands: Array, shelves: tuple[int, ...], fits: Fits) -> float:
        mean, spread = self.background(shelves)
        odds = float(np.dot(np.nan_to_num((stands - mean) / spread), fits.coefficients)) + fits.intercept
        return float(1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30))))

    def background(self, shelves: tuple[int, ...]) -> tuple[Array, Array]:
        """Mean and spread of how the best of the wrong ones stands out on these shelves."""
        general = self.weights.fits.background
        total = GENERAL_COHORT
        mean = np.array(general[0]) * total
        spread = np.array(general[1]) * total
        for shelf in shelves:
            cohort = self.cohort(shelf)
            mean = mean + cohort.asked * cohort.mean
            spread = spread + cohort.asked * cohort.spread
            total += cohort.asked
        return mean / total, np.maximum(spread / total, 1e-3)

    def cohort(self, shelf: int) -> "Cohort":
        """How the best of the wrong ones stands out on a shelf; measured at the first need."""
        size = self.index.size_of(shelf)
        held = self._cohorts.get(shelf)
        if held is not None and abs(size - held.size) * 4 <= held.size:
            return held
        with self._lock:
            told = []
            for query, own in self.index.sample(shelf, COHORT, seed=size):
                evidence = _unlike(self.index.evidence(query, (shelf,), self.score, without=(own,)), seen=self.seen)
                if len(evidence.slots) > SIXTH:
                    told.append(standing(evidence, self.score(evidence), self.weights, seen=self.seen))
            stands = np.array(told) if told else np.zeros((1, 3))
            held = self._cohorts[shelf] = Cohort(
                size, len(told), np.nan_to_num(stands.mean(axis=0)), np.nan_to_num(stands.std(axis=0))
            )
            return held


@dataclass(frozen=True, slots=True)
class Cohort:
    """How the best of the wrong ones stood out for `asked` texts of a shelf of that `size`.

    Measured anew when the shelf has grown or shrunk by a quarter.
    """

    size: int
    asked: int
    mean: Array
    spread: Array


def _unlike(evidence: Evidence, *, seen: bool) -> Evidence:
    """Without the candidates that hold the very same text: two people who answered one question."""
    if not len(evidence.slots):
        return evidence
    likeness = evidence.meaning if seen else evidence.grams
    return evidence.take(np.flatnonzero(np.maximum.reduceat(likeness, _starts(evidence.counts)) < SAME))


def expertise(evidence: Evidence, weights: Weights, *, spread: float) -> Array:
    """Who would answer, on a log-odds scale: nearness of subject a text, and activity (softened by `spread`)."""
    if not len(evidence.slots):
        return np.zeros(0)
    by, part = weights.signals, weights.experts
    rows = by["meaning"] * evidence.meaning
    rows = rows + np.where(evidence.same, by["grams"], by["foreign_grams"]) * evidence.grams
    counts = evidence.counts
    kernel = np.exp(part.kernel * (rows - rows.max())) * np.maximum(evidence.weight, 1e-3)
    usual = kernel.mean()
    sums = _sum(kernel, counts)
    affinity = np.log((sums + usual) / (counts + 1.0))
    # A text without a date (a profile) is no activity.
    dated = ~np.isnan(evidence.at)
    age = (
        np.where(dated, np.nanmax(evidence.at) - evidence.at, LONG_AGO) if dated.any() else np.full(len(rows), LONG_AGO)
    )
    recent = np.log(_sum(np.where(dated, np.exp(-age / DAYS), 0.0), counts) + LITTLE)
    last = -np.log1p(_least(age, counts) / WEEK)
    activity = part.recent * recent + part.last * last
    return np.asarray(part.affinity * affinity + (1.0 - spread) * activity + TOPICS * evidence.topics, dtype=np.float64)


def _starts(counts: Array) -> Array:
    return np.asarray(np.cumsum(counts) - counts)


def _sum(values: Array, counts: Array) -> Array:
    return np.asarray(np.add.reduceat(values, _starts(counts)), dtype=np.float64)


def _least(values: Array, counts: Array) -> Array:
    return np.asarray(np.minimum.reduceat(values, _starts(counts)))


def _log_sum(values: Array, counts: Array) -> Array:
    """log of the sum of exp over each run; every run has at least one value."""
    if not len(counts):
        return np.zeros(0)
    starts = _starts(counts)
    highest = np.maximum.reduceat(values, starts)
    return np.asarray(highest + np.log(np.add.reduceat(np.exp(values - np.repeat(highest, counts)), starts)))
