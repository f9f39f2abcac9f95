"""The words of a large shelf: tantivy finds the few hundred candidates that share the rarest words.

Small shelves never come here (every candidate is scored). The scores of tantivy are not used: it only proposes;
knowledge/matching/index.py scores with what the reader may know of. One index for each shelf.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import tantivy

from knowledge.matching.columns import Rows

# New candidates wait outside the index, always considered, until so many have come: a commit takes 2 to 4 ms.
WAITING = 64


class WordsIndex:
    """Candidates by word number. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        build = tantivy.SchemaBuilder()
        build.add_unsigned_field("slot", stored=False, indexed=True, fast=True)
        build.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = build.build()
        self._index = tantivy.Index(self._schema)
        # The least tantivy takes: it is held as long as the index is.
        self._writer = self._index.writer(heap_size=15_000_000, num_threads=1)
        self._searcher = self._index.searcher()
        self._waiting: set[int] = set()

    def add(self, slot: int, words: Iterable[int]) -> None:
        document = tantivy.Document()
        document.add_unsigned("slot", slot)
        document.add_text("words", " ".join(map(str, words)))
        self._writer.add_document(document)
        self._waiting.add(slot)

    def settle(self, *, force: bool = False) -> None:
        """Commits what waits, when it has become worth it."""
        if self._waiting and (force or len(self._waiting) >= WAITING):
            self._writer.commit()
            self._index.reload()
            self._searcher = self._index.searcher()
            self._waiting.clear()

    def find(self, words: Sequence[int], limit: int) -> Rows:
        """Slots that share words, most telling first, and every slot that still waits."""
        waiting = np.fromiter(self._waiting, dtype=np.int64, count=len(self._waiting))
        if not words:
            return waiting
        query = tantivy.Query.boolean_query([
            (tantivy.Occur.Should, tantivy.Query.term_query(self._schema, "words", str(word), "freq"))
            for word in words
        ])  # fmt: skip
        hits = self._searcher.search(query, limit, count=False).hits
        found = np.array(self._searcher.fast_field_values("slot", [address for _, address in hits]), dtype=np.int64)
        return np.concatenate([found, waiting])
