"""Copies an SQLite database while it is written to, and puts such a copy in its place; not how often, nor worlds.

It speaks to `sqlite3` itself, whose own way of copying a database this is. Everything here blocks.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from reality_engine.db import revisions
from reality_engine.db.engine import parse_url
from reality_engine.db.placing import give_name, require_free, sync_folder
from reality_engine.kernel.errors import ConflictError, InvalidError, NotFoundError

_HEADER: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_PIECE: Final = 2**20
# What SQLite keeps beside a database: left behind without it, it would be taken for another one's.
_BESIDE: Final = ("-wal", "-shm", "-journal")
_WAIT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was found whole: its size in bytes, and the revision of the schema that it has."""

    size: int
    revision: str


def file_of(address: str) -> Path:
    """Return the file of a database; raises InvalidError where it is no SQLite."""
    url = parse_url(address)
    if url.get_backend_name() != "sqlite":
        raise InvalidError(
            "this is for SQLite; a PostgreSQL is backed up and restored by its own tools",
            hint="pg_dump --format=custom --file=FILE DATABASE, and pg_restore: docs/operations.md",
        )
    return Path(str(url.database))


def back_up(database: Path, path: Path) -> Copied:
    """Write a copy of a database as it is at one moment, while others write to it, for its owner alone.

    It has the name `path` once it was found whole. Raises ConflictError where something is there, NotFoundError where
    there is no database, InvalidError where it cannot be copied.
    """
    require_free(path)
    if not database.is_file():
        raise NotFoundError(f"there is no database '{database}'", hint="REALITY_DATABASE_URL names another one")
    with _part(path) as part:
        with (
            _telling(f"'{database}' cannot be copied"),
            closing(_opened(database)) as source, closing(_opened(part)) as copy,
        ):  # fmt: skip
            # In one step: in several, it would begin anew whenever somebody writes in between.
            source.backup(copy, pages=-1)
        done = checked(part, database)
        give_name(part, path)
    return done


@contextmanager
def candidate(backup: Path, database: Path) -> Iterator[Path]:
    """Yield a copy of a backup beside the database that it is to be, found whole; it is gone after that.

    Raises NotFoundError and InvalidError for what is no backup, or not a whole one.
    """
    with _part(database) as part:
        try:
            with backup.open("rb") as file:
                _check_form(file.read(_HEADER_BYTES), backup)
                file.seek(0)
                with part.open("wb") as copy:
                    while piece := file.read(_PIECE):
                        copy.write(piece)
        except OSError as error:
            raise NotFoundError(f"'{backup}' cannot be read: {error.strerror}") from error
        checked(part, backup)
        yield part


def require_replaceable(database: Path, *, replace: bool) -> None:
    """Raise ConflictError where a database is there that nobody said is to be lost."""
    if not database.exists():
        _require_nothing_beside(database)
    elif not replace:
        hint = "stop the server, and say --replace to lose what is there"
        raise ConflictError(f"there is a database '{database}'", hint=hint)


def put_in_place(part: Path, database: Path, *, replace: bool) -> None:
    """Have a candidate be the database, over another one only where `replace` says so, and never over one in use.

    Raises ConflictError.
    """
    with part.open("rb") as file:
        os.fsync(file.fileno())
    require_replaceable(database, replace=replace)
    if not database.exists():
        give_name(part, database)
        return
    with _nobody_else(database):
        part.replace(database)
        sync_folder(database)


def checked(path: Path, named: Path) -> Copied:
    """Return what a copy is, which is one file by itself from then on; raises InvalidError where it is not whole.

    `named` is what it is called where something is wrong.
    """
    with _telling(f"'{named}' is not a whole SQLite database"), closing(_opened(path)) as connection:
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise InvalidError(f"'{named}' is damaged: {said}")
        held = _revision(connection)
        connection.execute("PRAGMA journal_mode=DELETE")
    if held not in revisions.known():
        raise InvalidError(
            f"the database is at revision {held}, and this release knows none after {revisions.newest()}",
            hint="restore it by the release that wrote it, or a later one",
        )
    return Copied(path.stat().st_size, held)


def _revision(connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        row = None
    if row is None:
        raise InvalidError("this is no database of Reality Engine", hint="it has no revision of its schema")
    return str(row[0])


def _check_form(head: bytes, path: Path) -> None:
    if not head.startswith(_HEADER) or len(head) < _HEADER_BYTES:
        raise InvalidError(f"'{path}' is no SQLite database", hint="reality backup writes one")
    page = int.from_bytes(head[16:18]) or 1
    page = 65_536 if page == 1 else page
    if path.stat().st_size < int.from_bytes(head[28:32]) * page:
        raise InvalidError(f"'{path}' is truncated: it is shorter than it says")


@contextmanager
def _part(path: Path) -> Iterator[Path]:
    """Yield an empty file beside another, for its owner alone, that is gone in the end unless it got a name."""
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.absolute().parent)
    except OSError as error:
        raise InvalidError(f"'{path}' cannot be written: {error.strerror}") from error
    os.close(number)
    try:
        yield Path(name)
    finally:
        for beside in ("", *_BESIDE):
            Path(f"{name}{beside}").unlink(missing_ok=True)


@contextmanager
def _nobody_else(database: Path) -> Iterator[None]:
    """Hold a database that nobody has open; raises ConflictError where somebody has."""
    in_use = ConflictError(f"'{database}' is in use", hint="stop the server, and every command that uses it")
    with closing(_opened(database, wait=0)) as connection:
        # What is damaged, or no database, nobody can use.
        with suppress(sqlite3.DatabaseError):
            try:
                # Only who is alone with it can end its write-ahead log.
                if connection.execute("PRAGMA journal_mode=DELETE").fetchone() != ("delete",):
                    raise in_use
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                raise in_use from error
        yield


def _require_nothing_beside(database: Path) -> None:
    for end in _BESIDE:
        beside = Path(f"{database}{end}")
        if beside.exists():
            raise ConflictError(f"'{beside}' lies there without its database", hint="move it away first")


def _opened(path: Path, wait: float = _WAIT) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=rw", wait, isolation_level=None, uri=True)


@contextmanager
def _telling(message: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise InvalidError(f"{message}: {error}") from error
