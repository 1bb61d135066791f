"""Writes a database anew, so that its files hold nothing but its rows; erases none of these.

What is deleted or changed is gone from every answer at once, but its bytes stay where they were until the place is used
again: in free pages, in the index of words, in a log of the last changes.
"""

import asyncio
import sqlite3
from typing import Any, Final

import asyncpg
from sqlalchemy import URL

from reality_engine.db.dialects.dialect import WORD_INDEX
from reality_engine.db.dialects.sqlite import BUSY_MILLISECONDS, Sqlite
from reality_engine.db.dialects.statements_sqlite import merging
from reality_engine.db.engine import parse_url
from reality_engine.kernel.errors import UnavailableError

_SECONDS: Final = BUSY_MILLISECONDS / 1000
_VIRTUAL: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"


async def scrub(address: str) -> None:
    """Write a database anew. Others wait meanwhile; raises UnavailableError where they hold it for too long."""
    url = parse_url(address)
    if url.get_backend_name() != Sqlite.name:
        await _postgresql(url)
        return
    try:
        await asyncio.to_thread(_sqlite, str(url.database))
    except sqlite3.OperationalError as error:
        raise UnavailableError(f"the database cannot be written anew now: {error}", hint="stop the server") from error


def _sqlite(path: str) -> None:
    connection: Any = sqlite3.connect(path, timeout=_SECONDS, isolation_level=None)
    try:
        for (name,) in connection.execute(_VIRTUAL).fetchall():
            if name.startswith(WORD_INDEX):
                # Its segments keep what was deleted until they are merged.
                connection.execute(merging(name))
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if busy:
        raise UnavailableError("the log of the last changes is in use, and stays as it is", hint="stop the server")


async def _postgresql(url: URL) -> None:
    _, options = url.get_dialect()().create_connect_args(url)
    try:
        connection = await asyncpg.connect(**options)
    except (OSError, asyncpg.PostgresError) as error:
        raise UnavailableError("the database cannot be reached") from error
    try:
        # Every table is written anew, with its indexes.
        await connection.execute("VACUUM (FULL)")
    finally:
        await connection.close()
