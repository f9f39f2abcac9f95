"""Fits what the signals of matching are worth, and says how well that carries over to tasks it has not seen.

python -m bench.fit --data DIR            prints the cross-validation
python -m bench.fit --data DIR --write    and writes knowledge/matching/fitted/
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from bench import tasks as tasks_
from bench.measures import calibration_error, out_of_scope, ranks_of_right
from bench.tasks import Row, Task, days
from knowledge.matching import encoder as encoders
from knowledge.matching import text as texts
from knowledge.matching import weights as fitted
from knowledge.matching.columns import Array
from knowledge.matching.encoder import Encoder
from knowledge.matching.index import Evidence, Index, Query
from knowledge.matching.port import Catalogue
from knowledge.matching.ranking import Ranker, expertise, score, standing
from knowledge.matching.weights import SIGNALS, Experts, Fits, Weights
from storage import catalogue as catalogues
from storage.database import Database

FITTED = Path(__file__).parents[1] / "knowledge" / "matching" / "fitted"
# Questions of one task the signals are fitted on: more sharpen nothing.
MOST = 400
SEED = 20
# Pull towards nothing (L2), so that a signal that says little in these tasks is not trusted much in others.
RIDGE = 1e-4
# Questions of the community's own below which a fit would learn chance.
LEAST = 40
# How often nothing fits, in the fit of "anything fits", and how often nobody knows the subject: asking a person in vain
# costs more than showing an answer in vain. NEAR is the share of that where the right one was taken away, rather than
# the question taken from another task.
MISSING, UNKNOWN, NEAR = 0.05, 0.2, 0.3

START = Weights(
    signals=dict.fromkeys(SIGNALS, 5.0) | {"crowd": 0.3},
    fits=Fits((1.0, 1.0, 1.0), 0.0, ((4.0, 0.4, 0.3), (2.5, 0.14, 0.2)), 0.0),
    subject=Fits((1.0, 1.0, 1.0), 0.0, ((4.0, 0.4, 0.3), (2.5, 0.14, 0.2)), 0.0),
    experts=Experts(kernel=0.25, affinity=3.0, recent=1.0, last=0.5),
)


@dataclass(slots=True)
class Asked:
    """A question of a task with the evidence, and which of its candidates are right."""

    query: Query
    evidence: Evidence
    right: Array


@dataclass(slots=True)
class Stage:
    """A task ready to be fitted on."""

    task: Task
    index: Index
    asked: list[Asked]


def general_statistics(tasks: Sequence[Task], encoder: Encoder) -> dict[str, Array]:
    """Mean and covariance of the texts, each family of tasks weighing the same."""
    families: dict[str, list[str]] = {}
    for task in tasks:
        families.setdefault(task.family, []).extend(row.text for row in (*task.corpus, *task.queries))
    means, covariances = [], []
    for lines in families.values():
        vectors = encoder.encode(sorted(set(map(texts.cleaned, lines))))
        mean = vectors.mean(axis=0)
        means.append(mean)
        covariances.append((vectors - mean).T @ (vectors - mean) / len(vectors))
    return {"mean": np.mean(means, axis=0), "covariance": np.mean(covariances, axis=0)}


def stage(task: Task, encoder: Encoder | None, general: Mapping[str, Array] | None, weights: Weights) -> Stage:
    index = tasks_.index(task, encoder, dict(general) if general else None)
    rng = np.random.default_rng(SEED)
    known = set(task.candidates)
    labelled = [row for row in task.queries if known & set(row.labels)]
    chosen = sorted(rng.choice(len(labelled), size=min(MOST, len(labelled)), replace=False))
    place = {label: number for number, label in enumerate(task.candidates)}
    asked = []
    for number in chosen:
        row = labelled[number]
        query = index.read(texts.cleaned(row.text), row.language)
        evidence = index.evidence(query, (0,), lambda seen: score(seen, weights), before=days(row.at))
        right = np.isin(index.ids(evidence.slots), [place[label] for label in row.labels if label in place])
        if right.any():
            asked.append(Asked(query, evidence, right))
    return Stage(task, index, asked)


# --- The signals


class Likelihood:
    """The likelihood of the right candidates of many questions, and its gradient, all questions at once."""

    def __init__(self, stages: Sequence[Stage], *, seen: bool) -> None:
        self._free = [name for name in SIGNALS if seen or name not in ("meaning", "centre")]
        weights, parts = [], []
        families = [stage.task.family for stage in stages]
        for stage in stages:
            worth = 1.0 / families.count(stage.task.family) ** 0.5 / len(stage.asked)
            for asked in stage.asked:
                weights.append(worth)
                parts.append(asked)
        self._worth = np.array(weights) / np.sum(weights)
        self._counts = np.concatenate([one.evidence.counts for one in parts])
        self._sizes = np.array([len(one.right) for one in parts])
        self._right = np.concatenate([one.right for one in parts])

        def gather(of: Callable[[Evidence], Array]) -> Array:
            return np.concatenate([of(one.evidence) for one in parts]).astype(np.float64)

        same = gather(lambda e: e.same) > 0
        grams = gather(lambda e: e.grams)
        self._rows = {
            "meaning": gather(lambda e: e.meaning),
            "grams": np.where(same, grams, 0),
            "foreign_grams": np.where(same, 0, grams),
        }
        self._wholes = {
            "centre": gather(lambda e: e.centre),
            "words": gather(lambda e: e.words),
            "foreign": gather(lambda e: e.foreign),
            "crowd": -np.log(np.maximum(self._counts, 1)),
        }

    def __call__(self, free: Array) -> tuple[float, Array]:
        value = dict(zip(self._free, free, strict=True))
        rows = sum(value[name] * column for name, column in self._rows.items() if name in value)
        starts = np.cumsum(self._counts) - self._counts
        highest = np.maximum.reduceat(rows, starts)
        weight = np.exp(rows - np.repeat(highest, self._counts))
        total = np.add.reduceat(weight, starts)
        scores = highest + np.log(total)
        scores = scores + sum(value[name] * column for name, column in self._wholes.items() if name in value)
        first = np.cumsum(self._sizes) - self._sizes
        top = np.repeat(np.maximum.reduceat(scores, first), self._sizes)
        odds = np.exp(scores - top)
        everyone = np.add.reduceat(odds, first)
        right = np.add.reduceat(np.where(self._right, odds, 0.0), first)
        loss = -float(self._worth @ np.log(right / everyone + 1e-30))
        pull = odds / np.repeat(everyone, self._sizes) - np.where(self._right, odds / np.repeat(right, self._sizes), 0)
        pull = pull * np.repeat(self._worth, self._sizes)
        by_row = np.repeat(pull / total, self._counts) * weight
        gradient = np.array([
            by_row @ self._rows[name] if name in self._rows else pull @ self._wholes[name] for name in self._free
        ])  # fmt: skip
        ridge = np.array([0.0 if name == "crowd" else RIDGE for name in self._free])
        return loss + float(ridge @ free**2), gradient + 2 * ridge * free

    def fit(self) -> dict[str, float]:
        start = np.array([START.signals[name] for name in self._free])
        bounds = [(0.0, 1.0) if name == "crowd" else (0.0, None) for name in self._free]
        found = minimize(self, start, jac=True, method="L-BFGS-B", bounds=bounds)
        return dict.fromkeys(SIGNALS, 0.0) | dict(zip(self._free, map(float, found.x), strict=True))


# --- Whether anything fits


def stands(
    stages: Sequence[Stage], others: Sequence[Stage], weights: Weights, *, seen: bool
) -> dict[str, dict[str, Array]]:
    """By task: how the best stands out when the right one is there (`there`), was taken away (`near`), or the
    question belongs to another task (`far`); measured against the task's own background."""
    rng = np.random.default_rng(SEED)
    found = {}
    for stage in stages:
        ranker = Ranker(stage.index, weights, seen=seen)
        mean, spread = ranker.background((0,))
        rows: dict[str, list[Array]] = {"there": [], "near": [], "far": []}
        for asked in stage.asked:
            rows["there"].append(standing(asked.evidence, score(asked.evidence, weights), weights, seen=seen))
            left = asked.evidence.take(np.flatnonzero(~asked.right))
            if len(left.slots):
                rows["near"].append(standing(left, score(left, weights), weights, seen=seen))
        strange = [row for other in others if other.task.family != stage.task.family for row in other.task.queries]
        for number in rng.choice(len(strange), size=min(300, len(strange)), replace=False):
            query = stage.index.read(texts.cleaned(strange[number].text), strange[number].language)
            evidence = stage.index.evidence(query, (0,), lambda seen_: score(seen_, weights))
            rows["far"].append(standing(evidence, score(evidence, weights), weights, seen=seen))
        found[stage.task.name] = {
            kind: np.nan_to_num((np.array(lines) - mean) / spread) for kind, lines in rows.items()
        }
    return found


def fit_fits(
    stages: Sequence[Stage], others: Sequence[Stage], weights: Weights, *, seen: bool, missing: float, near: float
) -> Fits:
    """The logistic, the background of general texts, and the score of a sixth where there are only five.

    Questions of `others` are what does not fit; `near` is the share of those whose right one was taken away.
    """
    families = [stage.task.family for stage in stages]
    means, spreads, floors = [], [], []
    for stage in stages:
        cohort = Ranker(stage.index, weights, seen=seen).cohort(0)
        means.append(cohort.mean)
        spreads.append(cohort.spread)
        sixth = [np.sort(score(one.evidence, weights))[-6] for one in stage.asked if len(one.right) > 5]
        floors.append(np.mean(sixth))
    every = stands(stages, others, weights, seen=seen)
    rows, answers, worth = [], [], []
    for stage, family in zip(stages, families, strict=True):
        for kind, share in (("there", 1 - missing), ("near", missing * near), ("far", missing * (1 - near))):
            lines = every[stage.task.name][kind]
            rows.append(lines)
            answers.append(np.full(len(lines), kind == "there"))
            worth.append(np.full(len(lines), share / max(len(lines), 1) / families.count(family)))
    weight = np.concatenate(worth)
    model = LogisticRegression(C=0.03, max_iter=5000)
    model.fit(np.concatenate(rows), np.concatenate(answers), sample_weight=weight * len(weight) / weight.sum())
    return Fits(
        tuple(map(float, model.coef_[0])),
        float(model.intercept_[0]),
        (tuple(map(float, np.mean(means, axis=0))), tuple(map(float, np.mean(spreads, axis=0)))),
        float(np.mean(floors)),
    )


# --- Experts


def fit_experts(stages: Sequence[Stage], weights: Weights) -> Experts:
    """The parts by the likelihood of those who answered; the kernel from a few values."""
    best: tuple[float, Experts] | None = None
    for kernel in (0.25, 0.4):
        parts = []
        for name in ("affinity", "recent", "last"):
            alone = Experts(**({"kernel": kernel, "affinity": 0, "recent": 0, "last": 0} | {name: 1}))
            parts.append(
                [expertise(a.evidence, replace(weights, experts=alone), spread=0) for s in stages for a in s.asked]
            )
        right = [asked.right for stage in stages for asked in stage.asked]
        worth = np.concatenate([np.full(len(stage.asked), 1 / len(stage.asked)) for stage in stages])

        def loss(free: Array, parts: Any = parts, right: Any = right, worth: Any = worth) -> float:
            total = 0.0
            for number, mine in enumerate(right):
                scores = sum(free[part] * parts[part][number] for part in range(len(free)))
                weight = np.exp(scores - scores.max())
                total -= worth[number] * np.log(weight[mine].sum() / weight.sum() + 1e-30)
            return float(total / worth.sum() + 1e-3 * (free @ free))

        found = minimize(loss, np.array([3.0, 1.0, 0.5]), method="L-BFGS-B", bounds=[(0, None)] * 3)
        if best is None or found.fun < best[0]:
            affinity, recent, last = map(float, found.x)
            best = (float(found.fun), Experts(kernel, affinity, recent, last))
    assert best is not None
    return best[1]


# --- All of it


def fit(stages: Sequence[Stage], *, seen: bool) -> Weights:
    told = [stage for stage in stages if stage.task.kind != "expert"]
    answering = [stage for stage in stages if stage.task.kind == "expert"]
    weights = replace(START, signals=Likelihood(told, seen=seen).fit())
    weights = replace(weights, fits=fit_fits(told, told, weights, seen=seen, missing=MISSING, near=NEAR))
    # Where nobody's answers were seen, people are judged as networks are.
    subject = fit_fits(answering or told, told, weights, seen=seen, missing=UNKNOWN, near=0.0)
    weights = replace(weights, subject=subject)
    if answering:
        weights = replace(weights, experts=fit_experts(answering, weights))
    return weights


def cross_validate(all_tasks: Sequence[Task], encoder: Encoder | None) -> list[dict[str, Any]]:
    """Each family left out in turn, general statistics included; measured on what was left out."""
    lines = []
    for family in dict.fromkeys(task.family for task in all_tasks):
        seen_tasks = [task for task in all_tasks if task.family != family]
        general = general_statistics(seen_tasks, encoder) if encoder else None
        weights = fit([stage(task, encoder, general, START) for task in seen_tasks], seen=encoder is not None)
        for task in all_tasks:
            if task.family == family:
                lines.append(judge(task, encoder, general, weights))
                print(json.dumps(lines[-1]), flush=True)
    return lines


def leave_one_out(all_tasks: Sequence[Task], encoder: Encoder | None) -> None:
    """Each task left out alone: its kin in other languages (or of other people) may stay."""
    sure: list[Array] = []
    right: list[Array] = []
    for left in all_tasks:
        rest = [task for task in all_tasks if task is not left]
        general = general_statistics(rest, encoder) if encoder else None
        weights = fit([stage(task, encoder, general, START) for task in rest], seen=encoder is not None)
        print(json.dumps(judge(left, encoder, general, weights, pool=(sure, right))), flush=True)
    pooled = calibration_error(np.concatenate(sure), np.concatenate(right))
    print(json.dumps({"task": "all, pooled", "ece": round(pooled, 3)}), flush=True)


def judge(
    task: Task,
    encoder: Encoder | None,
    general: Mapping[str, Array] | None,
    weights: Weights,
    pool: tuple[list[Array], list[Array]] = ([], []),
) -> dict[str, Any]:
    """What `bench.matching` measures of one task, in short; `pool` collects the probabilities and what came true."""
    ranker = Ranker(tasks_.index(task, encoder, dict(general) if general else None), weights, seen=encoder is not None)
    ranks, sure, right, fits, inside = [], [], [], [], []
    for row in task.queries:
        query = ranker.index.read(texts.cleaned(row.text), row.language)
        how = ranker.experts if task.kind == "expert" else ranker.rank
        ranking = how(query, (0,), before=days(row.at))
        names = [task.candidates[number] for number in ranking.ids]
        if row.labels:
            ranks.append(ranks_of_right(names, row.labels)[0])
        inside.append(bool(row.labels))
        fits.append(ranking.fits)
        sure.append(ranking.probability[0] if len(ranking.ids) else 0.0)
        right.append(bool(names) and names[0] in row.labels)
    pool[0].append(np.array(sure))
    pool[1].append(np.array(right))
    found = np.array(ranks)
    line: dict[str, Any] = {
        "task": task.name,
        "r1": round(100 * float(np.mean(found == 1)), 1),
        "mrr": round(100 * float(np.mean(np.where(found > 0, 1 / np.maximum(found, 1), 0))), 1),
        "ece": round(calibration_error(np.array(sure), np.array(right)), 3),
    }
    if not all(inside):
        line |= out_of_scope(np.array(fits), np.array(inside))
    return line


# --- The community's own use


def own_tasks(catalogue: Catalogue) -> list[Task]:
    """What use taught, as tasks: which earlier answer settled a question, and who answered one."""
    found = []
    if catalogue.reused:
        corpus = tuple(
            Row(f"{item.id}{part}", item.language, (str(item.id),), None, text)
            for item in catalogue.items
            for part, text in (("q", item.question), ("a", item.answer))
        )
        asked = tuple(
            Row(str(one.question), one.language, (str(one.item),), None, one.text) for one in catalogue.reused
        )
        found.append(_task("own-reuse", "reuse", corpus, asked))
    answered = sorted(catalogue.history, key=lambda one: one.at)
    if answered:
        rows: dict[int, Row] = {}
        for one in answered:
            held = rows.get(one.question)
            people = (*held.labels, str(one.expert)) if held else (str(one.expert),)
            rows[one.question] = Row(str(one.question), one.language, people, held.at if held else one.at, one.text)
        everyone = tuple(rows.values())
        # Each is asked with what had been answered before it; the first half only teaches.
        found.append(_task("own-experts", "expert", everyone, everyone[len(everyone) // 2 :]))
    return [task for task in found if len(task.queries) >= LEAST]


def _task(name: str, kind: str, corpus: tuple[Row, ...], queries: tuple[Row, ...]) -> Task:
    return Task(name, kind, corpus, queries, tuple(dict.fromkeys(label for row in corpus for label in row.labels)))


def from_database(url: str, public: Sequence[Task], encoder: Encoder) -> None:
    """Fits on the older half of the community's own questions (and the public tasks), judges on the newer half."""
    with Database(url).reader.connect() as connection:
        own = own_tasks(catalogues.load(connection))
    if not own:
        print(
            f"Too little was asked yet: at least {LEAST} questions that were answered, or settled by an earlier answer."
        )
        return
    general = fitted.general(encoder.name)
    older, newer = [], []
    for task in own:
        half = len(task.queries) // 2
        older.append(replace(task, queries=task.queries[:half]))
        newer.append(replace(task, queries=task.queries[half:]))
    before = fitted.load(encoder.name)
    after = fit([stage(task, encoder, general, before) for task in (*public, *older)], seen=True)
    for task in newer:
        for name, weights in (("before", before), ("after", after)):
            print(
                json.dumps({"weights": name, "questions": len(task.queries)} | judge(task, encoder, general, weights))
            )
    print(json.dumps({"after": as_data(after)}, indent=1))
    print("Nothing was changed.")


def as_data(weights: Weights) -> dict[str, Any]:
    return {
        "signals": {name: round(value, 3) for name, value in weights.signals.items()},
        "fits": _as_data(weights.fits),
        "subject": _as_data(weights.subject),
        "experts": {
            name: round(getattr(weights.experts, name), 3)
            for name in ("kernel", "affinity", "recent", "last")
        },
    }  # fmt: skip


def _as_data(fits: Fits) -> dict[str, Any]:
    return {
        "coefficients": [round(value, 4) for value in fits.coefficients],
        "intercept": round(fits.intercept, 4),
        "background": [[round(value, 4) for value in line] for line in fits.background],
        "floor": round(fits.floor, 3),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="a folder of tasks")
    options.add_argument("--write", action="store_true", help="write the weights the product uses")
    options.add_argument("--no-folds", action="store_true", help="skip the cross-validation")
    options.add_argument("--from-db", metavar="URL", help="fit with what this database's community asked and answered")
    chosen = options.parse_args()
    everything = tasks_.load_all(chosen.data)
    encoder = encoders.load("use")
    assert encoder is not None, "fitting needs the encoder"
    # The folds encode the same texts again and again.
    remembering = encoders.Remembering(encoder, most=100_000)
    if chosen.from_db:
        from_database(chosen.from_db, everything, remembering)
        return
    if not chosen.no_folds:
        print("# each family left out in turn, with the encoder")
        cross_validate(everything, remembering)
        print("# each task left out alone")
        leave_one_out(everything, remembering)
    general = general_statistics(everything, remembering)
    made: dict[str, Any] = {
        "made": {
            "by": "python -m bench.fit --write",
            "on": datetime.now(UTC).date().isoformat(),
            "encoder": encoder.name,
            "tasks": [task.name for task in everything],
            "questions_of_a_task": MOST,
            "seed": SEED,
            "ridge": RIDGE,
            "missing": MISSING,
            "unknown": UNKNOWN,
            "near": NEAR,
        }
    }
    for name, using in (("encoder", remembering), ("words", None)):
        stages = [stage(task, using, general if using else None, START) for task in everything]
        made[name] = as_data(fit(stages, seen=using is not None))
    print(json.dumps(made, indent=1))
    if chosen.write:
        FITTED.mkdir(exist_ok=True)
        (FITTED / "weights.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        np.savez_compressed(
            FITTED / f"{encoder.name}.npz",
            mean=general["mean"].astype(np.float16),
            covariance=general["covariance"].astype(np.float16),
        )


if __name__ == "__main__":
    main()
