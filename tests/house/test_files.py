"""What no file of the repository may hold."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.house.running import ROOT

# In pieces, or this file would hold them.
MACHINES = [f"/{name}/" for name in ("work", "root", "home/user")]
REGISTRIES = ["--index" + "-url", "--find" + "-links", '"resol' + 'ved":']


def files() -> Iterator[tuple[str, str]]:
    """Every file that is or would be committed, by its name, with its text; pictures are left out."""
    # A checkout that belongs to somebody else is read all the same.
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode("utf-8", errors="replace")


def holding(marks: list[str]) -> list[str]:
    return [f"{name}: {mark}" for name, content in files() for mark in marks if mark in content]


def test_the_repository_is_looked_through() -> None:
    assert Path(__file__).relative_to(ROOT).as_posix() in dict(files())


def test_no_file_speaks_of_one_machine() -> None:
    assert holding(MACHINES) == []


def test_no_file_names_where_packages_come_from() -> None:
    assert holding(REGISTRIES) == []


def test_lines_end_as_unix_lines_do() -> None:
    assert holding(["\r\n"]) == []
