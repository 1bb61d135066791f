"""A database is backed up while it is written to, and restored only as what it was; on SQLite, and PostgreSQL's way."""

import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reality_engine.db import backups
from reality_engine.library.schemas import EXAMPLE
from tests.commanding import OWNER, Captured, run, type_password, use
from tests.databases import Databases
from tests.postgres import binaries


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, databases: Databases) -> Path:
    """Make a database with a world in it, and have commands work in its folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "reality.db"
    with databases.fresh("sqlite", migrated=True) as url:
        shutil.copyfile(url.partition("///")[2], path)
    use(monkeypatch, f"sqlite:///{path}")
    type_password(monkeypatch)
    (tmp_path / "lantern.yaml").write_text(EXAMPLE)
    assert run("user", "create", OWNER, "--password-stdin") == 0
    assert run("world", "create", "lantern.yaml", "--title", "Night", "--owner", OWNER) == 0
    return path


def test_it_is_made_while_others_write_and_comes_back_as_it_was(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, writing = threading.Event(), threading.Event()

    def write() -> None:
        connection = sqlite3.connect(database, isolation_level=None, timeout=20)
        while not stop.is_set():
            connection.execute("UPDATE users SET name = name || 'x'")
            writing.set()
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    writing.wait(10)
    try:
        assert run("backup", "held.db") == 0
    finally:
        stop.set()
        writer.join()
    assert (tmp_path / "held.db").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("*.db*")) == ["held.db", "reality.db"]
    use(monkeypatch, f"sqlite:///{tmp_path}/new/reality.db")
    assert run("restore", "held.db", "--verify") == 0
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["reality.db"]
    assert run("verify") == 0


def test_who_was_erased_since_does_not_come_back(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    type_password(monkeypatch)
    assert run("user", "create", "eve@example.org", "--name", "Evelina", "--password-stdin") == 0
    assert run("backup", "held.db") == 0
    assert run("user", "erase", "eve@example.org", "--yes") == 0
    assert run("restore", "held.db", "--replace") == 0
    assert "1 who were erased since are erased in it too" in capsys.readouterr().out
    with closing(sqlite3.connect(database)) as connection:
        people = connection.execute("SELECT email, name FROM users").fetchall()
    assert "Evelina" not in str(people)
    assert OWNER in str(people)
    assert run("verify") == 0
    # Of what cannot be read any more, nobody knows.
    database.write_bytes(b"no database at all" * 500)
    assert run("restore", "held.db", "--replace") == 0
    assert "cannot be read" in capsys.readouterr().err


def test_nothing_is_written_over_without_a_word(database: Path, capsys: Captured) -> None:
    assert run("backup", "held.db") == 0
    assert run("backup", "held.db") == 1
    assert "is there already" in capsys.readouterr().err
    before = database.read_bytes()
    assert run("restore", "held.db") == 1
    assert "--replace" in capsys.readouterr().err
    assert database.read_bytes() == before


def test_a_database_in_use_stays(database: Path, capsys: Captured) -> None:
    assert run("backup", "held.db") == 0
    other = sqlite3.connect(database)
    other.execute("SELECT count(*) FROM users").fetchone()
    assert run("restore", "held.db", "--replace") == 1
    assert "is in use" in capsys.readouterr().err
    other.close()
    assert run("user", "create", "pia@example.org", "--password-stdin") != 0  # no input is left
    assert run("restore", "held.db", "--replace") == 0
    assert run("verify") == 0


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 4096)


def _later(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def _other(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
    connection.close()


def _text(path: Path) -> None:
    path.write_text("nothing of the kind" * 100)


def _scribbled(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[4096:8192] = os.urandom(4096)
    path.write_bytes(held)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_cut, "truncated"),
        (_later, "at revision 9999"),
        (_other, "no database of Reality Engine"),
        (_text, "is no SQLite database"),
        (_scribbled, "whole|damaged"),
        (Path.unlink, "cannot be read"),
    ],
)
def test_what_is_no_whole_backup_is_not_restored(
    database: Path, tmp_path: Path, spoil: Callable[[Path], None], told: str, capsys: Captured
) -> None:
    assert run("backup", "held.db") == 0
    spoil(tmp_path / "held.db")
    before = database.read_bytes()
    assert run("restore", "held.db", "--replace") == 1
    said = capsys.readouterr().err
    assert any(part in said for part in told.split("|"))
    assert database.read_bytes() == before
    assert not list(tmp_path.glob("*.part*"))


def test_a_world_that_was_tampered_with_is_not_restored(database: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run("backup", "held.db") == 0
    with sqlite3.connect(tmp_path / "held.db") as connection:
        connection.execute("UPDATE entity_facets SET fields = replace(fields, 'Night', 'Day')")
    connection.close()
    before = database.read_bytes()
    assert run("restore", "held.db", "--verify", "--replace") == 1
    assert "was not restored" in capsys.readouterr().err
    assert database.read_bytes() == before
    assert run("restore", "held.db", "--replace") == 0


def test_what_lies_beside_a_database_that_is_gone_is_told(database: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run("backup", "held.db") == 0
    database.unlink()
    (tmp_path / "reality.db-wal").write_bytes(b"old")
    assert run("restore", "held.db") == 1
    assert "without its database" in capsys.readouterr().err


def test_there_is_something_to_back_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, "sqlite:///nothing.db")
    assert run("backup", "held.db") == 1
    assert "there is no database" in capsys.readouterr().err
    use(monkeypatch, "postgresql://reality@127.0.0.1:1/reality")
    assert run("backup", "held.db") == 1
    assert "pg_dump" in capsys.readouterr().err


def test_postgresql_is_backed_up_by_its_own_tools(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/operations.md says."""
    monkeypatch.chdir(tmp_path)
    type_password(monkeypatch)
    (tmp_path / "lantern.yaml").write_text(EXAMPLE)
    with databases.fresh("postgresql", migrated=True) as url, databases.fresh("postgresql", migrated=False) as other:
        use(monkeypatch, url)
        assert run("user", "create", OWNER, "--password-stdin") == 0
        assert run("world", "create", "lantern.yaml", "--title", "Night", "--owner", OWNER) == 0
        source, target = (one.replace("+asyncpg", "") for one in (url, other))
        dump = [str(binaries() / "pg_dump"), "--format=custom", "--no-owner", "--file=held.dump", source]
        back = [str(binaries() / "pg_restore"), "--no-owner", "--exit-on-error", f"--dbname={target}", "held.dump"]
        for command in (dump, back):
            subprocess.run(command, check=True, cwd=tmp_path)
        use(monkeypatch, other)
        assert run("verify") == 0
        assert run("db", "check") == 0


def test_what_is_written_meanwhile_is_not_waited_for(database: Path, tmp_path: Path) -> None:
    held = sqlite3.connect(database, isolation_level=None)
    held.execute("BEGIN IMMEDIATE")
    held.execute("UPDATE users SET name = 'never committed'")
    made = backups.back_up(database, tmp_path / "held.db")
    held.execute("ROLLBACK")
    held.close()
    assert made.size == (tmp_path / "held.db").stat().st_size
    with sqlite3.connect(tmp_path / "held.db") as copy:
        assert copy.execute("SELECT name FROM users").fetchone() == ("mira",)
    copy.close()
