"""How well matching finds the right answer, person or network, beside each signal alone and the usual recipe.

    python -m bench.matching --data DIR [--json] [--typos SEED] [--ablate] [--only NAME]

The signals alone are the field's own packages: rapidfuzz (token_set_ratio), BM25 (bm25s, Snowball stems), character
3-5-gram TF-IDF (scikit-learn), the encoder's cosine; `popular` is who answered most before. `rrf` is the usual public
recipe, reciprocal rank fusion of BM25 and encoder (Cormack et al. 2009). A signal judges a candidate by its best
text (reuse), the mean of its three best (route), or the sum over the twenty best texts of all (expert: votes).
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score

from bench import tasks as tasks_
from bench.measures import calibration_error, out_of_scope, ranks_of_right
from bench.tasks import Row, Task, days
from knowledge.matching import encoder as encoders
from knowledge.matching import text as texts
from knowledge.matching import weights as fitted
from knowledge.matching.columns import Array
from knowledge.matching.encoder import Encoder
from knowledge.matching.ranking import Ranker
from knowledge.matching.reading import Reader

VOTES = 20
BEST = 3
RRF = 60  # the constant of the paper


class Scored:
    """What a scorer made of a task's questions: ranked names, confidence that the first is right, that any fits."""

    def __init__(self) -> None:
        self.names: list[list[str]] = []
        self.sure: list[float] = []
        self.fits: list[float] = []
        self.milliseconds: list[float] = []


def ours(task: Task, encoder: Encoder | None, change: Callable[[Ranker], None] | None = None) -> Scored:
    """The product: its reader, index, weights and thresholds."""
    general = fitted.general(encoder.name if encoder else None)
    index = tasks_.index(task, encoder, dict(general) if general else None)
    ranker = Ranker(index, fitted.load(encoder.name if encoder else None), seen=encoder is not None)
    if change is not None:
        change(ranker)
    reader = Reader(index.spells)
    scored = Scored()
    how = ranker.experts if task.kind == "expert" else ranker.rank
    ranker.background((0,))
    for row in task.queries:
        start = time.perf_counter()
        read = reader.read(row.text, row.language)
        ranking = how(index.read(read.text, read.language), (0,), before=days(row.at))
        scored.milliseconds.append((time.perf_counter() - start) * 1000)
        scored.names.append([task.candidates[number] for number in ranking.ids])
        scored.sure.append(float(ranking.probability[0]) if len(ranking.ids) else 0.0)
        scored.fits.append(ranking.fits)
    return scored


Likeness = Callable[[Row], Array]
"""From a question to one number a row of the corpus."""


def signals(task: Task, encoder: Encoder | None) -> dict[str, Likeness]:
    lines = [texts.cleaned(row.text) for row in task.corpus]
    folded = [" ".join(texts.words(line)) for line in lines]

    def stemmed(row: Row) -> list[str]:
        return texts.stems(texts.words(texts.cleaned(row.text)), row.language) or ["-"]

    bm25 = bm25s.BM25()
    bm25.index([stemmed(row) for row in task.corpus], show_progress=False)
    chars = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32)
    matrix = chars.fit_transform(folded)
    found: dict[str, Likeness] = {
        "rapidfuzz": lambda row: process.cdist(
            [" ".join(texts.words(texts.cleaned(row.text)))], folded, scorer=fuzz.token_set_ratio, dtype=np.float32
        )[0],
        "bm25": lambda row: np.asarray(bm25.get_scores(stemmed(row))),
        "chars": lambda row: (chars.transform([" ".join(texts.words(texts.cleaned(row.text)))]) @ matrix.T).toarray()[
            0
        ],
    }
    if encoder is not None:
        vectors = np.concatenate([encoder.encode(lines[at : at + 64]) for at in range(0, len(lines), 64)])
        found["encoder"] = lambda row: vectors @ encoder.encode([texts.cleaned(row.text)])[0]
        found["rrf"] = lambda row: _fused([found["bm25"](row), found["encoder"](row)])
    if task.kind == "expert":
        found["popular"] = lambda row: np.ones(len(lines), dtype=np.float32)
    return found


def _fused(likenesses: Sequence[Array]) -> Array:
    ranks = [np.argsort(np.argsort(-likeness, kind="stable")) for likeness in likenesses]
    return np.asarray(sum(1.0 / (RRF + 1 + rank) for rank in ranks))


def alone(task: Task, name: str, likeness: Likeness) -> Scored:
    """A signal alone, with the plain way of its kind from texts to candidates."""
    scored = Scored()
    place = {label: number for number, label in enumerate(task.candidates)}
    owner = [[place[label] for label in row.labels] for row in task.corpus]
    flat = np.array([(row, one) for row, owners in enumerate(owner) for one in owners])
    dates = np.array([days(row.at) or -np.inf for row in task.corpus])
    for row in task.queries:
        start = time.perf_counter()
        values = np.asarray(likeness(row), dtype=np.float64)
        past = dates < days(row.at) if row.at else np.ones(len(values), dtype=bool)
        if task.kind == "expert":
            values = np.where(past, values, 0.0)
            if name != "popular" and len(values) > VOTES:
                values = np.where(values >= np.partition(values, -VOTES)[-VOTES], values, 0.0)
            totals = np.bincount(flat[:, 1], weights=values[flat[:, 0]], minlength=len(place))
        else:
            totals = _best_mean(values[flat[:, 0]], flat[:, 1], len(place), 1 if task.kind == "reuse" else BEST)
        order = np.argsort(-totals, kind="stable")
        scored.milliseconds.append((time.perf_counter() - start) * 1000)
        scored.names.append([task.candidates[number] for number in order])
        scored.sure.append(float(totals[order[0]]))
        scored.fits.append(float(totals[order[0]]))
    return scored


def _best_mean(values: Array, owners: Array, count: int, best: int) -> Array:
    order = np.lexsort((-values, owners))
    sorted_owners = owners[order]
    first = np.searchsorted(sorted_owners, np.arange(count))
    rank = np.arange(len(order)) - first[sorted_owners]
    kept = rank < best
    sums = np.bincount(sorted_owners[kept], weights=values[order][kept], minlength=count)
    return np.asarray(sums / np.maximum(np.bincount(sorted_owners[kept], minlength=count), 1))


def measured(task: Task, scorer: str, scored: Scored, *, calibrated: bool) -> dict[str, Any]:
    """One line of the report."""
    ranks, gains, firsts, truths = [], [], [], []
    for row, names in zip(task.queries, scored.names, strict=True):
        if row.labels:
            right = ranks_of_right(names, row.labels)
            ranks.append(right[0])
            ideal = sum(1 / np.log2(place + 2) for place in range(min(10, len(set(row.labels)))))
            gains.append(sum(1 / np.log2(rank + 1) for rank in right if 0 < rank <= 10) / ideal)
            firsts.append(names[0] if names else "")
            truths.append(row.labels[0])
    found = np.array(ranks)
    line: dict[str, Any] = {"task": task.name, "scorer": scorer}
    for depth in (1, 3, 10):
        line[f"r{depth}"] = _percent((found > 0) & (found <= depth))
    line["mrr"] = _percent(np.where(found > 0, 1 / np.maximum(found, 1), 0))
    line["ndcg10"] = _percent(np.array(gains))
    if task.kind == "route":
        line["f1"] = _percent(
            np.array([f1_score(truths, firsts, average="macro", zero_division=0, labels=sorted(set(truths)))])
        )
    inside = np.array([bool(row.labels) for row in task.queries])
    if not inside.all():
        line |= out_of_scope(np.array(scored.fits), inside)
    if calibrated:
        right_first = np.array([
            bool(names) and names[0] in row.labels for row, names in zip(task.queries, scored.names, strict=True)
        ])  # fmt: skip
        line["ece"] = round(calibration_error(np.array(scored.sure), right_first), 3)
    p50, p99 = np.percentile(scored.milliseconds, [50, 99])
    return line | {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}


def _percent(values: Array) -> float:
    return round(100 * float(np.mean(values)), 1)


def without(signal: str) -> Callable[[Ranker], None]:
    """The product with one part taken away, the others as they were fitted."""

    def change(ranker: Ranker) -> None:
        weights = ranker.weights
        gone = {"grams": ("grams", "foreign_grams"), "words": ("words", "foreign")}.get(signal, (signal,))
        if signal in ("recent", "last", "affinity"):
            ranker.weights = replace(weights, experts=replace(weights.experts, **{signal: 0.0}))
        else:
            ranker.weights = replace(weights, signals=dict(weights.signals) | dict.fromkeys(gone, 0.0))

    return change


def report(tasks: Sequence[Task], encoder: Encoder | None, *, ablate: bool) -> list[dict[str, Any]]:
    lines = []
    for task in tasks:
        scorers: dict[str, Callable[[], Scored]] = {"ours": lambda task=task: ours(task, encoder)}  # type: ignore[misc]
        if ablate:
            parts = ["meaning", "centre", "words", "grams", "crowd"]
            parts += ["affinity", "recent", "last"] if task.kind == "expert" else []
            for part in parts:
                scorers[f"without {part}"] = lambda task=task, part=part: ours(task, encoder, without(part))  # type: ignore[misc]
            scorers["without encoder"] = lambda task=task: ours(task, None)  # type: ignore[misc]
        else:
            for name, likeness in signals(task, encoder).items():
                scorers[name] = lambda task=task, name=name, one=likeness: alone(task, name, one)  # type: ignore[misc]
        for name, scorer in scorers.items():
            lines.append(measured(task, name, scorer(), calibrated=name == "ours" or ablate))
            yield_line(lines[-1])
    return lines


PRINT_JSON = False


def yield_line(line: dict[str, Any]) -> None:
    if PRINT_JSON:
        print(json.dumps(line), flush=True)
        return
    shown = [f"{line[name]:>6}" if name in line else " " * 6 for name in COLUMNS]
    print(f"{line['task']:<26}{line['scorer']:<18}" + " ".join(shown), flush=True)


COLUMNS = ("r1", "r3", "r10", "mrr", "ndcg10", "f1", "oos_auroc", "oos_recall_at_5", "ece", "p50_ms", "p99_ms")


def main() -> None:
    global PRINT_JSON
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="a folder of tasks")
    options.add_argument("--json", action="store_true", help="one object a line")
    options.add_argument("--typos", type=int, metavar="SEED", help="one or two typing errors in each question")
    options.add_argument("--ablate", action="store_true", help="what each part is worth, instead of the signals alone")
    options.add_argument("--only", default="", help="tasks whose name contains this")
    options.add_argument("--encoder", default="use", help="as the product's setting: use, none, model2vec:WHERE, …")
    chosen = options.parse_args()
    PRINT_JSON = chosen.json
    loaded = encoders.load(chosen.encoder)
    # Some tasks ask the same questions: remembering them would flatter the times.
    encoder = loaded.forgetful if loaded else None
    tasks = [task for task in tasks_.load_all(chosen.data) if chosen.only in task.name]
    if not tasks:
        raise SystemExit(f"There is no task in {chosen.data}: a folder with task.toml, corpus.tsv and queries.tsv.")
    if chosen.typos is not None:
        tasks = [tasks_.misspelt(task, chosen.typos) for task in tasks]
    if not PRINT_JSON:
        short = [
            name.removesuffix("_ms").replace("oos_recall_at_5", "oos@5").replace("oos_auroc", "auroc")[:6]
            for name in COLUMNS
        ]
        print(f"{'task':<26}{'scorer':<18}" + " ".join(f"{name:>6}" for name in short))
    lines = report(tasks, encoder, ablate=chosen.ablate)
    scorers = list(dict.fromkeys(line["scorer"] for line in lines))
    means = {
        name: round(float(np.mean([line["r1"] for line in lines if line["scorer"] == name])), 1)
        for name in scorers
        if sum(line["scorer"] == name for line in lines) == len(tasks)
    }
    memory = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    if PRINT_JSON:
        print(json.dumps({"mean_r1": means, "memory_mb": memory, "typos": chosen.typos}))
    else:
        print("mean r1: " + ", ".join(f"{name} {value}" for name, value in means.items()) + f"; memory {memory} MB")


if __name__ == "__main__":
    main()
