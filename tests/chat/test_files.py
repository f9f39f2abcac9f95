"""What becomes of a file: by its name, for whom it is, and beside what was said."""

from collections.abc import Sequence

import pytest

from dialogs.files import KINDS, FileKind
from dialogs.incoming import File
from dialogs.ports import Desk
from knowledge.notices import Notice
from knowledge.people import Person, Role
from storage.database import Database
from tests.chat.town import INGRID, LITIA, SOMEBODY_KNOWS, town


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A kind of file for the KM team alone; the names of what it was handed."""
    names: list[str] = []

    def reader(_desk: Desk, person: Person, files: Sequence[File]) -> list[Notice]:
        names.extend(file.name for file in files)
        return [Notice(person.id, "small_talk.thanks")]

    kind = FileKind("directory", (".vcf",), frozenset({"agenda"}), frozenset({Role.KM_TEAM}), reader)
    monkeypatch.setitem(KINDS, "sample", kind)
    return names


@pytest.mark.parametrize(
    ("name", "media_type", "fits"),
    [
        ("agenda.vcf", "", True),
        ("Our_AGENDA 2026.VCF", "", True),
        ("agenda", "text/x-vcard; charset=utf-8", True),
        ("agendas.vcf", "", False),
        ("agenda.csv", "", False),
        ("agenda", "", False),
    ],
)
async def test_a_file_is_known_by_its_name(
    database: Database, read: list[str], name: str, media_type: str, fits: bool
) -> None:
    async with town(database) as there:
        await there.send(INGRID, File(name, media_type, b"x"))
        assert read == ([name] if fits else [])
        assert ("I cannot tell what" in there.texts_of(INGRID)) is not fits


async def test_to_whom_it_is_not_open_a_file_reads_like_any_other(database: Database, read: list[str]) -> None:
    async with town(database) as there:
        await there.send(LITIA, File("agenda.vcf", content=b"x"))
        known = there.texts_of(LITIA)
        await there.send(LITIA, File("holiday.png", content=b"x"))
        assert there.texts_of(LITIA).replace("holiday.png", "agenda.vcf") == known
        assert read == []


async def test_what_is_asked_beside_a_file_is_asked_and_the_file_is_left_out(database: Database) -> None:
    async with town(database) as there:
        await there.send(LITIA, File("tor.docx", content=b"x"), text=SOMEBODY_KNOWS)
        assert "Your question 1, not sent yet" in there.texts_of(LITIA)
        assert "The file was not passed on" in there.texts_of(LITIA)


async def test_each_file_that_could_not_be_had_gets_a_sentence(database: Database, read: list[str]) -> None:
    async with town(database) as there:
        files = [File("agenda.vcf", content=b"x"), File("a.csv", trouble="too_large"), File("b.csv", trouble="gone")]
        await there.send(INGRID, *files)
        assert read == ["agenda.vcf"]
        assert "“a.csv” is larger than 10 MB" in there.texts_of(INGRID)
        assert "“b.csv” is no longer where it was." in there.texts_of(INGRID)
