"""`reality prove`: what it says, writes and ends with; whether it finds leaks is for tests/properties."""

import json
from pathlib import Path

import pytest
import structlog
from sqlalchemy import true

from reality_engine.app.cli import prove
from reality_engine.visibility import entities
from tests.commanding import run

HARBOR = Path(__file__).parents[2] / "packs/harbor"
SHOWN = """
pack: shown
version: 1.0.0
roles: {gm: {sees: everything}, player: {default: true}}
kinds: {stone: {visible_to: [everyone], fields: {name: text}}}
"""


@pytest.fixture(autouse=True)
def _logging() -> object:
    """Undo what the command does to logging."""
    yield
    structlog.reset_defaults()


def test_no_leak_is_told_with_what_was_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("prove", str(HARBOR), "--cases", "5", "--seed", "x", "--report", str(tmp_path / "proof.json")) == 0
    out = capsys.readouterr().out
    assert "✓ harbor 1.0.0: no leak in" in out
    assert "seed x" in out
    report = json.loads((tmp_path / "proof.json").read_text())
    assert (report["pack"], report["leaks"], report["seed"]) == ("harbor", False, "x")
    assert report["cases"] >= 5
    assert sum(report["hidden_beside"].values()) >= 5


def test_a_leak_is_told_as_two_stories(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entities, "held_by", lambda *_: true())
    assert run("prove", str(HARBOR), "--cases", "200", "--report", str(tmp_path / "proof.md")) == 1
    told = capsys.readouterr()
    assert "can tell these two worlds apart" in told.out
    assert "the engine itself" in told.out
    report = (tmp_path / "proof.md").read_text()
    assert report.startswith("# harbor 1.0.0: a leak")
    assert "| | world A | world B |" in report


def test_where_nothing_was_tried_nothing_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pack.yaml").write_text(SHOWN)
    monkeypatch.setattr(prove, "SECONDS", 0.0)
    assert run("prove", str(tmp_path)) == 1
    assert "nothing was tried" in capsys.readouterr().err


def test_a_pack_with_mistakes_is_not_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pack.yaml").write_text("pack: broken\n")
    assert run("prove", str(tmp_path)) == 1
    assert "missing_key" in capsys.readouterr().err
