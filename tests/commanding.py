"""Commands of `reality` run in this process, as somebody runs them in a folder of theirs; not what they answer."""

import io
import re
from pathlib import Path
from typing import Final

import pytest

from reality_engine.app.cli.commands import run_command
from reality_engine.library.schemas import EXAMPLE
from tests.serving import SECRET

Captured = pytest.CaptureFixture[str]
OWNER: Final = "mira@example.org"


def run(*arguments: str) -> int:
    """Run a command, and return its exit status."""
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    return int(ended.value.code or 0)


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Have commands work on a database."""
    for name, value in {"SECRET_KEY": SECRET, "BCRYPT_ROUNDS": "4", "DATABASE_URL": url}.items():
        monkeypatch.setenv(f"REALITY_{name}", value)


def type_password(monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
    """Have a password come in, as often as it is asked for."""
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n" * times))


def world_made(folder: Path, capsys: Captured) -> str:
    """Make an account and a world of its own, and return that one's id."""
    file = folder / "lantern.yaml"
    file.write_text(EXAMPLE)
    assert run("user", "create", OWNER, "--password-stdin") == 0
    assert run("world", "create", str(file), "--title", "Night", "--owner", OWNER) == 0
    return told_world(capsys)


def told_world(capsys: Captured) -> str:
    """Return the id of the world that the output speaks of."""
    found = re.search(r"world ([0-9a-f-]{36})", capsys.readouterr().out)
    assert found
    return found[1]
