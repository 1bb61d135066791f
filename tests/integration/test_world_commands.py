from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from reality_engine.library.schemas import EXAMPLE
from tests.commanding import OWNER, Captured, run, told_world, type_password, use


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, database_url)
    type_password(monkeypatch)


@pytest.fixture
def pack(tmp_path: Path) -> str:
    file = tmp_path / "lantern.yaml"
    file.write_text(EXAMPLE)
    return str(file)


def made(capsys: Captured, *arguments: str) -> str:
    assert run("user", "create", OWNER, "--password-stdin") == 0
    assert run("world", "create", *arguments, "--title", "Night [1]", "--owner", OWNER) == 0
    return told_world(capsys)


def test_a_world_is_made_from_a_pack_on_disk_and_shown(pack: str, capsys: Captured) -> None:
    world = made(capsys, pack)
    assert run("world", "list") == 0
    listed = capsys.readouterr().out
    assert all(told in listed for told in (world, "Night [1]", "lantern 1.0.0"))
    assert run("world", "show", world) == 0
    assert "Night [1]" in capsys.readouterr().out
    assert run("verify") == 0
    assert run("verify", world) == 0


def test_a_stored_pack_is_named(pack: str, capsys: Captured) -> None:
    made(capsys, pack)
    assert run("world", "create", "lantern", "--title", "Another", "--owner", OWNER) == 0
    assert run("world", "create", "lantern", "--version", "9.9.9", "--title", "Another", "--owner", OWNER) == 1
    assert "there is no such pack version" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("world", "create", "x", "--title", "X", "--owner", "jo@example.org"), "there is no account"),
        (("world", "create", "x", "--title", "X", "--owner", "nonsense"), "not an e-mail address"),
        (("world", "show", "nonsense"), "is not the id of a world"),
        (("world", "show", "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"), "there is no such world"),
        (("verify", "nonsense"), "is not the id of a world"),
        (("verify", "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"), "there is no such world"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(arguments: tuple[str, ...], told: str, capsys: Captured) -> None:
    assert run(*arguments) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_a_pack_with_mistakes_makes_no_world(pack: str, capsys: Captured) -> None:
    Path(pack).write_text(EXAMPLE.replace("roles:", "rols:"))
    assert run("user", "create", OWNER, "--password-stdin") == 0
    assert run("world", "create", pack, "--title", "X", "--owner", OWNER) == 1
    assert "pack.yaml:4:1: error: " in capsys.readouterr().err


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_world_that_was_tampered_with_is_named(pack: str, database_url: str, capsys: Captured) -> None:
    world = made(capsys, pack)
    engine = create_engine(database_url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("update entity_facets set fields = replace(fields, 'false', 'true')"))
    engine.dispose()
    assert run("verify") == 1
    assert world in capsys.readouterr().err
