"""The command line, as an operator meets it: real processes, real databases, plain sentences."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONNECT_")}
    return {**kept, "DATABASE_URL": f"sqlite:///{folder}/connect.db", "PYTHONPATH": str(ROOT), **more}


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int, process: subprocess.Popen[str], seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
                return str(json.load(response))
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise AssertionError("the bot does not answer")


def work_items(folder: Path) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(folder / "connect.db")) as connection:
        return connection.execute("SELECT cause, key, state FROM work_item").fetchall()


def test_help_lists_every_command(tmp_path: Path) -> None:
    told = run(tmp_path, "--help").stdout
    for command in ("serve", "migrate", "import", "match", "doctor", "manifest"):
        assert command in told


def test_every_wrong_setting_is_named_at_once(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", PORT="99999", CONNECT_LOG_LEVEL="loud", DATABASE_URL="mysql://secret@x/y")
    assert done.returncode == 1
    for name in ("PORT", "CONNECT_LOG_LEVEL", "DATABASE_URL"):
        assert f"{name}: " in done.stdout
    assert "secret" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_outside_development_what_is_needed_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "serve", CONNECT_DEVELOPMENT="false")
    assert done.returncode == 1
    assert "CONNECT_TEAMS_APP_ID" in done.stdout
    assert "CONNECT_SLACK_BOT_TOKEN" in done.stdout
    plain = run(tmp_path, "serve", CONNECT_DEVELOPMENT="false", CONNECT_SLACK_API_URL="http://slack.example/api/")
    assert "CONNECT_SLACK_API_URL: must start with https://" in plain.stdout
    exposed = run(tmp_path, "serve", CONNECT_HOST="0.0.0.0")
    assert exposed.returncode == 1
    assert "CONNECT_HOST" in exposed.stdout


def test_the_bot_starts_with_the_sample_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, str(ROOT / "app.py"), "serve"]
    for start in ("first", "second"):
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(tmp_path, PORT=str(port)), stdout=subprocess.PIPE, text=True
        )
        try:
            assert "True" in answers(port, process)
            taken = run(tmp_path, "serve", PORT=str(port))
            assert taken.returncode == 1
            assert f"Port {port}" in taken.stdout
            assert "Traceback" not in taken.stderr
        finally:
            process.send_signal(signal.SIGTERM)
            told, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert ("sample community" in told) is (start == "first")
        assert f"http://localhost:{port}/" in told


def test_a_database_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(tmp_path, "migrate", DATABASE_URL=f"sqlite:///{tmp_path}/file/connect.db")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stdout.strip().splitlines()) == 1


def test_an_operator_imports_matches_and_asks_the_doctor(tmp_path: Path) -> None:
    sick = run(tmp_path, "doctor")
    assert sick.returncode == 1
    assert "python app.py migrate" in sick.stdout
    assert run(tmp_path, "migrate").returncode == 0
    sample = str(ROOT / "samples" / "community")
    dry = run(tmp_path, "import", "--dry-run", sample)
    assert "people: 40 new" in dry.stdout
    assert "people: 40 new" in run(tmp_path, "import", sample).stdout
    assert "people: 0 new, 0 changed, 40 unchanged" in run(tmp_path, "import", sample).stdout
    (tmp_path / "people.csv").write_text("email,name,language\nx,,de\n", encoding="utf-8")
    refused = run(tmp_path, "import", "people.csv")
    assert refused.returncode == 1
    assert "people.csv:1 organisation: " in refused.stdout
    assert "Nothing was imported" in refused.stdout
    assert work_items(tmp_path) == [("rejected_import", "people", "open")]
    assert run(tmp_path, "doctor").returncode == 0
    run(tmp_path, "import", sample)
    assert work_items(tmp_path) == [("rejected_import", "people", "gone")]
    explained = json.loads(run(tmp_path, "match", "How do we plan demining in schools?", "--json").stdout)
    # Nobody has opened a chat with the bot, so nobody can be offered anything.
    assert explained["experts"] == []
    assert [network["name"] for network in explained["networks"]][:1] == ["Mine Action network"]


def test_match_is_explained_as_whoever_is_named(tmp_path: Path) -> None:
    question = "How do we plan demining in schools?"
    assert "Import people first" in run(tmp_path, "match", question).stdout
    run(tmp_path, "import", str(ROOT / "samples" / "community"))
    for who in ("Ousmane.Faye@sample.example", "Ousmane Faye"):
        assert "topics: mine-action" in run(tmp_path, "match", question, "--as", who).stdout
    for arguments, sentence in [
        ((question, "--as", "nobody@sample.example"), "Nobody is known as “nobody@sample.example”"),
        ((question, "--as", "sample"), "“sample” may be "),
        (("  ",), "There is nothing to read"),
        (("  ", "--lang", "fr"), "rien à lire"),
    ]:
        refused = run(tmp_path, "match", *arguments)
        assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
        assert sentence in refused.stdout


def test_the_teams_package_is_written_with_the_settings(tmp_path: Path) -> None:
    missing = run(tmp_path, "manifest", "teams")
    assert missing.returncode == 1
    assert "CONNECT_TEAMS_APP_ID" in missing.stdout
    settings = {
        "CONNECT_TEAMS_APP_ID": "11111111-2222-4333-8444-555555555555",
        "CONNECT_TEAMS_APP_PASSWORD": "x",
        "CONNECT_TEAMS_TENANTS": "66666666-7777-4888-8999-000000000000",
        "CONNECT_PUBLIC_URL": "https://bot.sample.example",
    }
    assert run(tmp_path, "manifest", "teams", "--output", "teams.zip", **settings).returncode == 0
    with zipfile.ZipFile(tmp_path / "teams.zip") as package:
        manifest = json.loads(package.read("manifest.json"))
        assert {"color.png", "outline.png", "fr.json", "es.json"} <= set(package.namelist())
    titles = [command["title"] for command in manifest["bots"][0]["commandLists"][0]["commands"]]
    assert titles == ["ask", "status", "help", "flag", "propose", "event", "events", "portal", "queue"]


@pytest.mark.skipif(os.name == "nt", reason="make is not there")
def test_an_old_python_is_told_so_in_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.8.1 && exit 0\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("")
    done = subprocess.run(
        ["make", "run", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed" in done.stdout
