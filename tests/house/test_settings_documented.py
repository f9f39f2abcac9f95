"""An operator finds every setting in `.env.example`, with the value it has anyway, and none that does not exist."""

import re
from datetime import time
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings, read_settings
from knowledge.places import Audience
from tests.house.running import ROOT

EXAMPLE = ROOT / ".env.example"


def documented() -> list[tuple[str, str]]:
    """Every variable of the example with its value, in the file's order; commented out or not."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)


def defaults() -> dict[str, str]:
    """Each setting's variable, with its default as an operator would write it."""
    found = {}
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        found[alias if isinstance(alias, str) else f"CONNECT_{name.upper()}"] = written(field.default)
    return found


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        if value and isinstance(value[0], time):
            return "-".join(f"{at:%H:%M}" for at in value)
        return ",".join(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.word if isinstance(value, Audience) else str(value)


def test_every_setting_stands_in_the_example_and_nothing_else_does() -> None:
    assert sorted(name for name, _ in documented()) == sorted(defaults())


def test_the_example_names_each_default() -> None:
    assert dict(documented()) == defaults()


def test_the_example_changes_nothing_until_somebody_edits_it() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.strip() and not line.startswith("#")] == []


def test_the_example_is_valid_with_every_line_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in defaults():
        monkeypatch.delenv(name, raising=False)
    env_file = tmp_path / ".env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in documented()), encoding="utf-8")
    assert read_settings(env_file) == read_settings(None)
