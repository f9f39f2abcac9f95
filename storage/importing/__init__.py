"""The import of an operator's files: topics, networks, people and items, as CSV or JSONL.

`load` reads and checks files, `plan` says what they would change, `apply` changes it; docs/import-format.md is
the operator's page. All or nothing: with one bad line nothing is imported.
"""

from storage.importing.batch import Batch
from storage.importing.loading import load
from storage.importing.problems import ImportErrors, Problem
from storage.importing.saving import Summary, apply, plan
from storage.importing.tally import Count

__all__ = ["Batch", "Count", "ImportErrors", "Problem", "Summary", "apply", "load", "plan"]
