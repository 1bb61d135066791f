"""Reads pages from an SQLite file by a connection of this thread, with no hop to another; not what is in them.

A page is some sixty look-ups in what the machine mostly has in memory; a thread would add its hop to each of them.
"""

import sqlite3
from typing import Any, Final, TypeVar

from sqlalchemy import URL

from reality_engine.db.reading.reader import NotNowError
from reality_engine.db.reading.statement import Rows, Script, Statement, Values, played

T = TypeVar("T")

# Who waits here makes everybody wait: readers of a log that is written ahead do so only while it is opened or closed.
_BUSY_MILLISECONDS: Final = 5
_STATEMENTS: Final = 256
_PRAGMAS: Final = (f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", "query_only=ON", "cache_size=-32768")


class SqliteReader:
    """One connection, which is opened at the first page."""

    def __init__(self, url: URL) -> None:
        """Read the file that an address names."""
        self._path = str(url.database)
        self._held: sqlite3.Connection | None = None

    async def run(self, script: Script[T]) -> T:
        """Run a script in one transaction; raises NotNowError."""
        try:
            connection = self._held or self._opened()
            connection.execute("BEGIN")
        except sqlite3.Error as error:
            raise NotNowError from error

        def answer(statement: Statement, values: Values) -> Rows:
            found: list[Any] = connection.execute(statement.text, statement.arguments(values)).fetchall()
            return found

        try:
            return played(script, answer)
        except sqlite3.OperationalError as error:
            raise NotNowError from error
        finally:
            connection.rollback()

    async def close(self) -> None:
        """Close the connection."""
        held, self._held = self._held, None
        if held is not None:
            held.close()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, cached_statements=_STATEMENTS, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        self._held = connection
        return connection
