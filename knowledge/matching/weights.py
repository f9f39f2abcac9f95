"""What the signals are worth: fitted by `python -m bench.fit`, kept as data with how it was made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from knowledge.matching.columns import Array

_FOLDER = files("knowledge.matching") / "fitted"
SIGNALS = ("meaning", "grams", "foreign_grams", "centre", "words", "foreign", "crowd")
"""In the order in which `Weights.signals` keeps them."""


@dataclass(frozen=True, slots=True)
class Fits:
    """Whether anything known fits: a logistic over how far the best stands out, measured against the background.

    `background` is what the best of unfitting candidates looks like in general: means and spreads.
    """

    coefficients: tuple[float, ...]
    intercept: float
    background: tuple[tuple[float, ...], tuple[float, ...]]
    floor: float


@dataclass(frozen=True, slots=True)
class Experts:
    """Who would answer: nearness of subject (softened by `kernel`), what they answered lately, how long ago."""

    kernel: float
    affinity: float
    recent: float
    last: float


@dataclass(frozen=True, slots=True)
class Weights:
    """One set for an encoder, or for none. `fits` is for items and networks, `subject` for people: several of them
    may know a subject, so for them it asks only whether anybody does."""

    signals: Mapping[str, float]
    fits: Fits
    subject: Fits
    experts: Experts


def _weights(data: Mapping[str, Any]) -> Weights:
    return Weights(
        signals={name: float(data["signals"][name]) for name in SIGNALS},
        fits=_fits(data["fits"]),
        subject=_fits(data["subject"]),
        experts=Experts(**data["experts"]),
    )


def _fits(data: Mapping[str, Any]) -> Fits:
    mean, spread = data["background"]
    return Fits(
        tuple(data["coefficients"]), float(data["intercept"]), (tuple(mean), tuple(spread)), float(data["floor"])
    )


@lru_cache(maxsize=4)
def load(encoder: str | None) -> Weights:
    """The fitted weights for the encoder of that name, or for words alone (None).

    A model nobody fitted for borrows the weights of the default one: its cosines are whitened the same way.
    """
    with (_FOLDER / "weights.json").open(encoding="utf-8") as file:
        data = json.load(file)
    return _weights(data["encoder" if encoder else "words"])


@lru_cache(maxsize=4)
def general(encoder: str | None) -> Mapping[str, Array] | None:
    """Mean and covariance of general texts in this encoder's space; None when none were ever measured for it."""
    path = _FOLDER / f"{encoder}.npz"
    if encoder is None or not path.is_file():
        return None
    with path.open("rb") as file, np.load(file) as data:
        return {name: data[name].astype(np.float64) for name in ("mean", "covariance")}
