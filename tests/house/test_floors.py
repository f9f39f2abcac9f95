"""Who may import whom. The contracts stand in pyproject.toml."""

import shutil
from pathlib import Path

import pytest

from tests.house.running import ROOT, run

FLOORS = ("bot", "dialogs", "house", "knowledge", "manifest", "storage")

WRONG = {
    "knowledge/errors.py": "import sqlalchemy",
    "dialogs/message.py": "import bot.channel",
    "storage/work.py": "import aiohttp",
    "bot/clock.py": "import app",
    "bot/settings.py": "import storage.schema",
    "bot/doctor.py": "import house.ground",
    "bot/channel.py": "import botbuilder.core",
    "house/ground.py": "import app",
    "house/rings.py": "import house.groups",
    "manifest/icons.py": "import knowledge.people",
}
"""A wrong import for each floor."""


def test_imports_keep_to_their_floors() -> None:
    run("lint-imports", "--no-cache")


def test_a_wrong_import_is_named_with_its_module(tmp_path: Path) -> None:
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, tmp_path / floor, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in WRONG.items():
        path = tmp_path / name
        path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(pytest.fail.Exception) as caught:
        run("lint-imports", "--no-cache", folder=tmp_path)
    said = str(caught.value)
    for name, line in WRONG.items():
        importer, imported = name.removesuffix(".py").replace("/", "."), line.removeprefix("import ").split(".core")[0]
        assert f"{importer} -> {imported} " in said
