"""How the index grows: building, adding, asking, memory; and the same beside a plain scan with numpy.

    python -m bench.index --items 1000,10000,100000 [--json] [--encoder sampled|use]

The items are made up of words drawn as often as words are in language (Zipf). Encoding a million texts takes the
real encoder twenty minutes; `sampled` (the default) encodes 2,000 of them for real and gives every item the mixture of
two such vectors with a little noise. Questions are always encoded for real, and their time is counted.
"""

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import psutil

from knowledge.matching import encoder as encoders
from knowledge.matching import weights as fitted
from knowledge.matching.encoder import Encoder, Vectors
from knowledge.matching.index import Candidate, Index, Text
from knowledge.matching.ranking import Ranker
from knowledge.matching.vectors import whitening

QUESTIONS = 200
ADDED = 100
SAMPLE = 2000
SEED = 11


class Sampled:
    """Mixtures of real vectors for made-up items; the real encoder for whatever it was not told of."""

    def __init__(self, encoder: Encoder, lines: Sequence[str]) -> None:
        self.name, self.dimensions, self.identity = encoder.name, encoder.dimensions, encoder.identity
        self._encoder = encoder
        self._pool = np.concatenate([encoder.encode(lines[at : at + 64]) for at in range(0, len(lines), 64)])
        self._rng = np.random.default_rng(SEED)
        self.sampling = True

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not self.sampling:
            return self._encoder.encode(texts)
        first, second = self._rng.integers(len(self._pool), size=(2, len(texts)))
        mixed = self._pool[first] + 0.5 * self._pool[second]
        mixed = mixed + self._rng.normal(scale=0.01, size=mixed.shape)
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


def lines_of(count: int, rng: np.random.Generator) -> list[str]:
    """Sentences of 4 to 16 words from a vocabulary of 50,000, frequent ones first."""
    rank = np.arange(1, 50_001)
    chance = 1 / rank
    words = np.array([f"w{number:x}" for number in rank])
    drawn = words[rng.choice(len(words), size=count * 10, p=chance / chance.sum())]
    lengths = rng.integers(4, 17, size=count)
    starts = rng.integers(0, len(drawn) - 17, size=count)
    return [" ".join(drawn[start : start + length]) for start, length in zip(starts, lengths, strict=True)]


def measure(count: int, encoder: Encoder, *, sampled: bool) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    lines = lines_of(count + ADDED, rng)
    real = lines_of(SAMPLE, rng)
    using: Encoder = Sampled(encoder, real) if sampled else encoder
    process = psutil.Process()
    white = whitening(encoder.encode(real[:512]), fitted.general(encoder.name))
    before = process.memory_info().rss
    start = time.perf_counter()
    index = Index(using, white)
    index.fill(Candidate(number, "open", [Text(line, "en")]) for number, line in enumerate(lines[:count]))
    build = time.perf_counter() - start
    ranker = Ranker(index, fitted.load(encoder.name), seen=True)
    ranker.background((0,))
    after = process.memory_info().rss

    if isinstance(using, Sampled):
        using.sampling = False
    adding = []
    for number in range(ADDED):
        start = time.perf_counter()
        twin = ranker.apart()
        twin.index.put(Candidate(count + number, "open", [Text(lines[count + number], "en")]))
        adding.append((time.perf_counter() - start) * 1000)
        ranker = twin

    asking = []
    for line in lines_of(QUESTIONS, rng):
        start = time.perf_counter()
        ranker.rank(ranker.index.read(line, "en"), (0,))
        asking.append((time.perf_counter() - start) * 1000)
    p50, p99 = np.percentile(asking, [50, 99])
    return {
        "items": count,
        "build_s": round(build, 2),
        "add_ms": round(float(np.median(adding)), 2),
        "add_p99_ms": round(float(np.percentile(adding, 99)), 2),
        "p50_ms": round(float(p50), 2),
        "p99_ms": round(float(p99), 2),
        "scan_p50_ms": round(_scan(min(count, 200_000), encoder) * max(count / 200_000, 1.0), 2),
        "bytes_per_item": round((after - before) / count),
        "held_bytes_per_item": round(index.bytes / count),
        "vectors": "sampled" if sampled else "encoded",
    }


def _scan(count: int, encoder: Encoder) -> float:
    """The peer: every vector compared as float32 by numpy, encoding included; measured up to 200,000, then in ratio."""
    rng = np.random.default_rng(SEED)
    vectors = rng.normal(size=(count, encoder.dimensions)).astype(np.float32)
    taken = []
    for line in lines_of(20, rng):
        start = time.perf_counter()
        np.argpartition(-(vectors @ encoder.encode([line])[0]), min(10, count - 1))
        taken.append((time.perf_counter() - start) * 1000)
    return float(np.median(taken))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", default="1000,10000,100000", help="how many, separated by commas")
    options.add_argument("--encoder", choices=["sampled", "use"], default="sampled")
    options.add_argument("--json", action="store_true", help="one object a line")
    chosen = options.parse_args()
    loaded = encoders.load("use")
    if loaded is None:
        raise SystemExit("The encoder is not installed: pip install -r requirements.txt")
    encoder = loaded.forgetful
    encoder.encode(["warm"])
    last: dict[str, Any] | None = None
    for count in (int(number) for number in chosen.items.split(",")):
        line = measure(count, encoder, sampled=chosen.encoder == "sampled")
        if chosen.json:
            print(json.dumps(line), flush=True)
        else:
            grown = (
                f"  (p50 x{line['p50_ms'] / last['p50_ms']:.1f}, items x{count / last['items']:.0f})" if last else ""
            )
            print(", ".join(f"{name} {value}" for name, value in line.items()) + grown, flush=True)
        last = line


if __name__ == "__main__":
    main()
