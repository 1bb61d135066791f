"""At which revision a database's schema is, and at which this version wants it; not how it gets there.

Every start asks this. So Alembic, whose loading takes longer than the question, is left to `migrate`.

The functions that take an address are synchronous and block: under a running loop, use a thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.engine import dialect_of, parse_url
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import UnavailableError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
# What stands in place of a revision while a database is being moved into (`moving`): no server starts with it.
MOVING: Final = "moving"
_HELD: Final = text("SELECT version_num FROM alembic_version")

T = TypeVar("T")


@cache
def known() -> frozenset[str]:
    """Return the revisions that this version of the product knows; files are named by their numbers."""
    return frozenset(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def newest() -> str:
    """Return the newest of them."""
    return max(known())


def current(url: str) -> str | None:
    """Return the revision the database is at, None where it was never upgraded."""
    return in_transaction(url, lambda connection, _: held(connection))


def fits(url: str) -> bool:
    """Say whether a database is at the newest revision, which one that cannot be read is not."""
    try:
        return current(url) == newest()
    except (DBAPIError, UnavailableError):
        return False


def require_whole(held: str | None) -> None:
    """Raise UnavailableError where a database has only a part of what is being moved into it."""
    if held == MOVING:
        message = "a move into this database has not come to its end"
        raise UnavailableError(message, hint="reality move, with the database it came from, goes on with it")


async def ready(unit: ReadUnit) -> bool:
    """Say whether the database is at the revision that this version of the product was written for."""
    try:
        held = await unit.session.scalars(_HELD)
    except DBAPIError:
        return False  # there is no such table yet
    return list(held) == [newest()]


def in_transaction(address: str, work: Callable[[Connection, Dialect], T]) -> T:
    """Do `work` in one transaction, on a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(_with_connection(address, work))).result()


def held(connection: Connection) -> str | None:
    """Return the revision that a database has, None where it has none."""
    return connection.scalar(_HELD) if inspect(connection).has_table("alembic_version") else None


async def _with_connection(address: str, work: Callable[[Connection, Dialect], T]) -> T:
    url = parse_url(address)
    dialect = dialect_of(url)
    engine = dialect.migrator(url)
    try:
        connection = await _begin(engine)
        try:
            done = await connection.run_sync(work, dialect)
            await connection.commit()
        finally:
            await connection.close()  # without a commit, this rolls back
    finally:
        await engine.dispose()
    return done


async def _begin(engine: AsyncEngine) -> AsyncConnection:
    try:
        connection = await engine.connect()
        await connection.begin()
    except (OSError, DBAPIError) as error:
        # Whoever migrates is the operator, who needs the reason; neither driver puts the password into it.
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise UnavailableError(f"the database cannot be reached: {reason}", field="database_url") from error
    return connection
