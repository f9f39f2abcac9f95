"""How good a ranking is: the measures of information retrieval, and of a probability that is to be trusted."""

from collections.abc import Collection, Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from knowledge.matching.columns import Array

# Questions a bin of the calibration error holds at least: in smaller bins chance alone makes an error of a tenth.
BIN = 50
BINS = 10


def ranks_of_right(names: Sequence[str], right: Collection[str]) -> list[int]:
    """Ranks (from 1) of the right ones in a ranking, best first; [0] when none is in it."""
    return [rank for rank, name in enumerate(names, start=1) if name in right] or [0]


def calibration_error(probability: Array, right: Array) -> float:
    """Expected calibration error (Naeini et al. 2015) over at most BINS bins of equally many questions."""
    order = np.argsort(probability, kind="stable")
    bins = np.array_split(order, max(1, min(BINS, len(order) // BIN)))
    return float(sum(len(b) * abs(probability[b].mean() - right[b].mean()) for b in bins if len(b)) / len(order))


def out_of_scope(fits: Array, inside: Array) -> dict[str, float]:
    """In percent: AUROC of telling questions that fit from those that do not; and how many of the latter are refused
    when 5 % of the former are."""
    threshold = np.quantile(fits[inside], 0.05)
    return {
        "oos_auroc": round(100 * float(roc_auc_score(inside, fits)), 1),
        "oos_recall_at_5": round(100 * float(np.mean(fits[~inside] < threshold)), 1),
    }
