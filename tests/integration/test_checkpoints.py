"""Signing where logs stand, and holding them to it later, by the command line."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.commanding import Captured, run, type_password, use, world_made
from tests.serving import SECRET


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, database_url)
    type_password(monkeypatch)


@pytest.fixture
def world(tmp_path: Path, capsys: Captured) -> str:
    return world_made(tmp_path, capsys)


def test_what_was_signed_holds_until_the_log_is_another(
    world: str, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    assert run("verify", "--sign", "-o", "kept.jsonl") == 0
    assert run("verify", "--against", "kept.jsonl") == 0
    assert run("verify", world, "--against", "kept.jsonl") == 0
    capsys.readouterr()
    assert run("verify", "--public-key") == 0
    key = capsys.readouterr().out.strip()
    (line,) = (tmp_path / "kept.jsonl").read_text().splitlines()
    said = json.loads(line)
    assert (said["world"], said["public_key"]) == (world, key)

    # Another secret is another key; who trusts the old one names it.
    monkeypatch.setenv("REALITY_SECRET_KEY", SECRET[::-1])
    assert run("verify", "--against", "kept.jsonl") == 1
    assert "signed with another key" in capsys.readouterr().err
    assert run("verify", "--against", "kept.jsonl", "--signed-by", key) == 0

    if not database_url.startswith("sqlite"):
        return
    engine = create_engine(database_url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("update worlds set deleted_at = created_at"))
        connection.execute(text("delete from world_heads"))
    engine.dispose()
    capsys.readouterr()
    assert run("verify", "--against", "kept.jsonl", "--signed-by", key) == 1
    assert f"{world}: a checkpoint was signed of this world" in capsys.readouterr().err


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_without_a_file_what_is_signed_is_all_that_is_printed(world: str, capsys: Captured) -> None:
    assert run("verify", "--sign") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["world"] == world
    assert "all whole" in said.err


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_does_not_go_together_is_told_and_writes_nothing(world: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "there.jsonl").write_text("kept")
    (tmp_path / "broken.jsonl").write_text('{"format": "reality-checkpoint/1"}')
    other = "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"
    assert run("verify", "--sign", "-o", "kept.jsonl") == 0
    for arguments, told in (
        (("--sign", "-o", "there.jsonl"), "'there.jsonl' is there already"),
        (("--sign", "-o", "nowhere/kept.jsonl"), "there is no folder"),
        (("-o", "new.jsonl"), "nothing to write without --sign"),
        (("--signed-by", "x"), "whose checkpoints --against takes"),
        (("--against", "kept.jsonl", "--signed-by", "x"), "32 bytes in base 64"),
        (("--against", "none.jsonl"), "cannot be read"),
        (("--against", "."), "cannot be read"),
        (("--against", "broken.jsonl"), "'broken.jsonl': line 1: not a checkpoint"),
        ((other, "--against", "kept.jsonl"), "there is no checkpoint of this world in the file"),
    ):
        capsys.readouterr()
        assert run("verify", *arguments) == 1, arguments
        assert told in capsys.readouterr().err
    assert (tmp_path / "there.jsonl").read_text() == "kept"
    assert not (tmp_path / "new.jsonl").exists()
    assert world


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_world_that_is_not_whole_is_not_signed(
    world: str, tmp_path: Path, database_url: str, capsys: Captured
) -> None:
    engine = create_engine(database_url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("update entity_facets set fields = replace(fields, 'false', 'true')"))
    engine.dispose()
    assert run("verify", "--sign", "-o", "kept.jsonl") == 1
    assert world in capsys.readouterr().err
    assert not (tmp_path / "kept.jsonl").exists()
