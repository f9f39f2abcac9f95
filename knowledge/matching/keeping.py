"""Vectors of what the community knows, kept from one start to the next: encoding is most of what a start costs.

A vector is kept under a digest of the model and the text, so another model or another wording never finds it. Only
texts that the indexes hold are kept, never a question somebody is only asking; and what they hold no longer is let go.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from knowledge.matching.encoder import Encoder, Vectors

# Two bytes a number; rounding so moves a cosine by less than 0.001, and is done to fresh vectors too, so that a
# question ranks the same after a start as before it.
_KEPT = np.dtype("<f2")

Kept = Mapping[str, bytes]
"""Vectors as they are kept, by key."""


class Keeping:
    """An encoder for what is put into the indexes; `load` is asked for the kept vectors at the first text."""

    def __init__(self, encoder: Encoder, load: Callable[[], Kept]) -> None:
        self.name, self.dimensions, self.identity = encoder.name, encoder.dimensions, encoder.identity
        self._encoder, self._load = encoder, load
        self._kept: Kept | None = None
        # Written by whoever reads a new text, read by whoever keeps it: each step is one of the dictionary's own.
        self._fresh: dict[str, bytes] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        if self._kept is None:
            self._kept = self._load()
        keys = [self.key(text) for text in texts]
        found = {key: vector for key in keys if (vector := self._sound(self._known(key))) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        for key, vector in zip(missing, self._encoder.encode(list(missing.values())), strict=True):
            made = vector.astype(_KEPT)
            found[key], self._fresh[key] = made.astype(np.float32), made.tobytes()
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = found[key]
        return vectors

    def key(self, text: str) -> str:
        return hashlib.sha256(f"{self.identity}\0{text}".encode(errors="replace")).hexdigest()

    def anew(self) -> None:
        """All is about to be read again: the next text asks for what is kept."""
        self._kept = None

    def wanted(self, texts: Iterable[str]) -> tuple[set[str], Kept]:
        """The keys of all texts the indexes hold, and those of their vectors that are not kept yet."""
        keys = {self.key(text) for text in texts}
        return keys, {key: vector for key, vector in list(self._fresh.items()) if key in keys}

    def settled(self, kept: Kept) -> None:
        """What was fresh has been kept, and what was loaded has been used: neither is needed in memory."""
        self._kept = {}
        for key in kept:
            self._fresh.pop(key, None)

    def _known(self, key: str) -> bytes | None:
        return self._fresh.get(key) or (self._kept or {}).get(key)

    def _sound(self, kept: bytes | None) -> Vectors | None:
        """None for nothing, and for what is no vector of this model: it is made anew."""
        if kept is None or len(kept) != self.dimensions * _KEPT.itemsize:
            return None
        vector = np.frombuffer(kept, dtype=_KEPT).astype(np.float32)
        # Unit length, or zeros for an empty text.
        length = float(np.linalg.norm(vector))
        return vector if length == 0 or abs(length - 1) < 0.01 else None
