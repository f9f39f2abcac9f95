"""Vectors as the index keeps them: whitened, then one signed byte a dimension; and the graph for the very many.

Whitening takes away what all texts of a community have in common ("development", "countries") and evens out the
directions in which they differ (Mu and Viswanath 2018, arXiv:1702.01417; Huang et al. 2021, arXiv:2104.01767).
Rounding to bytes costs 512 bytes a text instead of 2,048 and moves a cosine by less than 0.01.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numkong
import numpy as np
from numpy.typing import NDArray

from knowledge.matching.columns import Rows
from knowledge.matching.encoder import Vectors

Bytes = NDArray[np.int8]

# How far whitening goes: the share of a direction's own spread that is evened out, the rest left as in a ball.
# And how many texts of one's own weigh as much as what was learnt from general texts. Both from `bench.fit`'s search.
SHRINK = 0.7
OWN = 300.0


@dataclass(frozen=True, slots=True)
class Whitening:
    """`(vector - mean) @ matrix`, then to unit length."""

    mean: Vectors
    matrix: Vectors

    def __call__(self, vectors: Vectors) -> Vectors:
        """Unit rows; a row of zeros (nothing to encode) stays zeros."""
        told = np.abs(vectors).max(axis=1, keepdims=True, initial=0.0) > 0
        moved = np.where(told, (vectors - self.mean) @ self.matrix, 0.0)
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)


def whitening(own: Vectors, general: Mapping[str, Any] | None) -> Whitening:
    """Learnt from the community's own texts (unit rows, possibly none), leaning on general texts while they are few.

    `general` holds `mean` (d,) and `covariance` (d, d) of the same model; without it a few texts are left as they are.
    """
    dimensions = own.shape[1]
    mean = np.zeros(dimensions) if general is None else np.asarray(general["mean"], dtype=np.float64)
    covariance = np.eye(dimensions) if general is None else np.asarray(general["covariance"], dtype=np.float64)
    if len(own):
        share = len(own) / (len(own) + OWN)
        own_mean = own.mean(axis=0, dtype=np.float64)
        centred = own - own_mean
        own_covariance = (centred.T @ centred).astype(np.float64) / len(own)
        if general is None:  # bring the ball to the same size, or it would drown what was learnt
            covariance = covariance * np.trace(own_covariance) / dimensions
        mean = share * own_mean + (1 - share) * mean
        covariance = share * own_covariance + (1 - share) * covariance
    spread, directions = _directions(covariance.tobytes(), dimensions)
    spread = np.maximum(spread, 0.0)
    spread = (1 - SHRINK) * spread + SHRINK * max(float(spread.mean()), 1e-12)
    return Whitening(mean.astype(np.float32), (directions * spread**-0.5).astype(np.float32))


@lru_cache(maxsize=2)
def _directions(covariance: bytes, dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The spreads and directions of a covariance (d, d), as `eigh`. Half of what building a small community costs, and
    the same each time its catalogue is loaded anew."""
    found = np.linalg.eigh(np.frombuffer(covariance).reshape(dimensions, dimensions))
    return found.eigenvalues, found.eigenvectors


def as_bytes(vectors: Vectors) -> tuple[Bytes, Vectors]:
    """Each row scaled so that its largest part is 127, and what to multiply it by to get it back."""
    largest = np.abs(vectors).max(axis=1, initial=0.0)
    scale = (np.maximum(largest, 1e-9) / 127.0).astype(np.float32)
    return np.rint(vectors / scale[:, None]).astype(np.int8), np.where(largest > 0, scale, 0).astype(np.float32)


def dots(one: Bytes, many: Bytes) -> Vectors:
    """The products of one byte vector (1, d) with many (n, d)."""
    if not len(many):
        return np.zeros(0, dtype=np.float32)
    found: Vectors = np.asarray(numkong.cdist(one, many, "dot"), dtype=np.float32)
    return np.ravel(found)


class SignGraph:
    """An approximate index (HNSW by usearch) over the signs of vectors, 64 bytes each.

    It proposes; what it finds is scored again on the bytes. One for each shelf: who may not read is never searched.
    """

    def __init__(self, dimensions: int) -> None:
        from usearch.compiled import MetricKind, ScalarKind
        from usearch.index import Index

        self._graph: Any = Index(
            ndim=dimensions, metric=MetricKind.Hamming, dtype=ScalarKind.B1,
            connectivity=12, expansion_add=48, expansion_search=256,
        )  # fmt: skip

    def add(self, rows: Rows, vectors: Bytes) -> None:
        self._graph.add(rows.astype(np.uint64), np.packbits(vectors > 0, axis=1), threads=1)

    def nearest(self, vector: Bytes, limit: int) -> Rows:
        found = self._graph.search(np.packbits(vector[0] > 0), limit, threads=1)
        return np.asarray(found.keys, dtype=np.int64)

    @property
    def bytes(self) -> int:
        return int(self._graph.memory_usage)
