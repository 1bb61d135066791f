"""`reality world upgrade`: plans for people and programs, one world and all, packs on disk and stored ones."""

import json
from pathlib import Path

import pytest

from reality_engine.library.schemas import EXAMPLE
from tests.commanding import Captured, run
from tests.integration.test_world_commands import _settings, made

__all__ = ["_settings"]


@pytest.fixture
def versions(tmp_path: Path) -> list[str]:
    """Write two versions, and return where they are."""
    later = EXAMPLE.replace("version: 1.0.0", "version: 1.1.0")
    later = later.replace("lit: {type: boolean, default: false}", "lit: boolean, oil: {type: integer, default: 3}")
    parts, files = [EXAMPLE, later], [tmp_path / f"lantern-{number}.yaml" for number in range(2)]
    for file, text in zip(files, parts, strict=True):
        file.write_text(text)
    return [str(file) for file in files]


def test_a_world_is_planned_and_upgraded(versions: list[str], capsys: Captured) -> None:
    world = made(capsys, versions[0])
    assert run("world", "upgrade", world, versions[1], "--plan") == 0
    told = capsys.readouterr().out
    assert "from lantern 1.0.0" in told
    assert "field lantern.oil added" in told
    assert "lantern.oil given its default: 1 entity" in told
    assert run("world", "upgrade", world, "lantern@1.1.0") == 1
    assert run("world", "upgrade", world, versions[1], "--json") == 0
    captured = capsys.readouterr().out
    assert json.loads(captured)["outcome"] == "upgraded"
    assert run("world", "upgrade", world, "lantern@1.1.0") == 0
    assert run("world", "show", world) == 0
    assert "lantern 1.1.0" in capsys.readouterr().out
    assert run("verify", world) == 0


def test_all_worlds_of_a_pack_are_upgraded(versions: list[str], capsys: Captured) -> None:
    made(capsys, versions[0])
    assert run("world", "upgrade", "--all", versions[1]) == 0
    assert run("world", "upgrade", "--all", "lantern") == 0
    assert "no world runs an earlier version" in capsys.readouterr().err
    assert run("verify") == 0


@pytest.mark.parametrize(
    "arguments", [["x", "lantern"], ["--all", "lantern", "more"], ["--all", "lantern", "--plan"], ["--all", "nothing"]]
)
def test_what_makes_no_sense_is_told(arguments: list[str], capsys: Captured) -> None:
    assert run("world", "upgrade", *arguments) == 1
    assert capsys.readouterr().err
