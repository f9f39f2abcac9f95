"""What is known, as numbers: candidates (an item, a person, a network) on shelves, each with its texts.

A shelf is who may know of a candidate. Only the shelves a reader may look at are counted, searched and ranked, so
what others keep to themselves shows neither in the results nor in a score.
"""

import copy
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.matching import text as texts
from knowledge.matching.columns import Array, Column, Ragged, Rows, ranges, sums
from knowledge.matching.encoder import Encoder, Vectors
from knowledge.matching.lexical import WordsIndex
from knowledge.matching.vectors import Bytes, SignGraph, Whitening, as_bytes, dots, whitening

# BM25 (Robertson and Zaragoza 2009): saturation, and how much a long text is held against it.
K1, B = 1.2, 0.5
# Candidates looked at closely; further down nobody is the right one.
CLOSELY = 300
# Texts compared one by one. Beyond so many on a shelf, tantivy and usearch propose whom to look at.
EXACT = 20_000
# Texts looked at of one candidate: the newest.
TEXTS = 400
# Texts encoded in one go; in batches the encoder is three times faster than one by one.
BATCH = 64
# Candidates read before they are put down, which bounds the memory of filling; candidates whitening is learnt from.
BLOCK, LEARN = 4096, 5000


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a candidate. `at` (UTC) is None for what has no date, such as a profile."""

    text: str
    language: str
    at: datetime | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """`topics` are places in the list of curated topics, below 256."""

    id: int
    shelf: Hashable
    texts: Sequence[Text]
    topics: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A question read: distinct word and gram numbers (words nobody used are counted, not numbered), its vector."""

    language: str
    words: tuple[int, ...]
    unknown: int
    grams: tuple[int, ...]
    vector: Bytes | None
    scale: float
    topics: tuple[int, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.grams


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question read as far as several indexes can share it: distinct stems, gram numbers, its vector."""

    language: str
    words: tuple[str, ...]
    grams: tuple[int, ...]
    vector: Bytes | None
    scale: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each candidate. Arrays over its texts come one candidate after another, `counts` each.

    `meaning`: cosine of whitened vectors; `grams`: cosine of weighted character n-grams; `same`: written in the
    language of the question; `at`: days since 1970, NaN without a date; `weight`.
    Over candidates: `centre`: cosine to the middle of its texts; `words`, `foreign`: share of the question's
    weighed words found in texts of its language and of others, 0..1; `topics`: share of the question's topics it has.
    """

    slots: Rows
    counts: Rows
    rows: Rows
    meaning: Array
    grams: Array
    same: Array
    at: Array
    weight: Array
    centre: Array
    words: Array
    foreign: Array
    topics: Array

    def take(self, chosen: Rows) -> "Evidence":
        """Only these of its candidates, by place."""
        starts = np.cumsum(self.counts) - self.counts
        rows = ranges(starts[chosen], self.counts[chosen])
        return Evidence(
            self.slots[chosen], self.counts[chosen], self.rows[rows], self.meaning[rows], self.grams[rows],
            self.same[rows], self.at[rows], self.weight[rows], self.centre[chosen], self.words[chosen],
            self.foreign[chosen], self.topics[chosen],
        )  # fmt: skip


class Shelf:
    """The counts of one shelf: what is common is worth little as a sign."""

    def __init__(self) -> None:
        self.candidates = 0
        self.length = 0
        self.texts = 0
        self.word_counts = np.zeros(0, dtype=np.uint32)
        self.gram_counts = np.zeros(texts.GRAMS, dtype=np.uint32)
        self.graph: SignGraph | None = None
        self.lexicon: WordsIndex | None = None

    def count(self, words: Array, grams: Array, texts_: int, length: int, sign: int) -> None:
        """Adds (sign 1) or takes away (sign -1) a candidate with these distinct words and grams."""
        need = int(words.max()) + 1 if len(words) else 0
        if need > len(self.word_counts):
            grown = np.zeros(need + need // 4 + 64, dtype=np.uint32)
            grown[: len(self.word_counts)] = self.word_counts
            self.word_counts = grown
        # Unsigned numbers wrap: adding 2^32 - 1 takes one away.
        one = np.uint32(sign % 2**32)
        self.word_counts[words] += one
        self.gram_counts[grams] += one
        self.candidates += sign
        self.texts += sign * texts_
        self.length += sign * length

    def apart(self) -> "Shelf":
        """A copy to change while others go on reading this one."""
        twin = copy.copy(self)
        twin.word_counts = self.word_counts.copy()
        twin.gram_counts = self.gram_counts.copy()
        return twin


@dataclass(slots=True)
class View:
    """Several shelves as one reader sees them, as of one version."""

    shelves: tuple[int, ...]
    candidates: int
    texts: int
    average: float
    gram_weights: Array
    # Only where everything is compared one by one; None where indexes propose.
    slots: Rows | None
    rows: Rows
    counts: Rows
    flat_words: Array
    word_counts: Rows


Progress = Callable[[int, int], None]
"""Told how many texts of how many are done."""


class Index:
    """Candidates by id. One writer at a time; a twin (`apart`) is changed while readers keep the one they have."""

    def __init__(
        self,
        encoder: Encoder | None,
        white: Whitening | None = None,
        general: dict[str, Array] | None = None,
        keeping: Encoder | None = None,
    ):
        """`keeping` encodes what is put in, where that is not `encoder` itself: the same model, with a memory."""
        self._encoder = encoder
        self._keeping = keeping or encoder
        self._general = general
        self._white = white
        self._numbers: dict[str, int] = {}
        self._spelt: set[str] = set()
        self._shelf_of: dict[Hashable, int] = {}
        # Of each id all the slots it ever had: which one counts, each twin knows by what is alive in it.
        self._slots_of: dict[int, tuple[int, ...]] = {}
        self._shelves: list[Shelf] = []
        dimensions = encoder.dimensions if encoder else 0
        self._vectors = Column(np.int8, dimensions)
        self._scales = Column(np.float32)
        self._words = Ragged(np.uint32)
        self._grams = Ragged(np.uint16)
        self._languages: dict[str, int] = {}
        self._language = Column(np.uint8)
        self._at = Column(np.float64)
        self._weight = Column(np.float32)
        self._owner = Column(np.int32)
        self._ids = Column(np.int64)
        self._shelf = Column(np.uint16)
        self._first = Column(np.int32)
        self._count = Column(np.int32)
        self._lengths = Column(np.int32)
        self._norm = Column(np.float32)
        self._topics = Column(np.uint64, 4)
        self._alive = np.zeros(0, dtype=bool)
        self._lock = threading.RLock()
        self._views: dict[tuple[int, ...], View] = {}

    # --- Reading questions

    def read(self, text: str, language: str, topics: Sequence[int] = ()) -> Query:
        """A question as this index compares it; `text` is cleaned already."""
        return self.numbered(self.spoken(text, language), topics)

    def spoken(self, text: str, language: str) -> Spoken:
        """The part of `read` that is the same for every index with this encoder and whitening."""
        folded = texts.words(text)
        vector, scale = None, 0.0
        if self._encoder is not None and folded:
            vector, scales = as_bytes(self._whitened(self._encoder.encode([text])))
            scale = float(scales[0])
        stems = tuple(dict.fromkeys(texts.stems(folded, language)))
        return Spoken(language, stems, tuple(texts.grams(folded)), vector, scale)

    def numbered(self, spoken: Spoken, topics: Sequence[int] = ()) -> Query:
        """The rest of `read`: the words by this index's own numbers."""
        known = tuple(number for word in spoken.words if (number := self._numbers.get(word)) is not None)
        unknown = len(spoken.words) - len(known)
        return Query(spoken.language, known, unknown, spoken.grams, spoken.vector, spoken.scale, tuple(topics))

    def spells(self, word: str) -> bool:
        """Whether some text here has this folded word."""
        return word in self._spelt

    def _whitened(self, vectors: Vectors) -> Vectors:
        return self._white(vectors) if self._white is not None else vectors

    # --- Writing

    def fill(self, candidates: Iterable[Candidate], progress: Progress | None = None) -> None:
        """Puts many at once; learns the whitening from them when there is none yet."""
        everyone = [candidate for candidate in candidates if candidate.texts]
        if self._encoder is not None and self._white is None:
            every = max(1, len(everyone) // LEARN)
            lines = [texts.cleaned(one.text) for candidate in everyone[::every] for one in newest(candidate.texts)]
            self._white = whitening(self._encode(lines), self._general)
        total = sum(min(len(candidate.texts), TEXTS) for candidate in everyone)
        done = 0
        for start in range(0, len(everyone), BLOCK):
            block = everyone[start : start + BLOCK]
            lines = [texts.cleaned(one.text) for candidate in block for one in newest(candidate.texts)]
            vectors = self._whitened(self._encode(lines))
            with self._lock:
                at = 0
                for candidate in block:
                    kept = newest(candidate.texts)
                    stop = at + len(kept)
                    rows = self._append(kept, lines[at:stop], vectors[at:stop])
                    self._seat(candidate.id, self._number_of(candidate.shelf), rows, _mask(candidate.topics))
                    at = stop
            done += len(lines)
            if progress is not None:
                progress(done, total)
        with self._lock:
            self._settle(force=True)

    def put(self, candidate: Candidate) -> None:
        """Adds a candidate, in place of the one with its id; one without texts is gone."""
        kept = newest(candidate.texts)
        lines = [texts.cleaned(one.text) for one in kept]
        vectors = self._whitened(self._encode(lines))
        with self._lock:
            self.drop(candidate.id)
            if kept:
                rows = self._append(kept, lines, vectors)
                self._seat(candidate.id, self._number_of(candidate.shelf), rows, _mask(candidate.topics))
                self._settle()

    def drop(self, id: int) -> None:
        """Takes a candidate away; nothing when it is not there."""
        with self._lock:
            slot = self._slot(id)
            if slot is None:
                return
            rows = self._rows(slot)
            shelf = self._shelves[self._shelf.values[slot]]
            shelf.count(*self._distinct(rows), len(rows), int(self._lengths.values[slot]), -1)
            # Its numbers stay where they are, in the shelf's indexes too, for those who still read the version before.
            self._alive[slot] = False
            self._views = {}

    def apart(self) -> "Index":
        """A twin to change; this one goes on answering as before. Only the newest twin may be changed."""
        twin = copy.copy(self)
        twin._shelf_of = dict(self._shelf_of)
        twin._shelves = [shelf.apart() for shelf in self._shelves]
        twin._alive = self._alive.copy()
        twin._views = {}
        return twin

    def __len__(self) -> int:
        return sum(shelf.candidates for shelf in self._shelves)

    def __contains__(self, id: int) -> bool:
        return self._slot(id) is not None

    @property
    def bytes(self) -> int:
        """Memory held, without the model: columns, counts and indexes; dictionaries at a hundred bytes an entry."""
        columns = (
            self._vectors, self._scales, self._words, self._grams, self._language, self._at, self._weight, self._owner,
            self._ids, self._shelf, self._first, self._count, self._lengths, self._norm, self._topics,
        )  # fmt: skip
        shelves = sum(
            shelf.word_counts.nbytes + shelf.gram_counts.nbytes + (shelf.graph.bytes if shelf.graph else 0)
            for shelf in self._shelves
        )
        entries = len(self._slots_of) + len(self._numbers)
        return sum(column.bytes for column in columns) + shelves + self._alive.nbytes + 100 * entries

    def _encode(self, lines: Sequence[str]) -> Vectors:
        if self._keeping is None:
            return np.zeros((len(lines), 0), dtype=np.float32)
        vectors = np.zeros((len(lines), self._keeping.dimensions), dtype=np.float32)
        # Texts of like length together: a batch costs as much as its longest.
        order = np.argsort([len(line) for line in lines], kind="stable")
        for start in range(0, len(lines), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._keeping.encode([lines[at] for at in batch])
        return vectors

    def _append(self, kept: Sequence[Text], lines: Sequence[str], vectors: Vectors) -> Rows:
        start = self._scales.size
        words, grams = [], []
        for one, line in zip(kept, lines, strict=True):
            folded = texts.words(line)
            self._spelt.update(folded)
            words.append([self._number(word) for word in texts.stems(folded, one.language)])
            grams.append(texts.grams(folded))
        if self._encoder is not None:
            kept_bytes, scales = as_bytes(vectors)
            self._vectors.append(kept_bytes)
            self._scales.append(scales)
        else:
            self._scales.append(np.zeros(len(kept)))
        self._words.append(words)
        self._grams.append(grams)
        self._language.append([self._languages.setdefault(one.language, len(self._languages)) for one in kept])
        self._at.append([one.at.timestamp() / 86400 if one.at else np.nan for one in kept])
        self._weight.append([one.weight for one in kept])
        self._owner.append(np.full(len(kept), -1))
        return np.arange(start, start + len(kept))

    def _seat(self, id: int, shelf_number: int, rows: Rows, topics: Array) -> None:
        slot = self._ids.size
        length = int(self._words.gather(rows)[1].sum())
        norm = 1.0
        if len(rows) > 1 and self._encoder is not None:
            unit = self._vectors.values[rows].astype(np.float32) * self._scales.values[rows, None]
            norm = float(np.linalg.norm(unit.mean(axis=0))) or 1.0
        self._owner.values[rows] = slot
        self._ids.append([id])
        self._shelf.append([shelf_number])
        self._first.append([rows[0]])
        self._count.append([len(rows)])
        self._lengths.append([length])
        self._norm.append([norm])
        self._topics.append(topics[None, :])
        if slot >= len(self._alive):
            grown = np.zeros(max(slot + slot // 4, 64), dtype=bool)
            grown[: len(self._alive)] = self._alive
            self._alive = grown
        self._alive[slot] = True
        # All of them: a twin of a transaction that was undone leaves slots here, and must not push out the living one.
        self._slots_of[id] = (*self._slots_of.get(id, ()), slot)
        shelf = self._shelves[shelf_number]
        words, grams = self._distinct(rows)
        shelf.count(words, grams, len(rows), length, 1)
        if shelf.lexicon is not None:
            shelf.lexicon.add(slot, words.tolist())
        if shelf.graph is not None:
            shelf.graph.add(rows, self._vectors.values[rows])
        self._views = {}

    def _settle(self, *, force: bool = False) -> None:
        for number, shelf in enumerate(self._shelves):
            if shelf.texts > EXACT and shelf.lexicon is None:
                shelf.lexicon = WordsIndex()
                slots = self._living([number])
                for slot in slots:
                    shelf.lexicon.add(int(slot), self._distinct(self._rows(int(slot)))[0].tolist())
                if self._encoder is not None:
                    shelf.graph = SignGraph(self._encoder.dimensions)
                    rows = self._rows_of(slots)[0]
                    shelf.graph.add(rows, self._vectors.values[rows])
                shelf.lexicon.settle(force=True)
            elif shelf.lexicon is not None:
                shelf.lexicon.settle(force=force)

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    def _number_of(self, shelf: Hashable) -> int:
        if shelf not in self._shelf_of:
            self._shelf_of[shelf] = len(self._shelves)
            self._shelves.append(Shelf())
        return self._shelf_of[shelf]

    def _slot(self, id: int) -> int | None:
        for slot in reversed(self._slots_of.get(id, ())):
            if slot < len(self._alive) and self._alive[slot]:
                return slot
        return None

    def _living(self, shelves: Sequence[int]) -> Rows:
        """The slots alive on these shelves."""
        size = min(self._ids.size, len(self._alive))
        return np.flatnonzero(self._alive[:size] & np.isin(self._shelf.values[:size], shelves))

    def _rows(self, slot: int) -> Rows:
        first = int(self._first.values[slot])
        return np.arange(first, first + int(self._count.values[slot]))

    def _rows_of(self, slots: Rows) -> tuple[Rows, Rows]:
        """The rows of these slots one after another, and how many each has."""
        counts = self._count.values[slots].astype(np.int64)
        return ranges(self._first.values[slots].astype(np.int64), counts), counts

    def _distinct(self, rows: Rows) -> tuple[Array, Array]:
        return np.unique(self._words.gather(rows)[0]), np.unique(self._grams.gather(rows)[0])

    # --- Looking things up

    def ids(self, slots: Rows) -> Array:
        """The candidates' ids behind the slots of an evidence."""
        return np.asarray(self._ids.values[slots])

    def shelves(self, may_know: Callable[[Hashable], bool]) -> tuple[int, ...]:
        """The shelves a reader may look at, as `evidence` wants them."""
        return tuple(number for shelf, number in self._shelf_of.items() if may_know(shelf))

    def size_of(self, shelf: int) -> int:
        """Candidates on a shelf."""
        return self._shelves[shelf].candidates

    def sample(self, shelf: int, most: int, seed: int) -> list[tuple[Query, int]]:
        """Texts of a shelf read back as questions, each with the id of its candidate; the same for the same seed."""
        slots = self._living([shelf])
        if not len(slots):
            return []
        rows, counts = self._rows_of(slots)
        owners = np.repeat(slots, counts)
        languages = {number: language for language, number in self._languages.items()}
        found = []
        for place in np.random.default_rng(seed).choice(len(rows), size=min(most, len(rows)), replace=False):
            row = int(rows[place])
            query = Query(
                languages[int(self._language.values[row])],
                tuple(np.unique(self._words.of(row)).tolist()),
                0,
                tuple(self._grams.of(row).tolist()),
                self._vectors.values[row][None, :] if self._encoder is not None else None,
                float(self._scales.values[row]),
            )
            found.append((query, int(self._ids.values[owners[place]])))
        return found

    def evidence(
        self,
        query: Query,
        shelves: tuple[int, ...],
        score: Callable[[Evidence], Array],
        *,
        without: Iterable[int] = (),
        before: float | None = None,
    ) -> Evidence:
        """What speaks for the candidates on these shelves: all of them while few, else the CLOSELY best by `score`.

        `without` leaves out candidates by id; `before` (days since 1970) leaves out later texts, and candidates
        that have none earlier.
        """
        view = self._view(shelves)
        if view.slots is not None:
            slots, rows, counts = view.slots, view.rows, view.counts
            flat = (view.flat_words, view.word_counts)
        else:
            slots = self._proposed(query, view)
            rows, counts = self._rows_of(slots)
            flat = self._words.gather(rows)
        gone = [slot for one in without if (slot := self._slot(one)) is not None]
        if gone or before is not None:
            kept = ~np.isin(slots, gone)
            keep_rows = np.repeat(kept, counts)
            if before is not None:
                keep_rows &= self._at.values[rows] < before
            owners = np.repeat(np.arange(len(slots)), counts)[keep_rows]
            flat = self._words.gather(rows := rows[keep_rows])
            counts = np.bincount(owners, minlength=len(slots))
            slots, counts = slots[counts > 0], counts[counts > 0]
        evidence = self._weighed(query, view, slots, rows, counts, flat)
        if len(slots) > CLOSELY:
            rough = score(evidence)
            evidence = evidence.take(np.sort(np.argpartition(-rough, CLOSELY)[:CLOSELY]))
        evidence.grams[:] = self._gram_likeness(query, view, evidence.rows)
        return evidence

    def _view(self, shelves: tuple[int, ...]) -> View:
        view = self._views.get(shelves)
        if view is None:
            view = self._views[shelves] = self._look(shelves)
        return view

    def _look(self, shelves: tuple[int, ...]) -> View:
        mine = [self._shelves[number] for number in shelves]
        candidates = sum(shelf.candidates for shelf in mine)
        texts_ = sum(shelf.texts for shelf in mine)
        length = sum(shelf.length for shelf in mine)
        counts = sum((shelf.gram_counts for shelf in mine), np.zeros(texts.GRAMS, dtype=np.uint32))
        gram_weights = np.log1p(candidates / (1.0 + counts)).astype(np.float32)
        slots, rows, row_counts = None, np.zeros(0, np.int64), np.zeros(0, np.int64)
        flat: tuple[Array, Rows] = (np.zeros(0, np.uint32), np.zeros(0, np.int64))
        if texts_ <= EXACT:
            slots = self._living(shelves)
            rows, row_counts = self._rows_of(slots)
            flat = self._words.gather(rows)
        return View(
            shelves, candidates, texts_, length / max(candidates, 1), gram_weights, slots, rows, row_counts, *flat
        )

    def _proposed(self, query: Query, view: View) -> Rows:
        found = []
        for number in view.shelves:
            shelf = self._shelves[number]
            if shelf.lexicon is None:  # a small shelf beside large ones: everything on it
                found.append(self._living([number]))
                continue
            with self._lock:
                found.append(shelf.lexicon.find(query.words, CLOSELY))
                if shelf.graph is not None and query.vector is not None and query.scale:
                    found.append(self._owner.values[shelf.graph.nearest(query.vector, CLOSELY)].astype(np.int64))
        slots = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
        slots = slots[slots < len(self._alive)]
        return slots[self._alive[slots]]

    def _weighed(
        self, query: Query, view: View, slots: Rows, rows: Rows, counts: Rows, flat: tuple[Array, Rows]
    ) -> Evidence:
        language = self._languages.get(query.language, -1)
        same = self._language.values[rows] == language
        meaning = np.zeros(len(rows), dtype=np.float32)
        if query.vector is not None and query.scale and len(rows):
            # Comparing with all is faster than gathering most.
            if len(rows) * 3 > self._scales.size:
                meaning = dots(query.vector, self._vectors.values)[rows]
            else:
                meaning = dots(query.vector, self._vectors.values[rows])
            meaning = meaning * self._scales.values[rows] * np.float32(query.scale)
        sizes = np.maximum(counts, 1)
        # Where only some of a candidate's texts count, their middle is taken to be as far out as that of all.
        centre = sums(meaning, counts) / sizes / self._norm.values[slots]
        words, foreign = self._words_shared(query, view, slots, counts, same, flat)
        return Evidence(
            slots, counts, rows, meaning, np.zeros(len(rows), np.float32), same, self._at.values[rows],
            self._weight.values[rows], centre, words, foreign, self._topics_shared(query, slots),
        )  # fmt: skip

    def _words_shared(
        self, query: Query, view: View, slots: Rows, counts: Rows, same: Array, flat: tuple[Array, Rows]
    ) -> tuple[Array, Array]:
        """BM25 over each candidate's texts as one, as a share of the most the question could have."""
        total = view.candidates
        none = np.zeros(len(slots), dtype=np.float32)
        frequency = np.array([self._frequency(view, word) for word in query.words], dtype=np.float64)
        weights = np.log1p((total - frequency + 0.5) / (frequency + 0.5))
        most = (K1 + 1) * (weights.sum() + query.unknown * np.log1p((total + 0.5) / 0.5))
        if not query.words or not len(slots) or most <= 0:
            return none, none
        numbers, word_counts = flat
        place = np.full(len(self._numbers) + 1, -1, dtype=np.int16)
        place[list(query.words)] = np.arange(len(query.words))
        found = place[numbers]
        hit = np.flatnonzero(found >= 0)
        row_of = np.repeat(np.arange(len(word_counts)), word_counts)[hit]
        owner = np.repeat(np.arange(len(slots)), counts)[row_of]
        width = len(query.words)
        long = 1 - B + B * self._lengths.values[slots] / max(view.average, 1.0)
        result = []
        for mine in (same[row_of], ~same[row_of]):
            often = np.bincount(owner[mine] * width + found[hit][mine], minlength=len(slots) * width)
            often = often.reshape(len(slots), width)
            gain = often * (K1 + 1) / (often + K1 * long[:, None])
            result.append((gain @ weights / most).astype(np.float32))
        return result[0], result[1]

    def _frequency(self, view: View, word: int) -> int:
        return sum(
            int(counts[word]) for number in view.shelves if word < len(counts := self._shelves[number].word_counts)
        )

    def _gram_likeness(self, query: Query, view: View, rows: Rows) -> Array:
        if not query.grams or not len(rows):
            return np.zeros(len(rows), dtype=np.float32)
        weights = view.gram_weights
        mine = np.zeros(texts.GRAMS, dtype=np.float32)
        asked = list(query.grams)
        mine[asked] = weights[asked] ** 2
        flat, counts = self._grams.gather(rows)
        shared = sums(mine[flat], counts)
        lengths = np.sqrt(sums(weights[flat] ** 2, counts) * float(mine.sum()))
        return np.asarray(shared / np.maximum(lengths, 1e-6), dtype=np.float32)

    def _topics_shared(self, query: Query, slots: Rows) -> Array:
        if not query.topics:
            return np.zeros(len(slots), dtype=np.float32)
        held = self._topics.values[slots]
        has = [(held[:, topic >> 6] >> np.uint64(topic & 63)) & np.uint64(1) for topic in query.topics]
        return np.asarray(np.mean(has, axis=0), dtype=np.float32) if len(slots) else np.zeros(0, np.float32)


def newest(all_: Sequence[Text]) -> Sequence[Text]:
    """Those of a candidate's texts that are looked at."""
    return all_[-TEXTS:]


@lru_cache(maxsize=4096)
def _mask_of(topics: tuple[int, ...]) -> NDArray[np.uint64]:
    mask = np.zeros(4, dtype=np.uint64)
    for topic in topics:
        mask[topic >> 6] |= np.uint64(1) << np.uint64(topic & 63)
    return mask


def _mask(topics: Sequence[int]) -> NDArray[np.uint64]:
    return _mask_of(tuple(topic for topic in topics if topic < 256))
