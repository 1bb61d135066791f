"""Reads pages from PostgreSQL, each by one prepared statement in one round trip; not what is in them."""

import asyncio
from collections import deque
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import URL

from reality_engine.db.reading.reader import NotNowError
from reality_engine.db.reading.statement import Rows, Script

T = TypeVar("T")

_STATEMENTS: Final = 256
# Whatever is read here is looked up by its key, whoever looks, and however little the server knows of a table as yet:
# so one plan does for all, and is never one that reads a table or hashes it.
_SETTINGS: Final = {
    "default_transaction_read_only": "on",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_bitmapscan": "off",
}


_PASSING: Final = (
    OSError, asyncpg.InterfaceError, asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError,
)  # fmt: skip


class PostgresqlReader:
    """At most `size` connections, each opened when all others are taken."""

    def __init__(self, url: URL, settings: dict[str, str], size: int, connect_seconds: int) -> None:
        """Read the database that an address names, with the settings that every connection has."""
        _, options = url.get_dialect()().create_connect_args(url)
        self._options = {
            **options, "server_settings": {**settings, **_SETTINGS}, "timeout": connect_seconds,
            "statement_cache_size": _STATEMENTS, "max_cached_statement_lifetime": 0,
        }  # fmt: skip
        self._free: list[Any] = []
        self._left = size
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def run(self, script: Script[T]) -> T:
        """Run a script of one statement, which sees one moment by itself; raises NotNowError."""
        statement, values = next(script)
        rows = await self._asked(statement.text, statement.arguments(values))
        try:
            script.send(rows)
        except StopIteration as done:
            found: T = done.value
            return found
        raise AssertionError("a page that is read in one round trip asks once")

    async def close(self) -> None:
        """Close the connections; none is in use."""
        free, self._free = self._free, []
        self._left += len(free)
        for connection in free:
            await connection.close()

    async def _asked(self, text: str, arguments: list[Any]) -> Rows:
        connection = await self._taken()
        try:
            found: Rows = await connection.fetch(text, *arguments)
        except _PASSING as error:
            # It may be in the middle of something, and not know that the other end has gone.
            connection.terminate()
            raise NotNowError from error
        finally:
            self._give_back(connection)
        return found

    async def _taken(self) -> Any:
        while not self._free:
            if self._left:
                return await self._opened()
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                await waiting
            except asyncio.CancelledError:
                self._wake()
                raise
        return self._free.pop()

    async def _opened(self) -> Any:
        self._left -= 1
        try:
            return await asyncpg.connect(**self._options)
        except (*_PASSING, asyncpg.PostgresError) as error:
            self._give_back(None)
            raise NotNowError from error

    def _give_back(self, connection: Any | None) -> None:
        """Let whoever waits longest have it; one that is broken leaves room for another."""
        if connection is None or connection.is_closed():
            self._left += 1
        else:
            self._free.append(connection)
        self._wake()

    def _wake(self) -> None:
        while (self._free or self._left) and self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                break
