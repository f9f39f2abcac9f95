"""The database's schema, and what an operator imports into it."""

import argparse
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.settings import Settings
from dialogs import import_words
from dialogs.wording import say_in
from house.ground import Ground, Opening
from house.operator.speaking import show
from knowledge import importing as import_rules
from storage import importing, migrations
from storage.database import Database


def migrate(settings: Settings, options: argparse.Namespace) -> int:
    database = Database(settings.database_url)
    if options.to == "head":
        migrations.upgrade(database)
    else:
        migrations.downgrade(database, options.to)
    show(f"The database is at revision {migrations.current(database) or 'base'}.")
    return 0


def load(opened: Opening, settings: Settings, options: argparse.Namespace) -> int:
    with opened(settings) as house:
        try:
            with house.database.reading() as connection, importing.load(options.paths, connection=connection) as batch:
                if options.dry_run:
                    summary = importing.plan(connection, batch)
                else:
                    summary = house.database.write(partial(_import_all, house, batch))
        except importing.ImportErrors as errors:
            show(
                "\n".join([*import_words.lines(say_in("en"), errors.errors, more=errors.more), "Nothing was imported."])
            )
            if not options.dry_run:
                house.database.write(partial(_refuse_all, house, errors))
            return 1
    show(str(summary))
    return 0


def _import_all(house: Ground, batch: importing.Batch, connection: Connection) -> importing.Summary:
    summary = importing.apply(connection, batch, house.now())
    import_rules.went_through(house.work(connection), batch.kinds)
    return summary


def _refuse_all(house: Ground, errors: importing.ImportErrors, connection: Connection) -> None:
    kinds = {one.file: Path(one.file).stem.lower() for one in errors.errors}
    known = {file: kind for file, kind in kinds.items() if kind in importing.KINDS}
    import_rules.refused(house.work(connection), known, [one for one in errors.errors if one.file in known])
