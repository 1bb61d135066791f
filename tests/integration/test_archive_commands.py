from pathlib import Path

import pytest

from reality_engine.library.schemas import EXAMPLE
from tests.archives import read_archive
from tests.commanding import OWNER, Captured, run, told_world, type_password, use


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, database_url)
    type_password(monkeypatch, 2)


@pytest.fixture
def world(tmp_path: Path, capsys: Captured) -> str:
    (tmp_path / "lantern.yaml").write_text(EXAMPLE)
    assert run("user", "create", OWNER, "--password-stdin") == 0
    assert run("world", "create", "lantern.yaml", "--title", "Night", "--owner", OWNER) == 0
    return told_world(capsys)


def test_a_world_goes_into_a_file_and_comes_back_as_a_copy(world: str, tmp_path: Path, capsys: Captured) -> None:
    assert run("export", world, "-o", "night.gz") == 0
    assert read_archive(tmp_path / "night.gz")[0]["world"]["id"] == world
    assert run("import", "night.gz") == 1
    assert "is on this server already" in capsys.readouterr().err
    assert run("import", "night.gz", "--copy", "--as", "Another night") == 0
    assert run("world", "list") == 0
    assert "Another night" in capsys.readouterr().out
    assert run("verify") == 0
    assert run("user", "password", OWNER, "--password-stdin") == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "nonsense", "-o", "x.gz"), "is not the id of a world"),
        (("export", "01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10", "-o", "x.gz"), "there is no such world"),
        (("export", "{world}", "-o", "lantern.yaml"), "is there already"),
        (("export", "{world}", "-o", "nowhere/x.gz"), "cannot be written"),
        (("export", "{world}", "-o", "x.gz", "--resume"), "cannot be read"),
        (("import", "nothing.gz"), "cannot be read"),
        (("import", "lantern.yaml"), "there is no gzip"),
        (("import", "lantern.yaml", "--as", ""), "a title has"),
        (("user", "password", "jo@example.org", "--password-stdin"), "there is no account"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    world: str, arguments: tuple[str, ...], told: str, capsys: Captured
) -> None:
    assert run(*(part.format(world=world) for part in arguments)) == 1
    said = capsys.readouterr().err
    assert told in said
    assert said.strip().count("\n") == 0
    assert not Path("x.gz.part").exists()
