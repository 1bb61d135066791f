"""Writes batches to an SQLite file: one transaction each, in a thread of its own, a statement for many rows.

It speaks to `sqlite3` itself: what stands between costs more than the rows. Checkpoints are left to another thread and
connection, so that no commit waits for one; only their short end, for which nobody may write, is done between two.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import cache, lru_cache
from itertools import chain
from typing import Any, Final

from reality_engine.db.batch import Batch, Writes
from reality_engine.db.dialects import statements_sqlite as statements
from reality_engine.db.dialects.dialect import Write
from reality_engine.db.dialects.encoding import JSON_ENCODERS, Encoders, Encoding
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.serial import to_json
from reality_engine.db.shape import Key, Row, Shape
from reality_engine.db.types import Moment
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import IntegrityError, UnavailableError

logger = logging.getLogger(__name__)

# A statement for so many rows at once; what is left over takes the next smaller. There is a statement for each.
_AT_ONCE: Final = (64, 16, 4, 1)
_STATEMENTS: Final = 512
# How many rows may be written between checkpoints: the log of the file then has some tens of megabytes at most.
_CHECKPOINT_ROWS: Final = 16_000
# All that happens in an action happens at one moment, and what it takes the place of often did.
_ENCODERS: Final[Encoders] = {**JSON_ENCODERS, Moment: lru_cache(1 << 12)(to_text)}
# SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN: all may be better another time.
_PASSING: Final = frozenset({5, 6, 10, 13, 14})


class SqliteWriter:
    """One connection and the thread that it lives in."""

    def __init__(self, path: str, pragmas: Mapping[str, str], checkpoint_rows: int = _CHECKPOINT_ROWS) -> None:
        """Nothing is opened before the first batch. A checkpoint is begun after so many rows."""
        self._checkpoint_rows = checkpoint_rows
        self._path = path
        self._pragmas = {**pragmas, "wal_autocheckpoint": "0"}
        self._thread = ThreadPoolExecutor(1, "sqlite-writer")
        self._beside = ThreadPoolExecutor(1, "sqlite-checkpoints")
        self._connection: sqlite3.Connection | None = None
        self._since_checkpoint = 0

    async def write(self, batch: Batch) -> None:
        """Write a batch in a transaction of its own; see `dialect.BatchWriter`."""
        await self._in_thread(self._write, batch)

    @asynccontextmanager
    async def alone(self, _shape: Shape, _keys: Sequence[Key], /) -> AsyncIterator[Write]:
        """Hold the file until a batch is written; see `dialect.BatchWriter`."""
        await self._in_thread(self._begin)
        try:
            yield self._write_begun
        finally:
            await self._in_thread(self._leave)

    async def close(self) -> None:
        """Let go of the file, after what is being written."""
        await asyncio.get_running_loop().run_in_executor(self._beside, lambda: None)
        await self._in_thread(self._disconnect)
        self._beside.shutdown()
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[..., None], *given: Batch) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    async def _write_begun(self, batch: Batch) -> None:
        await self._in_thread(self._finish, batch)

    def _write(self, batch: Batch) -> None:
        self._begin()
        self._finish(batch)

    def _begin(self) -> None:
        with self._telling():
            self._connect().execute("BEGIN IMMEDIATE")

    def _finish(self, batch: Batch) -> None:
        connection = self._connect()
        with self._telling():
            try:
                rows = _write_all(connection, batch)
            except BaseException:
                self._leave()
                raise
        self._commit(connection)
        self._since_checkpoint += rows
        if self._since_checkpoint > self._checkpoint_rows:
            self._since_checkpoint = 0
            self._beside.submit(self._checkpoint)

    def _leave(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Raise what errors of the driver mean."""
        try:
            yield
        except sqlite3.IntegrityError as error:
            # The driver's message names the columns and no value.
            raise IntegrityError(f"a batch does not fit what is there: {error}") from None
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _PASSING:
                self._disconnect()
                logger.warning("the database could not: %s", error)
                raise UnavailableError("the database cannot do this now; try again") from error
            raise

    def _commit(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._disconnect()
            raise OutcomeUnknownError("the database failed in the commit") from error

    def _checkpoint(self) -> None:
        """Bring the most of the log into the file while others write, then have the writer do what came meanwhile."""
        with suppress(sqlite3.Error):  # another time
            connection = _opened(self._path, self._pragmas)
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()
            self._thread.submit(self._finish_checkpoint)

    def _finish_checkpoint(self) -> None:
        """Leave nothing in the log, so that the next commit begins it anew; else it would grow for ever."""
        with suppress(sqlite3.Error):
            self._connect().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def _connect(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _opened(self._path, self._pragmas)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _opened(path: str, pragmas: Mapping[str, str]) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=_STATEMENTS)
    try:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")
    except BaseException:
        connection.close()
        raise
    return connection


def _write_all(connection: sqlite3.Connection, batch: Batch) -> int:
    """Write everything, guards first, and return how many rows that was."""
    for (shape, _), (before, after) in batch.guards.items():
        values = (*_changing(shape, shape.rest, after), *(before[shape.places[name]] for name in shape.guard_key))
        if connection.execute(statements.update(shape, shape.rest, shape.guard_key), values).rowcount != 1:
            raise HeadMovedError(f"{shape.name} is not as it was")
    return sum(_write_table(connection, writes) for writes in batch.tables)


def _write_table(connection: sqlite3.Connection, writes: Writes) -> int:
    shape, encoding = writes.shape, _encoding(writes.shape)
    for rows, some in writes.narrowed.items():
        taken = None if some is None else to_json(sorted(some))
        connection.execute(statements.narrow(shape, rows), (taken, *rows.start, rows.part))
    if writes.gone:
        connection.executemany(statements.delete(shape), writes.gone)
    if writes.kept:
        _put(connection, shape, encoding.rows(writes.kept.values()))
    if new := writes.new:
        _in_chunks(connection, statements.insert, shape, encoding.rows(new))
    for key, values in writes.changed.items():
        row = tuple(values.get(name) for name in shape.names)
        connection.execute(
            statements.update(shape, tuple(values), shape.key), (*_changing(shape, tuple(values), row), *key)
        )
    return len(writes.gone) + len(writes.kept) + len(new)


def _put(connection: sqlite3.Connection, shape: Shape, rows: Collection[Row]) -> None:
    """Write rows over those with their keys. Most are there, and nothing changes by which they are found."""
    if 0 < len(shape.indexed) < len(shape.rest):
        found = connection.executemany(statements.rewrite(shape), map(statements.rewritten(shape), rows))
        if found.rowcount == len(rows):
            return
    _in_chunks(connection, statements.upsert, shape, rows)


def _in_chunks(
    connection: sqlite3.Connection, statement: Callable[[Shape, int], str], shape: Shape, rows: Collection[Row]
) -> None:
    for chunk in _chunks(list(rows)):
        connection.execute(statement(shape, len(chunk)), tuple(chain.from_iterable(chunk)))


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = 0
    for size in _AT_ONCE:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


def _changing(shape: Shape, names: Sequence[str], row: Row) -> Sequence[Any]:
    (encoded,) = _encoding(shape).rows([row])
    return [encoded[shape.places[name]] for name in names]


@cache
def _encoding(shape: Shape) -> Encoding:
    return Encoding(shape, shape.names, _ENCODERS)
