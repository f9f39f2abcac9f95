"""Tasks to measure matching with: any folder in the format of the shared data's README.

`task.toml` (kind: reuse, route or expert), `corpus.tsv` (id lang labels kind date text) and `queries.tsv`
(id lang labels date text); labels are separated by "|"; a query without labels has no right answer.
"""

import csv
import random
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from knowledge.matching.encoder import Encoder
from knowledge.matching.index import Candidate, Index, Text

LONGEST_CELL = 10_000_000
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    language: str
    labels: tuple[str, ...]
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """`candidates` are the labels in order of their first row: the group of equal questions, network or person."""

    name: str
    kind: str
    corpus: tuple[Row, ...]
    queries: tuple[Row, ...]
    candidates: tuple[str, ...]

    @property
    def family(self) -> str:
        """Tasks from one source share a family: one is no independent witness of another."""
        parts = self.name.split("-")
        return parts[0] if parts[0] == "expert" else "-".join(parts[:2])


def load(folder: Path) -> Task:
    """One task. Raises OSError or KeyError when a file or column is missing."""
    kind = tomllib.loads((folder / "task.toml").read_text(encoding="utf-8"))["kind"]
    corpus, queries = (_rows(folder / name) for name in ("corpus.tsv", "queries.tsv"))
    candidates = tuple(dict.fromkeys(label for row in corpus for label in row.labels))
    return Task(folder.name, kind, corpus, queries, candidates)


def load_all(folder: Path) -> list[Task]:
    """Every task below the folder (or the folder itself), by name."""
    found = sorted(path.parent for path in folder.glob("**/task.toml"))
    return [load(path) for path in found]


def _rows(path: Path) -> tuple[Row, ...]:
    # The limit is everybody's: it goes back to what it was.
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        return _read(path)
    finally:
        csv.field_size_limit(before)


def _read(path: Path) -> tuple[Row, ...]:
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Row(
                row["id"],
                row["lang"] or "en",
                tuple(label for label in (row["labels"] or "").split("|") if label),
                datetime.fromisoformat(row["date"]).replace(tzinfo=UTC) if row.get("date") else None,
                row["text"],
            )
            for row in csv.DictReader(file, delimiter="\t")
        )


def index(task: Task, encoder: Encoder | None, general: dict[str, object] | None) -> Index:
    """The product's own index over a task; a candidate's id is its place in `task.candidates`."""
    texts: dict[str, list[Text]] = {label: [] for label in task.candidates}
    # Questions without a date can be of any time: then no answer is older than another.
    timeless = not any(row.at for row in task.queries)
    for row in sorted(task.corpus, key=lambda row: row.at or ANY_TIME):
        for label in row.labels:
            texts[label].append(Text(row.text, row.language, row.at and (ANY_TIME if timeless else row.at)))
    built = Index(encoder, general=general)  # type: ignore[arg-type]
    built.fill(Candidate(place, "all", texts[label]) for place, label in enumerate(task.candidates))
    return built


def days(at: datetime | None) -> float | None:
    return at.timestamp() / 86400 if at else None


# --- Typing errors

_NEAR = {
    near[0]: near[1:]
    for near in (
        "aqsz", "bvgn", "cxdv", "dsfec", "ewrd", "fdgrv", "gfhtb", "hgjyn", "iuok", "jhkum", "kjli", "lkop", "mnj",
        "nbhm", "oipl", "pol", "qwas", "retdf", "saadwx", "tryfg", "uyijh", "vcfb", "wqesa", "xzsc", "ytuh", "zasx",
    )
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{3,}")


def misspelt(task: Task, seed: int) -> Task:
    """The task with one or two typing errors in each question: neighbouring keys, doubled, dropped, swapped letters."""
    rng = random.Random(seed)
    return replace(task, queries=tuple(replace(row, text=_mistyped(row.text, rng)) for row in task.queries))


def _mistyped(text: str, rng: random.Random) -> str:
    for _ in range(rng.choice((1, 2))):
        words = list(_WORD.finditer(text))
        if not words:
            break
        word = rng.choice(words)
        at = rng.randrange(word.start(), word.end())
        letter = text[at]
        how = rng.choice(("swap", "drop", "double", "near"))
        if how == "swap" and at + 1 < word.end():
            text = text[:at] + text[at + 1] + letter + text[at + 2 :]
        elif how == "drop":
            text = text[:at] + text[at + 1 :]
        elif how == "double":
            text = text[:at] + letter + text[at:]
        else:
            text = text[:at] + rng.choice(_NEAR.get(letter.lower(), "e")) + text[at + 1 :]
    return text
