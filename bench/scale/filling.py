"""Writes rows into the tables of a running server's database, in bulk; not which rows."""

import asyncio
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import Any, Final

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.orm import DeclarativeBase

from bench.scale.made import Row
from reality_engine.kernel.clock import to_text

BATCH: Final = 100_000
_MOMENTS: Final = frozenset({"changed_at", "recorded_at"})
Made = Iterable[tuple[type[DeclarativeBase], Row]]


def fill(url: str, made: Made, world: str, position: int) -> None:
    """Write the rows, move the head of the world to a position, and settle the database as a long life would."""
    if make_url(url).get_backend_name() == "sqlite":
        _fill_sqlite(str(make_url(url).database), made, world, position)
    else:
        asyncio.run(_fill_postgresql(url.replace("+asyncpg", ""), made, world, position))


def _fill_sqlite(path: str, made: Made, world: str, position: int) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-500000")
        for batch in _batched(made):
            connection.execute("BEGIN")
            for table, columns, rows in _tables(batch):
                marks = ", ".join("?" * len(columns))
                told = [[to_text(row[name]) if name in _MOMENTS else row[name] for name in columns] for row in rows]
                into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of our tables
                connection.executemany(into, told)
            connection.execute("COMMIT")
        connection.execute("UPDATE world_heads SET position = ? WHERE world = ?", (position, world))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


async def _fill_postgresql(url: str, made: Made, world: str, position: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        for batch in _batched(made):
            for table, columns, rows in _tables(batch):
                told = [tuple(row[name] for name in columns) for row in rows]
                await connection.copy_records_to_table(table, records=told, columns=columns)
        await connection.execute("UPDATE world_heads SET position = $1 WHERE world = $2", position, world)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _batched(made: Made) -> Iterator[list[tuple[type[DeclarativeBase], Row]]]:
    left = iter(made)
    while batch := list(islice(left, BATCH)):
        yield batch


def _tables(batch: list[tuple[type[DeclarativeBase], Row]]) -> Iterator[tuple[str, list[str], list[dict[str, Any]]]]:
    by_table: dict[type[DeclarativeBase], list[Row]] = {}
    for table, row in batch:
        by_table.setdefault(table, []).append(row)
    for table, rows in by_table.items():
        yield table.__tablename__, list(rows[0]), rows
