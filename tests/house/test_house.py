"""The house's own rules."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(program: str, *arguments: str) -> None:
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    # Colours are for people; the output is only read when it is red.
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{program} {' '.join(arguments)}\n{done.stdout}\n{done.stderr}", pytrace=False)


def test_imports_keep_to_their_floors() -> None:
    _run("lint-imports", "--no-cache")


def test_the_linter_is_content() -> None:
    _run("ruff", "check", "--no-cache", ".")


def test_the_formatter_has_nothing_to_change() -> None:
    _run("ruff", "format", "--no-cache", "--check", ".")


def test_the_types_hold() -> None:
    _run("mypy", "--cache-dir", os.devnull if os.name != "nt" else "nul")


def test_no_file_speaks_of_one_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    if not listed:
        pytest.fail("git lists no files")
    marks = [f"/{name}/" for name in ("work", "root", "home/user")]
    found = []
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if not name or path.suffix in (".png", ".ico") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {mark}" for mark in marks if mark in text]
    assert not found
