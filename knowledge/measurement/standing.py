"""Where a community stands against what was promised before its launch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.measurement.figures import NOTHING, Figure
from knowledge.measurement.frameworks import Edition, Target
from knowledge.measurement.results import EARLY, Result, Share, share


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and where it stands: `now` in its own unit, with an interval where it is a share; `wanted` is None where
    that too hangs on what is not known. `met` is None while it is not known, or while the interval holds the target."""

    target: Target
    wanted: float | None
    now: float | None
    low: float | None
    high: float | None
    n: int
    met: bool | None


def standings(edition: Edition, figures: Mapping[str, Figure], results: Sequence[Result]) -> tuple[Standing, ...]:
    """`figures` by indicator. Nothing here could notice a leak: that target is never known."""
    found = []
    for target in edition.targets:
        figure = figures.get(target.of, NOTHING)
        if target.of == "response_rate":
            part = response(results)
            figure = NOTHING if part is None else Figure(part.part, share=part, n=part.n)
        found.append(_standing(target, figure))
    return tuple(found)


def response(results: Sequence[Result]) -> Share | None:
    """How many of those asked answered, over all items that may be told."""
    return _together([one.response for one in results if one.response is not None])


def responses(results: Sequence[Result]) -> Mapping[str, Share]:
    """The same by region, of the items told apart there: who does not answer may be of another mind."""
    regions = sorted({region for one in results for region in one.responses})
    parts = {region: [one.responses[region] for one in results if region in one.responses] for region in regions}
    return {region: found for region, some in parts.items() if (found := _together(some)) is not None}


def _together(parts: Sequence[Share]) -> Share | None:
    return share(sum(one.count for one in parts), sum(one.n for one in parts))


def _standing(target: Target, figure: Figure) -> Standing:
    wanted = figure.expected if target.above_random else target.least if target.least is not None else target.most
    now, part, n = figure.value, figure.share, figure.n or 0
    if now is None or wanted is None:
        return Standing(target, wanted, now, None, None, n, None)
    if part is None:
        # A median has no interval here: of few questions it says too little.
        return Standing(target, wanted, now, None, None, n, _met(target, wanted, now, now) if n >= EARLY else None)
    return Standing(target, wanted, now, part.low, part.high, n, _met(target, wanted, part.low, part.high))


def _met(target: Target, wanted: float, low: float, high: float) -> bool | None:
    if target.most is not None:
        return True if high <= wanted else False if low > wanted else None
    if target.above_random:
        return True if low > wanted else False if high <= wanted else None
    return True if low >= wanted else False if high < wanted else None
