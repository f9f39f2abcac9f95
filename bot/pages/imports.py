"""All that is wrong with a file that was refused: a page, and the same as a file to mend it by."""

from bot import exports
from bot.pages.page import File, Shown, Visit, page
from dialogs.commands import number
from dialogs.import_words import sentence
from knowledge import importing
from knowledge.errors import Refusal
from knowledge.measurement.exporting import Value
from knowledge.people import Role

COLUMNS = {
    "file": "File, as it was sent",
    "line": "Line as a text editor counts; in a workbook, the row; 0 for the whole file",
    "column": "Column, by its name in the file; empty for the whole line",
    "problem": "What has to be mended, in the reader's language",
}


@page("/imports", title="import.page_title", roles=frozenset({Role.KM_TEAM}), listed=False)
async def imports_page(visit: Visit) -> Shown | File:
    wanted = number(visit.query.get("number", ""))
    if wanted is None:
        raise Refusal("import.no_problems", number=visit.query.get("number", "")[:20])
    one = await visit.look(lambda desk: importing.problems(desk, visit.reader, wanted))
    rows: list[dict[str, Value]] = [
        {"file": each.file, "line": each.line, "column": each.column, "problem": sentence(visit.say, each)}
        for each in one.problems
    ]
    kind = visit.query.get("format", "")
    if kind in exports.FORMATS:
        return File(exports.FORMATS[kind](rows, COLUMNS), exports.KINDS[kind], f"import-{one.id}-errors.{kind}")
    return Shown("imports.html", {"one": one, "rows": rows, "formats": sorted(exports.FORMATS)})
