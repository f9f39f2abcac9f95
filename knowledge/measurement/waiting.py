"""How long questions wait for their first human answer, with those that still wait counted as what they are."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import scipy

LEAST_WAITS = 5
"""A curve of fewer would show single answers."""
MOMENTS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0, 48.0, 72.0, 120.0, 168.0, 336.0, 672.0)
"""Hours at which a curve is read: at the moments of the answers themselves it would tell when each was given."""


@dataclass(frozen=True, slots=True)
class Point:
    """By so many hours this part had an answer, 0 to 1, with its 95 % interval."""

    hours: float
    answered: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Hours to the first human answer: `median` and `ninety` are None where so many have none yet.

    Kaplan and Meier's estimate with what is still open censored at the window's end (Journal of the American
    Statistical Association 53, 1958), as `scipy.stats.ecdf` makes it; the interval of `curve` is Greenwood's on the
    log-log scale. `curve` is empty where it would show single answers, and ends with the longest wait there was.
    """

    n: int
    answered: int
    median: float | None
    ninety: float | None
    curve: tuple[Point, ...] = ()


def waited(waits: Sequence[tuple[float, bool]]) -> Wait | None:
    """Of hours waited, and whether that ended in an answer. None of none."""
    if not waits:
        return None
    answered = sum(answered for _, answered in waits)
    if not answered:
        return Wait(len(waits), 0, None, None)
    data = scipy.stats.CensoredData(
        uncensored=[hours for hours, answered in waits if answered],
        right=[hours for hours, answered in waits if not answered],
    )
    survival = scipy.stats.ecdf(data).sf

    def reached(part: float) -> float | None:
        """The first time by which so large a part has an answer."""
        below = [
            float(hours)
            for hours, left in zip(survival.quantiles, survival.probabilities, strict=True)
            if left <= 1 - part + 1e-12
        ]
        # To six minutes: to the second it would be one answer's own time.
        return round(below[0], 1) if below else None

    longest = max(hours for hours, _ in waits)
    return Wait(len(waits), answered, reached(0.5), reached(0.9), _curve(survival, len(waits), longest))


def _curve(
    survival: "scipy.stats._survival.EmpiricalDistributionFunction", n: int, longest: float
) -> tuple[Point, ...]:
    if n < LEAST_WAITS:
        return ()
    with warnings.catch_warnings():
        # Before the first answer, and after the last where none waits, there is no interval: scipy says so aloud.
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = survival.confidence_interval(0.95, method="log-log")
        found = []
        for hours in (moment for moment in MOMENTS if moment <= longest):
            left, low, high = (float(one.evaluate(hours)) for one in (survival, interval.low, interval.high))
            found.append(Point(hours, 1 - left, 1 - _or(high, left), 1 - _or(low, left)))
    return tuple(found)


def _or(value: float, instead: float) -> float:
    return instead if math.isnan(value) else value
