"""The Makefile: what it says to a machine that is not ready, and that it does nothing twice."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.running import ROOT
from tests.support.postgresql import nobody

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make: apt-get install make")

READY = """#!/bin/sh
# Stands for a Python: what it is asked goes to a log, and a virtual environment is a copy of itself.
here=$(dirname "$0")
echo "$*" >> log
if [ "$1 $2" = "-m venv" ]; then mkdir -p .venv/bin && cp "$0" .venv/bin/python; fi
"""

OLD = """#!/bin/sh
if [ "$1" = -V ]; then echo "Python 3.9.2"; exit 0; fi
exit 1
"""

WITHOUT_VENV = """#!/bin/sh
case "$2" in *ensurepip*) echo "Traceback (most recent call last): ..." >&2; exit 1;; esac
"""

WITHOUT_NETWORK = READY + 'case "$2" in pip) echo "ERROR: no network" >&2; exit 1;; esac\n'


@pytest.fixture
def clone() -> Iterator[Path]:
    """A folder with what make reads, that anybody may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file in ("Makefile", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / file, folder)
        yield folder


def make(clone: Path, target: str, python: str, **more: object) -> tuple[int, list[str]]:
    """Runs make with a stand-in for Python; its exit code, and what it said, without make's own last word."""
    if python.startswith("#!"):
        stand_in = clone / "python"
        stand_in.write_text(python)
        stand_in.chmod(0o755)
        python = "./python"
    # The make that runs these tests hands on its own flags.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        ["make", target],
        cwd=clone,
        env={**environment, "PYTHON": python},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **more,  # type: ignore[call-overload]
    )
    return done.returncode, [line for line in done.stdout.splitlines() if not line.startswith("make")]


def asked(clone: Path, word: str) -> int:
    """How often the stand-in was asked for something."""
    return (clone / "log").read_text().count(word)


def test_without_python_it_says_so(clone: Path) -> None:
    code, said = make(clone, "run", "python-of-no-kind")
    assert code != 0
    assert said == ["There is no python-of-no-kind here: install Python 3.11 or newer."]


def test_with_an_old_python_it_says_which_is_needed(clone: Path) -> None:
    code, said = make(clone, "run", OLD)
    assert code != 0
    assert said == [
        "Python 3.11 or newer is needed; ./python is Python 3.9.2. If you have a newer one: PYTHON=python3.12 make run"
    ]


def test_without_the_venv_module_it_says_how_to_get_it(clone: Path) -> None:
    code, said = make(clone, "test", WITHOUT_VENV)
    assert code != 0
    assert said == ["./python comes without venv: on Debian and Ubuntu, apt-get install python3-venv"]


def test_without_leave_to_write_it_says_so(clone: Path) -> None:
    shutil.copy(shutil.which("true") or "/bin/true", clone / "python")
    clone.chmod(0o555)
    # Root may write anywhere, so somebody else tries.
    somebody = dict(zip(("user", "group"), nobody(), strict=True), extra_groups=[]) if os.geteuid() == 0 else {}
    code, said = make(clone, "run", "./python", **somebody)
    clone.chmod(0o755)
    assert code != 0
    assert said == [f"No permission to write in {clone}: clone it where you may write."]


def test_a_failed_installation_is_tried_again(clone: Path) -> None:
    code, said = make(clone, "run", WITHOUT_NETWORK)
    assert code != 0
    assert said[-2:] == [
        "ERROR: no network",
        "That failed, for the reason above. Nothing else was changed: try again.",
    ]
    shutil.rmtree(clone / ".venv")
    assert make(clone, "run", READY)[0] == 0


def test_the_second_run_installs_nothing(clone: Path) -> None:
    assert make(clone, "run", READY) == (0, ["Installing what the bot needs (once) …"])
    assert make(clone, "run", READY) == (0, [])
    assert asked(clone, "-m venv") == asked(clone, "-m pip") == 1
    assert asked(clone, "app.py serve") == 2


def test_the_tests_add_what_they_need_and_running_is_served_by_it(clone: Path) -> None:
    assert make(clone, "test", READY) == (0, ["Installing what the tests need (once) …"])
    assert make(clone, "run", READY) == (0, [])
    assert asked(clone, "-m venv") == asked(clone, "-m pip") == 1
    assert asked(clone, "-m pytest") == 1


def test_changed_requirements_are_installed_again(clone: Path) -> None:
    make(clone, "install", READY)
    later = (clone / ".venv" / "test.stamp").stat().st_mtime + 10
    os.utime(clone / "requirements.txt", (later, later))
    make(clone, "install", READY)
    assert asked(clone, "-m venv") == 1
    assert asked(clone, "-m pip") == 2
