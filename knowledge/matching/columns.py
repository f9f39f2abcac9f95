"""Growing columns of numbers that older readers may go on reading while new rows are written behind them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Rows = NDArray[np.int64]


class Column:
    """A growing array, (n,) or (n, width). What was appended is never moved under somebody who holds a view of it."""

    def __init__(self, dtype: Any, width: int | None = None) -> None:
        self._held: Array = np.zeros((0,) if width is None else (0, width), dtype=dtype)
        self.size = 0

    def append(self, values: Any) -> None:
        values = np.asarray(values, dtype=self._held.dtype)
        need = self.size + len(values)
        if need > len(self._held):
            # A quarter more than needed keeps copying rare and memory lean.
            grown = np.zeros((max(need + need // 4, 16), *self._held.shape[1:]), dtype=self._held.dtype)
            grown[: self.size] = self._held[: self.size]
            self._held = grown
        self._held[self.size : need] = values
        self.size = need

    @property
    def values(self) -> Array:
        return self._held[: self.size]

    @property
    def bytes(self) -> int:
        return int(self._held.nbytes)


class Ragged:
    """Lists of numbers of different lengths, one a row."""

    def __init__(self, dtype: Any) -> None:
        self._flat = Column(dtype)
        self._ends = Column(np.int64)

    def append(self, lists: list[list[int]]) -> None:
        start = self._flat.size
        lengths = np.fromiter((len(numbers) for numbers in lists), dtype=np.int64, count=len(lists))
        self._flat.append(np.fromiter((number for numbers in lists for number in numbers), dtype=np.int64))
        self._ends.append(start + np.cumsum(lengths))

    def of(self, row: int) -> Array:
        ends = self._ends.values
        return self._flat.values[ends[row - 1] if row else 0 : ends[row]]

    def gather(self, rows: Rows) -> tuple[Array, Rows]:
        """All numbers of these rows one after another, and how many each row has."""
        ends = self._ends.values
        stop = ends[rows]
        start = np.where(rows > 0, ends[rows - 1], 0)
        counts = stop - start
        return self._flat.values[ranges(start, counts)], counts

    @property
    def bytes(self) -> int:
        return self._flat.bytes + self._ends.bytes


def ranges(starts: Rows, counts: Rows) -> Rows:
    """start, start+1, … for each start, one after another."""
    total = int(counts.sum())
    if not total:
        return np.zeros(0, dtype=np.int64)
    first = np.cumsum(counts) - counts
    return np.repeat(starts - first, counts) + np.arange(total)


def sums(values: Array, counts: Rows) -> Array:
    """The sum of each run of `counts` values; an empty run gives 0."""
    totals = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
    ends = np.cumsum(counts)
    return np.asarray(totals[ends] - totals[ends - counts], dtype=np.float32)
