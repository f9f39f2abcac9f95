"""The benches measure what they say, on tasks made here."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bench import fit, matching, measures
from bench import tasks as tasks_
from knowledge.item import Item
from knowledge.matching.port import Answered, Catalogue, Reused
from knowledge.places import Audience

CORPUS = """id\tlang\tlabels\tkind\tdate\ttext
c1\ten\tmines\tprofile\t\tMine action and explosive ordnance
c2\ten\tmines\tprofile\t\tClearance of mined land
c3\ten\tfloods\tprofile\t\tEarly warning for floods
c4\ten\telections\tprofile\t\tRegistration of voters
"""
QUERIES = """id\tlang\tlabels\tdate\ttext
q1\ten\tmines\t\tWho clears mines?
q2\tfr\tfloods\t\tComment avertir des inondations ?
q3\ten\t\t\tThe best pizza in Rome
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    task = tmp_path / "route-made-here"
    task.mkdir()
    (task / "task.toml").write_text('kind = "route"\n', encoding="utf-8")
    (task / "corpus.tsv").write_text(CORPUS, encoding="utf-8")
    (task / "queries.tsv").write_text(QUERIES, encoding="utf-8")
    return tmp_path


def test_the_report_has_a_line_for_ours_and_for_each_signal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.matching", "--data", str(folder), "--json"])
    matching.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_scorer = {line["scorer"]: line for line in lines if "scorer" in line}
    assert set(by_scorer) == {"ours", "rapidfuzz", "bm25", "chars", "encoder", "rrf"}
    ours = by_scorer["ours"]
    assert ours["r1"] == 100.0
    assert {"r3", "r10", "mrr", "ndcg10", "f1", "oos_auroc", "oos_recall_at_5", "ece", "p50_ms", "p99_ms"} <= set(ours)
    assert lines[-1]["mean_r1"]["ours"] == 100.0


def test_typing_errors_are_the_same_for_the_same_seed_and_leave_the_task(folder: Path) -> None:
    [task] = tasks_.load_all(folder)
    once, again, other = (tasks_.misspelt(task, seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other
    assert once.corpus == task.corpus
    assert all(a.text != b.text for a, b in zip(once.queries, task.queries, strict=True))


@pytest.mark.parametrize(
    ("names", "right", "ranks"),
    [(["a", "b", "c"], ["b"], [2]), (["a", "b", "c"], ["c", "a"], [1, 3]), (["a"], ["z"], [0])],
)
def test_ranks(names: list[str], right: list[str], ranks: list[int]) -> None:
    assert measures.ranks_of_right(names, right) == ranks


def test_calibration_error_of_the_honest_and_the_boastful() -> None:
    rng = np.random.default_rng(3)
    sure = rng.random(5000)
    came_true = rng.random(5000) < sure
    assert measures.calibration_error(sure, came_true) < 0.03
    assert measures.calibration_error(np.full(5000, 0.9), rng.random(5000) < 0.4) == pytest.approx(0.5, abs=0.05)


def test_out_of_scope() -> None:
    fits = np.array([0.9] * 95 + [0.2] * 5 + [0.1] * 30)
    inside = np.array([True] * 100 + [False] * 30)
    assert measures.out_of_scope(fits, inside) == {"oos_auroc": 100.0, "oos_recall_at_5": 100.0}


def test_what_use_taught_becomes_tasks() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    items = [Item(1, "a", "How?", "So.", "en", (), Audience.UNDP, None, "global", at)]
    history = [Answered(n, n % 3, f"question {n}", "en", at + timedelta(days=n)) for n in range(90)]
    reused = [Reused(n, 1, f"asked {n}", "en", at, Audience.UNDP) for n in range(50)]
    reuse, experts = fit.own_tasks(Catalogue(1, items=items, history=history, reused=reused))
    assert (reuse.kind, len(reuse.corpus), len(reuse.queries)) == ("reuse", 2, 50)
    assert (experts.kind, len(experts.corpus), len(experts.queries)) == ("expert", 90, 45)
    assert fit.own_tasks(Catalogue(1, items=items, history=history[:9])) == []
