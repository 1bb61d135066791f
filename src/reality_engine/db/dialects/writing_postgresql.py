"""Writes batches to PostgreSQL: a batch is one statement and one round trip, its rows as an array for each column.

It speaks to `asyncpg` itself: what stands between costs more than the rows. The guards are the statement's first part,
and every other part asks whether all of them held. Where rows are held beforehand, the same statement stands in a
transaction that begins by locking them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, Final

import asyncpg
from sqlalchemy import URL

from reality_engine.db.batch import Batch
from reality_engine.db.dialects.dialect import Write
from reality_engine.db.dialects.statements_postgresql import NOT_ALL, locking, statement_of
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.shape import Key, Shape
from reality_engine.kernel.errors import IntegrityError, UnavailableError

CONNECT_SECONDS: Final = 10
_SETTINGS: Final = {
    "application_name": "reality-engine-writer",
    "timezone": "UTC",
    "jit": "off",
    # A row that another writer holds is not waited for without end.
    "lock_timeout": "10s",
    # Plans are made once, maybe while the tables are empty: each row is to be found by its key none the less.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
_STATEMENTS: Final = 256
# Of the driver itself: it was asked for what a connection that is lost, or in the middle of something, cannot do.
_CLIENT_ERRORS: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError)
# Classes of errors: transaction rollback, insufficient resources, lock not available.
_PASSING: Final = frozenset({"40", "53", "55"})
_CONSTRAINT: Final = "23"
# The connection was lost, or the server ends it, and nobody says whether it had committed.
_ENDING: Final = frozenset({"08", "57"})


class PostgresqlWriter:
    """As many connections as there are batches on their way at once, up to a limit; each is used again."""

    def __init__(self, url: URL, limit: int) -> None:
        """Nothing connects before the first batch."""
        _, options = url.get_dialect()().create_connect_args(url)
        options.pop("prepared_statement_cache_size", None)
        self._options = {**options, "timeout": CONNECT_SECONDS, "server_settings": _SETTINGS}
        self._idle: list[asyncpg.Connection] = []
        self._places = asyncio.Semaphore(limit)

    async def write(self, batch: Batch) -> None:
        """Write a batch in a transaction of its own; see `dialect.BatchWriter`."""
        async with self._connection() as connection:
            with _telling(connection, OutcomeUnknownError("the connection was lost in the commit")):
                await _write(connection, batch)

    @asynccontextmanager
    async def alone(self, shape: Shape, keys: Sequence[Key], /) -> AsyncIterator[Write]:
        """Hold rows until a batch is written; see `dialect.BatchWriter`."""
        async with self._connection() as connection:
            try:
                with _telling(connection, UnavailableError("the connection was lost")):
                    await connection.execute("BEGIN")
                    await connection.fetch(locking(shape), *zip(*keys, strict=True))
                yield partial(_write_and_commit, connection)
            finally:
                await _left(connection)

    async def close(self) -> None:
        """Close the connections, none of which may be in use."""
        while self._idle:
            with suppress(OSError, asyncpg.PostgresError, *_CLIENT_ERRORS):
                await self._idle.pop().close(timeout=CONNECT_SECONDS)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        async with self._places:
            connection = await self._open()
            try:
                yield connection
            finally:
                if not connection.is_closed():
                    self._idle.append(connection)

    async def _open(self) -> asyncpg.Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        try:
            return await asyncpg.connect(
                **self._options,
                statement_cache_size=_STATEMENTS,
                # However old or long they are.
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
            )
        except (OSError, asyncpg.PostgresError, *_CLIENT_ERRORS) as error:
            raise UnavailableError("the database cannot be reached") from error


async def _left(connection: asyncpg.Connection) -> None:
    """End a transaction in which nothing was committed; where that cannot be done, the connection."""
    if connection.is_closed() or not connection.is_in_transaction():
        return
    try:
        await connection.execute("ROLLBACK")
    except (OSError, asyncpg.PostgresError, *_CLIENT_ERRORS):
        connection.terminate()


async def _write(connection: asyncpg.Connection, batch: Batch) -> None:
    statement, values = statement_of(batch)
    if not await connection.fetchval(statement, *values):
        raise HeadMovedError("a head is not as it was")


async def _write_and_commit(connection: asyncpg.Connection, batch: Batch) -> None:
    with _telling(connection, UnavailableError("the connection was lost")):
        await _write(connection, batch)
    with _telling(connection, OutcomeUnknownError("the connection was lost in the commit")):
        await connection.execute("COMMIT")


@contextmanager
def _telling(connection: asyncpg.Connection, lost: UnavailableError) -> Iterator[None]:
    """Raise what errors of the driver mean; `lost` where the connection is."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _told(error, lost) from None
    except asyncpg.DataError:
        raise  # a value that its column cannot have: nothing was sent
    except (OSError, *_CLIENT_ERRORS) as error:
        # The driver may be in the middle of something, and not know that the other end has gone.
        connection.terminate()
        raise lost from error


def _told(error: Any, lost: UnavailableError) -> Exception:
    """Return what an error of the server means; its own text may hold values."""
    state = error.sqlstate or ""
    if state[:2] in _ENDING:
        return lost
    if state == NOT_ALL:
        return HeadMovedError("a head is not as it was")
    if state[:2] == _CONSTRAINT:
        return IntegrityError(f"a batch does not fit what is there: {error.constraint_name or error.column_name}")
    if state[:2] in _PASSING:
        return UnavailableError("the database is busy; try again")
    other: Exception = error
    return other
