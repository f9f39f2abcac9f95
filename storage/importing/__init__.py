"""The import of an operator's files: topics, networks, people and items, as CSV or JSONL.

`load` reads and checks files, `plan` says what they would change, `apply` changes it; docs/import-format.md is
the operator's page. All or nothing: with one bad line nothing is imported.
"""

from storage.importing.batch import Batch
from storage.importing.loading import load
from storage.importing.problems import ImportErrors
from storage.importing.rows import ROWS
from storage.importing.saving import Summary, apply, plan
from storage.importing.tally import Count

KINDS = tuple(ROWS)
"""The kinds of files, each after those it refers to."""

__all__ = ["KINDS", "Batch", "Count", "ImportErrors", "Summary", "apply", "load", "plan"]
