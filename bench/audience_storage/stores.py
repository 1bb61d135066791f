"""SQLite and PostgreSQL behind the same four calls, without SQLAlchemy, which would be measured too."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg

Rows = Sequence[Sequence[Any]]
_QUICK: Final = {"journal_mode": "WAL", "synchronous": "OFF", "cache_size": "-1000000"}
_DURABLE: Final = {"wal_checkpoint": "TRUNCATE", "synchronous": "FULL", "cache_size": "-200000"}


class Store(Protocol):
    """A database with rows of audiences in it. Parameters are written $1, $2 and so on."""

    name: str

    async def load(self, table: str, rows: Rows) -> None:
        """Insert rows in bulk."""
        ...

    async def fetch(self, statement: str, *values: Any) -> Rows:
        """Run a statement and return its rows."""
        ...

    async def settle(self) -> None:
        """Write everything down, gather statistics, and be durable from now on."""
        ...

    async def megabytes(self) -> int:
        """Return how much the tables and indexes take."""
        ...


class Lite:
    """SQLite in a file."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        """Open a new file."""
        self._path = folder / "audiences.db"
        self._connection = sqlite3.connect(self._path, isolation_level=None, cached_statements=512)
        self._set(_QUICK)

    async def load(self, table: str, rows: Rows) -> None:
        """Insert rows in one transaction."""
        marks = ",".join("?" * len(rows[0]))
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f"INSERT INTO {table} VALUES({marks})",
            [[stored(value) for value in row] for row in rows],
        )
        self._connection.execute("COMMIT")

    async def fetch(self, statement: str, *values: Any) -> Rows:
        """Run a statement."""
        given = [stored(value) for value in values]
        return self._connection.execute(statement.replace("$", "?"), given).fetchall()

    async def settle(self) -> None:
        """Move the write-ahead log into the file."""
        self._set(_DURABLE)
        self._connection.execute("ANALYZE")

    async def megabytes(self) -> int:
        """Return the size of the file."""
        return round(self._path.stat().st_size / 1e6)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _set(self, pragmas: dict[str, str]) -> None:
        for name, value in pragmas.items():
            form = f"{name}({value})" if name == "wal_checkpoint" else f"{name}={value}"
            self._connection.execute(f"PRAGMA {form}").fetchall()


class Postgres:
    """A database of a PostgreSQL server."""

    name = "postgresql"

    def __init__(self, connection: Any) -> None:
        """Use a connection of asyncpg."""
        self._connection = connection

    @classmethod
    async def at(cls, url: str) -> "Postgres":
        """Connect, with room for the bulk."""
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        for setting in ("max_wal_size = '8GB'", "jit = off"):
            await connection.execute(f"ALTER SYSTEM SET {setting}")
        await connection.execute("SELECT pg_reload_conf()")
        return cls(connection)

    async def load(self, table: str, rows: Rows) -> None:
        """Copy rows."""
        await self._connection.copy_records_to_table(table, records=rows)

    async def fetch(self, statement: str, *values: Any) -> Rows:
        """Run a statement."""
        rows: Rows = await self._connection.fetch(statement, *values)
        return rows

    async def settle(self) -> None:
        """Gather statistics and write everything down."""
        await self._connection.execute("VACUUM ANALYZE")
        await self._connection.execute("CHECKPOINT")

    async def megabytes(self) -> int:
        """Return the size of tables and indexes."""
        query = "SELECT sum(pg_relation_size(oid)) FROM pg_class WHERE relnamespace='public'::regnamespace"
        return round(int(await self._connection.fetchval(query)) / 1e6)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


def stored(value: Any) -> Any:
    """Return a value as SQLite takes it."""
    return value.bytes if isinstance(value, UUID) else value
