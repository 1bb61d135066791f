"""Keeps what a database held once, to fill others with it that are still empty; not what it means."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url

_COLUMNS: Final = """
SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) AS columns
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
AND is_generated = 'NEVER' AND table_name <> 'alembic_version'
GROUP BY table_name
"""
_SEQUENCES: Final = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass(frozen=True, slots=True)
class SqliteCopy:
    """A whole database, page by page."""

    held: sqlite3.Connection

    @classmethod
    async def of(cls, path: str) -> "SqliteCopy":
        """Copy a database into memory."""
        held = sqlite3.connect(":memory:", check_same_thread=False)
        await asyncio.to_thread(_copy, path, held, outwards=True)
        return cls(held)

    async def fill(self, path: str) -> None:
        """Make another database the same, whoever is connected to it."""
        await asyncio.to_thread(_copy, path, self.held, outwards=False)


def _copy(path: str, held: sqlite3.Connection, *, outwards: bool) -> None:
    with closing(sqlite3.connect(path)) as file:
        source, target = (file, held) if outwards else (held, file)
        source.backup(target)


@dataclass(frozen=True, slots=True)
class PostgresCopy:
    """The rows of each table that has any, as `COPY` gives and takes them, with its columns; how far sequences are."""

    tables: dict[str, tuple[list[str], bytes]]
    sequences: list[tuple[str, int]]

    @classmethod
    async def of(cls, address: str) -> "PostgresCopy":
        """Copy the rows."""
        connection = await asyncpg.connect(address)
        try:
            tables = {}
            for name, columns in await connection.fetch(_COLUMNS):
                rows = BytesIO()
                told = await connection.copy_from_table(name, output=rows, columns=columns, format="binary")
                if told != "COPY 0":
                    tables[name] = (columns, rows.getvalue())
            return cls(tables, [tuple(row) for row in await connection.fetch(_SEQUENCES)])
        finally:
            await connection.close()

    async def fill(self, address: str) -> None:
        """Put the rows into a database whose tables are empty."""
        connection = await asyncpg.connect(address)
        try:
            await connection.execute("SET session_replication_role = replica")  # in any order
            for name, (columns, rows) in self.tables.items():
                await connection.copy_to_table(name, source=BytesIO(rows), columns=columns, format="binary")
            await connection.executemany("SELECT setval($1, $2)", self.sequences)
        finally:
            await connection.close()


Copy = SqliteCopy | PostgresCopy


async def copied(url: str) -> Copy:
    """Return a copy of what a database holds."""
    return await (SqliteCopy if _is_sqlite(url) else PostgresCopy).of(_place(url))


async def fill(url: str, copy: Copy) -> None:
    """Have a database that was migrated and holds nothing hold what another of its kind held."""
    await copy.fill(_place(url))


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _place(url: str) -> str:
    """Return the path of a file, or the address as the driver takes it."""
    parsed = make_url(url)
    return parsed.database or "" if _is_sqlite(url) else url.replace("+asyncpg", "")
