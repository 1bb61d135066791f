"""Whoever runs the server can try whether letters arrive, and sees which do not."""

from pathlib import Path

import pytest

from tests.commanding import Captured, run, use


@pytest.fixture(autouse=True)
def _database(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    use(monkeypatch, database_url)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_letter_can_be_tried(monkeypatch: pytest.MonkeyPatch, capsys: Captured, tmp_path: Path) -> None:
    monkeypatch.setenv("REALITY_MAIL_URL", f"folder:{tmp_path}")
    assert run("mail", "try", "Mira@Example.org") == 0
    assert "mira@example.org" in capsys.readouterr().out
    (file,) = tmp_path.iterdir()
    assert b"whether letters arrive" in file.read_bytes()
    monkeypatch.setenv("REALITY_MAIL_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("REALITY_MAIL_FROM", "worlds@example.org")
    assert run("mail", "try", "mira@example.org") == 1
    assert "the letter was not taken" in capsys.readouterr().err
    monkeypatch.setenv("REALITY_MAIL_URL", "smtp://u:secret@127.0.0.1:1?tls=maybe")
    assert run("mail", "try", "mira@example.org") == 1
    assert "secret" not in capsys.readouterr().err
    assert run("mail", "try", "nobody") == 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_letters_that_wait_are_listed(capsys: Captured) -> None:
    assert run("mail", "list") == 0
    assert "0 letters" in capsys.readouterr().err
