"""Tables written to a file: published knowledge items, and what was measured in a month."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from bot import exports
from bot.settings import Settings
from house.ground import Opening
from house.operator.speaking import show
from knowledge import lessons as lesson_rows
from knowledge import reporting
from knowledge.errors import Refusal
from knowledge.measurement import exporting


def lessons(opened: Opening, settings: Settings, options: argparse.Namespace) -> int:
    written = _writer(options.output)
    if written is None:
        return 1
    with opened(settings) as house, house.database.reading() as connection:
        rows = lesson_rows.rows(house.work(connection))
    options.output.write_bytes(written(rows, lesson_rows.COLUMNS))
    show(f"{options.output}: {len(rows)} knowledge items. What the columns mean: docs/lessons-format.md")
    return 0


def report(opened: Opening, settings: Settings, options: argparse.Namespace) -> int:
    written = _writer(options.output)
    if written is None:
        return 1
    month = None
    if options.month:
        try:
            month = datetime.strptime(options.month, "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            show(f"{options.month!r} is no month; write it as 2026-10.")
            return 1
    # Writing: a month that nobody counted yet is counted, and kept as it was told.
    with opened(settings) as house, house.database.begin() as connection:
        try:
            made = reporting.made(house.work(connection), month)
        except Refusal:
            show(f"{options.month} is not over yet: only closed months are told.")
            return 1
        work = house.work(connection)
        keys = {one.id: one.key for one in work.catalogue.networks}
        rows = list(exporting.rows(reporting.slices(work, made), keys, options.lang))
    options.output.write_bytes(written(rows, exporting.COLUMNS))
    show(f"{options.output}: {len(rows)} figures of {made.since:%B %Y}. What the columns mean: docs/report-format.md")
    return 0


def _writer(output: Path) -> exports.Writer | None:
    """What the ending of a file's name asks for; None, and why is said, when that is nothing we write."""
    written = exports.FORMATS.get(output.suffix.lower().lstrip("."))
    if written is None:
        show(f"{output.name}: name it with an ending of {', '.join(f'.{one}' for one in exports.FORMATS)}.")
    return written
