"""Whether every topic and network that a file names is there, in the files or in the database."""

from sqlalchemy import Connection, select

from knowledge.import_problem import phrase
from storage.importing.batch import MOST_PLACES, Batch
from storage.importing.problems import Problems, meant, short
from storage.schema import network, topic

_TABLES = {"topics": topic, "networks": network}


def check_references(connection: Connection, batch: Batch, problems: Problems) -> None:
    """Tells of every key that neither the files nor the database have, at each place that names it."""
    for kind, table in _TABLES.items():
        named = [key for of, key in batch.missing if of == kind]
        if not named:
            continue
        # Both are curated lists of some hundreds: read whole.
        known = set(connection.scalars(select(table.c.key)))
        everywhere = known | set(batch.keys.get(kind, ()))
        for key in named:
            if key in known:
                continue
            places = batch.missing[kind, key]
            told = (
                phrase(f"no_{kind}", word=short(key)),
                *meant(key, everywhere, phrase("add_it", file=f"{kind}.csv")),
            )
            if len(places) == MOST_PLACES:
                told = (*told, phrase("more_rows"))
            for file, line, column in places:
                problems.add(file, line, column, *told)
