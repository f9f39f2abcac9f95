"""Runs one of the house's tools, and fails with what it printed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(program: str, *arguments: str, folder: Path = ROOT) -> str:
    """What the program printed. Fails the test with it when the program is not content."""
    # Colours are for people; the output is only read when it is red.
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{program} {' '.join(arguments)}\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout
