import re
from pathlib import Path

import pytest

from tests.commanding import OWNER, Captured, run, type_password, use
from tests.playing import NOWHERE


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, database_url)
    type_password(monkeypatch)
    assert run("user", "create", OWNER, "--password-stdin") == 0


def said(capsys: Captured, *arguments: str) -> str:
    """Run a command that works, and return what it prints."""
    capsys.readouterr()
    assert run(*arguments) == 0
    return capsys.readouterr().out.strip()


def test_bots_and_keys_are_made_listed_rotated_and_ended(capsys: Captured) -> None:
    bot = said(capsys, "bot", "create", "Crow", "--owner", OWNER)
    assert f"{bot}  Crow" in said(capsys, "bot", "list", "--owner", OWNER)
    text = said(capsys, "bot", "key", bot, "the cellar", "--world", NOWHERE, "--action", "plan.*", "--per-minute", "60")
    assert re.fullmatch(r"reality_[0-9a-f]{12}_[0-9a-f]{64}", text)
    (line,) = said(capsys, "bot", "keys", bot).splitlines()
    assert line.endswith("the cellar  good")
    assert text not in line
    key = line.split()[0]
    assert said(capsys, "bot", "rotate", key, "--overlap-minutes", "0") != text
    assert [one.rsplit(" ", 1)[-1] for one in said(capsys, "bot", "keys", bot).splitlines()] == ["good", "over"]
    assert run("bot", "rotate", key) == 1
    newer = said(capsys, "bot", "keys", bot).split()[0]
    assert "opens nothing" in said(capsys, "bot", "revoke", newer)
    assert "good" not in said(capsys, "bot", "keys", bot)
    said(capsys, "bot", "end", bot)
    assert said(capsys, "bot", "list") == ""


def test_what_makes_no_sense_is_told_in_one_line(capsys: Captured) -> None:
    bot = said(capsys, "bot", "create", "Crow", "--owner", OWNER)
    for arguments, told in (
        (("create", "Crow", "--owner", "jo@example.org"), "there is no account"),
        (("create", "", "--owner", OWNER), "at least 1 character"),
        (("key", bot, "x", "--world", "nonsense"), "not the id of a world"),
        (("key", bot, "x", "--action", "No"), "action: "),
        (("key", bot, "x", "--reads-only", "--proposals-only"), "only reads"),
        (("key", bot, "x", "--expires-at", "soon"), "expires-at: "),
        (("key", bot, "x", "--expires-at", "2020-01-01T00:00:00Z"), "within the next ten years"),
        (("key", NOWHERE, "x"), "no such bot"),
        (("keys", "nonsense"), "not the id of a bot"),
        (("revoke", "nonsense"), "not the id of a key"),
        (("rotate", NOWHERE), "no such key"),
        (("end", NOWHERE), "no such bot"),
    ):
        assert run("bot", *arguments) == 1, arguments
        assert told in " ".join(capsys.readouterr().err.split()), arguments
    assert said(capsys, "bot", "keys", bot) == ""
