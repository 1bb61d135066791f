"""Reads back from a database whether an answered commit survives a power cut, as whoever serves connects to it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from reality_engine.db.dialects.writing_sqlite import SqliteWriter
from reality_engine.db.engine import open_engines

_ASKED: Final = {
    "sqlite": ("PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA foreign_keys"),
    "postgresql": (
        "SHOW fsync", "SHOW synchronous_commit", "SHOW full_page_writes", "SHOW wal_sync_method",
    ),
}  # fmt: skip
# In SQLite, synchronous=2 is FULL.
_NEEDED: Final = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2"},
    "postgresql": {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"},
}
Ask = Callable[[str], Awaitable[str]]


async def durability(engine: AsyncEngine) -> dict[str, str]:
    """Return the settings and the version, and close the engine; raises RuntimeError where a commit may be lost."""
    name = engine.dialect.name
    try:
        async with engine.connect() as connection:

            async def ask(question: str) -> str:
                return str(await connection.scalar(text(question)))

            told = await _checked(name, ask)
            told["version"] = await ask("SELECT sqlite_version()" if name == "sqlite" else "SHOW server_version")
            return told
    finally:
        await engine.dispose()


async def durability_of_product(url: str) -> dict[str, str]:
    """Return the same of the product's connections, the one that writes actions included."""
    engines = open_engines(url)
    try:
        told = await durability(engines.writer)
        # On PostgreSQL, its writer has the settings of the server, as any other connection.
        if isinstance(writer := engines.batches, SqliteWriter):
            told |= await _checked("sqlite", _asking(writer))
        return told
    finally:
        await engines.close()


def _asking(writer: SqliteWriter) -> Ask:
    def answer(question: str) -> str:
        return str(writer._connect().execute(question).fetchone()[0])  # noqa: SLF001 - the very connection, no other

    async def ask(question: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(writer._thread, answer, question)  # noqa: SLF001

    return ask


async def _checked(name: str, ask: Ask) -> dict[str, str]:
    told = {asked.split()[-1]: await ask(asked) for asked in _ASKED[name]}
    wrong = {key: told[key] for key, value in _NEEDED[name].items() if told[key] != value}
    if wrong:
        raise RuntimeError(f"{name} may lose commits that were answered: {wrong}")
    return told
