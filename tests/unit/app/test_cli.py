import json
import sys
from pathlib import Path

import pytest

from reality_engine.library.schemas import EXAMPLE
from tests.commanding import Captured, run


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    file = tmp_path / "pack.yaml"
    file.write_text(EXAMPLE)
    return file


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.yaml"
    file.write_text(EXAMPLE.replace("fields:", "feilds:").replace("target.lit", "target.lid"))
    return file


COMMANDS = [
    "serve",
    "demo",
    "check",
    "test",
    "verify",
    "openapi",
    "db upgrade",
    "db downgrade",
    "db check",
    "user create",
    "admin users",
    "admin role",
    "admin ban",
    "admin unban",
    "admin audit",
    "world create",
    "world list",
    "world show",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_examples_each_on_a_line(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(*command.split(), "--help") == 0
    _, _, after = capsys.readouterr().out.partition("For example:")
    examples = [line.strip() for line in after.partition("╭")[0].splitlines() if line.strip()]
    assert examples
    assert [line.count(f"reality {command}") for line in examples] == [1] * len(examples)


def test_a_pack_without_mistakes_passes(pack: Path, capsys: Captured) -> None:
    assert run("check", str(pack), str(pack.parent)) == 0
    assert capsys.readouterr().out == "✓ lantern 1.0.0: no mistakes\n" * 2


def test_every_mistake_is_a_line_and_the_status_is_1(pack: Path, broken: Path, capsys: Captured) -> None:
    assert run("check", str(broken), str(pack)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{broken}:6:37: error: ")
    assert "did you mean 'fields'?" in lines[0]
    assert len(lines) > 2


def test_editors_get_json(pack: Path, broken: Path, capsys: Captured) -> None:
    assert run("check", str(broken), "--format", "json") == 1
    first, *rest = json.loads(capsys.readouterr().out)["problems"]
    assert rest
    assert (first["file"], first["line"], first["column"]) == (str(broken), 6, 37)
    assert run("check", str(pack), "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == {"problems": []}


def test_a_pack_that_is_not_there_is_a_mistake_too(tmp_path: Path, capsys: Captured) -> None:
    assert run("check", str(tmp_path / "nowhere.yaml")) == 1
    assert "cannot be read" in capsys.readouterr().out


TESTS = """given: {members: {mira: [keeper]}, names: {lamp: {lantern: {}}}}
tests:
  a lantern can be lit:
    when: [{as: mira, do: light, target: lamp}]
    then: {state: {lamp: {lit: true}}}
"""


def test_the_tests_of_a_pack_are_run(pack: Path, capsys: Captured) -> None:
    assert run("test", str(pack.parent)) == 1
    assert "there are no tests here" in capsys.readouterr().err
    file = pack.parent / "tests" / "light.yaml"
    file.parent.mkdir()
    file.write_text(TESTS)
    assert run("test", str(pack.parent)) == 0
    assert capsys.readouterr().out == f"✓ {file}:3: a lantern can be lit\n1 test passed\n"
    file.write_text(TESTS.replace("lit: true", "lit: false"))
    assert run("test", str(pack.parent)) == 1
    told = capsys.readouterr()
    assert f"{file}:5:27: lamp.lit should be" in told.out
    assert told.err == "1 of 1 test failed\n"
    assert run("test", str(file), "--format", "json") == 1
    assert [one["passed"] for one in json.loads(capsys.readouterr().out)["tests"]] == [False]


def test_a_line_number_is_not_shown_as_a_picture(pack: Path, capsys: Captured) -> None:
    # `:100:` is the name of an emoji to Rich, and a line to all who write packs.
    file = pack.parent / "tests" / "light.yaml"
    file.parent.mkdir()
    file.write_text("\n" * 97 + TESTS)
    assert run("test", str(pack.parent)) == 0
    assert capsys.readouterr().out == f"✓ {file}:100: a lantern can be lit\n1 test passed\n"


def test_the_tests_of_a_bad_pack_are_not_run(broken: Path, capsys: Captured) -> None:
    assert run("test", str(broken)) == 1
    assert capsys.readouterr().err.startswith(f"{broken}:6:37: error: ")


@pytest.mark.parametrize("arguments", [["nonsense"], ["check"], ["db", "downgrade"], ["serve", "--port", "x"]])
def test_a_wrong_call_is_status_2(arguments: list[str], capsys: Captured) -> None:
    assert run(*arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_wrong_settings_are_one_line_each(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setenv("REALITY_PORT", "many")
    monkeypatch.setenv("REALITY_REGISTRATION", "perhaps")
    assert run("db", "check") == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[:2] for line in lines] == [["error", " REALITY_PORT"], ["error", " REALITY_REGISTRATION"]]


def test_the_api_is_described_without_a_server(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "openapi.json"
    assert run("openapi", "--output", str(file)) == 0
    assert run("openapi", "--output", str(tmp_path)) == 1
    assert "cannot be written: Is a directory" in capsys.readouterr().err
    document = json.loads(file.read_text())
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/packs" in document["paths"]
    assert run("openapi") == 0
    assert json.loads(capsys.readouterr().out) == document


def test_the_version_is_told(capsys: Captured) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("reality ")


def test_the_bench_takes_its_own_options(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "argv", ["reality"])
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert run("bench", "--help") == 0
    assert "--quick" in capsys.readouterr().out


def test_the_bench_says_where_it_can_be_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr("reality_engine.app.cli.bench.CHECKOUT", tmp_path)
    assert run("bench", "--quick") == 1
    assert "make bench" in capsys.readouterr().err
