"""Brings a database's schema up and down, and says whether it fits; not what the schema is.

The functions are synchronous and may be called from anywhere, but block: under a running loop, use a thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError

from reality_engine.db.engine import dialect_of, parse_url
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import IntegrityError, UnavailableError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
# Any number; it only has to be this product's own. Held while a PostgreSQL is migrated, so that processes that
# start together take turns. On SQLite the write lock does the same.
ADVISORY_LOCK: Final = 7_326_254_891

T = TypeVar("T")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to a revision, in one transaction; does nothing where it is there."""
    _run(url, lambda connection: _alembic(connection, command.upgrade, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision, in one transaction; `base` leaves no table of ours."""
    _run(url, lambda connection: _alembic(connection, command.downgrade, revision))


def current(url: str) -> str | None:
    """Return the revision the database is at, None where it was never upgraded."""
    return _run(url, lambda connection: MigrationContext.configure(connection).get_current_revision())


def check(url: str, metadata: MetaData) -> list[str]:
    """Return every difference between the database and the tables in `metadata`, one a line; empty when they agree."""
    return _run(url, lambda connection: _differences(connection, metadata))


async def ready(unit: ReadUnit) -> bool:
    """Say whether the database is at the revision that this version of the product was written for."""
    try:
        held = await unit.session.scalars(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        return False  # there is no such table yet
    return list(held) == [head()]


@cache
def head() -> str | None:
    """Return the newest revision that this version of the product knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def configuration() -> Config:
    """Return Alembic's configuration, which needs no file beside the package."""
    config = Config()
    # Alembic would read % as the start of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _alembic(connection: Connection, step: Callable[[Config, str], None], revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    step(config, revision)
    _require_whole_references(connection)


def _require_whole_references(connection: Connection) -> None:
    """Look once for references into nothing on SQLite, where a migration runs without foreign keys."""
    if connection.dialect.name == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
        raise IntegrityError(
            f"the migration would leave '{broken[0]}' with a reference into nothing; it is rolled back"
        )


def _differences(connection: Connection, metadata: MetaData) -> list[str]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return [str(difference) for difference in compare_metadata(context, metadata)]


def _run(address: str, work: Callable[[Connection], T]) -> T:
    """Do `work` in one transaction, on a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(_with_connection(address, work))).result()


async def _with_connection(address: str, work: Callable[[Connection], T]) -> T:
    url = parse_url(address)
    engine = dialect_of(url).migrator(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    except OSError as error:
        raise UnavailableError("the database cannot be reached") from error
    finally:
        await engine.dispose()
