"""`reality world fork`: for whoever runs the server."""

import re
from pathlib import Path

import pytest

from tests.commanding import OWNER, Captured, run, type_password, use, world_made


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, database_url)
    type_password(monkeypatch)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_fork_is_made_shown_and_whole(tmp_path: Path, capsys: Captured) -> None:
    world = world_made(tmp_path, capsys)
    assert run("world", "fork", world, "--title", "Day", "--owner", OWNER, "--members") == 0
    made = re.search(r"world ([0-9a-f-]{36}) is a fork", capsys.readouterr().out)
    assert made
    assert run("world", "show", made[1]) == 0
    shown = capsys.readouterr().out
    assert "Day" in shown
    assert f"{world}, up to event 1" in shown
    assert run("verify") == 0
    for arguments, told in (
        (("--title", "X", "--owner", "nobody@example.org"), "there is no account"),
        (("--title", "", "--owner", OWNER), "1 to 200 characters"),
        (("--title", "X", "--owner", OWNER, "--as-of", "yesterday"), "is not a moment"),
        (("--title", "X", "--owner", OWNER, "--as-of", "1999-01-01T00:00:00Z"), "had not begun"),
        (("--title", "X", "--owner", OWNER, "--as-of", "2999-01-01T00:00:00Z"), "still to come"),
    ):
        capsys.readouterr()
        assert run("world", "fork", world, *arguments) == 1, arguments
        assert told in capsys.readouterr().err
