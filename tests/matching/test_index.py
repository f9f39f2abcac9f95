"""The index: who may not know of something sees no trace of it, and changes leave it as if built anew."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.matching import index as index_module
from knowledge.matching import weights as fitted
from knowledge.matching.encoder import Vectors
from knowledge.matching.index import Candidate, Index, Text
from knowledge.matching.ranking import Ranker, Ranking
from knowledge.matching.vectors import Whitening

WORDS = ("mines", "floods", "budget", "women", "elections", "water", "courts", "energy", "schools", "seeds")
line = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)


class Counted:
    """An encoder whose vectors are the counts of the words above: no model is needed to test the index."""

    name, dimensions, identity = "counted", len(WORDS), "counted 1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.array([[text.count(word) for word in WORDS] for text in texts], dtype=np.float32)
        vectors = vectors.reshape(len(texts), self.dimensions)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)


AS_IS = Whitening(np.zeros(len(WORDS), np.float32), np.eye(len(WORDS), dtype=np.float32))
FIT = fitted.load("counted")


def candidate(id: int, lines: Sequence[str], shelf: str = "open") -> Candidate:
    return Candidate(id, shelf, [Text(one, "en") for one in lines])


def ranker(candidates: Sequence[Candidate]) -> Ranker:
    index = Index(Counted(), AS_IS)
    index.fill(candidates)
    return Ranker(index, FIT, seen=True)


def asked(ranker: Ranker, text: str, *shelves: str) -> Ranking:
    return ranker.rank(ranker.index.read(text, "en"), ranker.index.shelves(lambda shelf: shelf in shelves))


def seen(ranking: Ranking) -> list[tuple[int, float, float]]:
    return [
        (int(one), round(float(score), 4), round(float(sure), 5))
        for one, score, sure in zip(ranking.ids, ranking.scores, ranking.probability, strict=True)
    ]


corpora = st.lists(st.lists(line, min_size=1, max_size=3), max_size=12)


@settings(max_examples=60, deadline=None)
@given(corpora, corpora, line)
def test_what_a_reader_may_not_know_of_changes_nothing_they_see(
    open_: list[list[str]], hidden: list[list[str]], question: str
) -> None:
    alone = [candidate(number, lines) for number, lines in enumerate(open_)]
    beside = [candidate(1000 + number, lines, "hidden") for number, lines in enumerate(hidden)]
    first = asked(ranker(alone), question, "open")
    second = asked(ranker([*alone, *beside]), question, "open")
    assert seen(first) == seen(second)
    assert first.fits == pytest.approx(second.fits)


@settings(max_examples=60, deadline=None)
@given(corpora, st.lists(st.tuples(st.integers(0, 15), st.lists(line, max_size=3)), max_size=10), line)
def test_after_any_changes_the_index_is_as_if_built_anew(
    start: list[list[str]], changes: list[tuple[int, list[str]]], question: str
) -> None:
    known = dict(enumerate(start))
    changed = ranker([candidate(number, lines) for number, lines in known.items()])
    for number, lines in changes:
        if lines:
            known[number] = lines
        else:
            known.pop(number, None)
        changed.index.put(candidate(number, lines))
    anew = ranker([candidate(number, lines) for number, lines in known.items()])
    assert sorted(seen(asked(changed, question, "open"))) == sorted(seen(asked(anew, question, "open")))


def test_a_twin_changes_while_the_first_goes_on_as_before() -> None:
    first = ranker([candidate(1, ["mines in schools"]), candidate(2, ["water and energy"])])
    before = seen(asked(first, "mines", "open"))
    twin = first.apart()
    twin.index.put(candidate(3, ["mines"]))
    twin.index.drop(1)
    assert seen(asked(first, "mines", "open")) == before
    assert [number for number, _, _ in seen(asked(twin, "mines", "open"))] == [3, 2]


def test_twins_that_are_given_up_take_nothing_from_the_first() -> None:
    first = ranker([candidate(1, ["mines in schools"]), candidate(2, ["water and energy"])])
    for _ in range(100):
        first.apart().index.put(candidate(1, ["mines"]))
    assert 1 in first.index
    twin = first.apart()
    twin.index.put(candidate(1, ["mines and schools"]))
    assert [number for number, _, _ in seen(asked(twin, "mines", "open"))].count(1) == 1
    twin.index.drop(1)
    assert 1 not in [number for number, _, _ in seen(asked(twin, "mines", "open"))]


@pytest.mark.parametrize("lines", [[], [["mines in schools"]]], ids=["empty", "one"])
def test_small_corpora(lines: list[list[str]]) -> None:
    one = ranker([candidate(number, texts) for number, texts in enumerate(lines)])
    assert len(asked(one, "mines", "open").ids) == len(lines)
    assert asked(one, "", "open").fits == 0.0


def test_a_large_shelf_gives_the_same_first_answers_as_comparing_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    corpus = [candidate(number, [" ".join(rng.choice(WORDS, size=4))]) for number in range(2000)]
    questions = [" ".join(rng.choice(WORDS, size=3)) for _ in range(30)]
    all_ = ranker(corpus)
    monkeypatch.setattr(index_module, "EXACT", 500)
    proposed = ranker(corpus)
    proposed.index.put(candidate(5000, ["mines mines floods floods"]))
    same = 0
    for question in questions:
        best = asked(all_, question, "open").scores[0]
        same += abs(asked(proposed, question, "open").scores[0] - best) < 0.5
    assert same >= 25
    assert 5000 in [number for number, _, _ in seen(asked(proposed, "mines floods", "open"))]
    proposed.index.drop(5000)
    assert 5000 not in [number for number, _, _ in seen(asked(proposed, "mines floods", "open"))]
