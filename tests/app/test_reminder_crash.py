"""Replicas are killed while they plan and send reminders: each is put in the outbox once (`bench.reminders`)."""

import pytest

from bench.reminders import crash


@pytest.mark.parametrize(("kind", "replicas"), [("sqlite", 1), ("postgresql", 3)])
def test_kill_9_neither_loses_nor_doubles_a_reminder(
    kind: str, replicas: int, request: pytest.FixtureRequest, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    url = request.getfixturevalue("postgresql_url") if kind == "postgresql" else f"sqlite:///{tmp_path}/crash.db"
    found = crash(url, replicas=replicas, people=160, kills=8)
    with capsys.disabled():
        print(f"\n{found}")
    assert (found["twice"], found["lost"]) == (0, 0)
    assert found["kills"] == 8
