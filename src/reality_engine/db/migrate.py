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
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from reality_engine.db.dialects.dialect import Dialect, declared
from reality_engine.db.engine import dialect_of, parse_url
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import UnavailableError

MIGRATIONS: Final = Path(__file__).parent / "migrations"

T = TypeVar("T")


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to a revision, in one transaction; does nothing where it is there."""
    _run(url, lambda connection, dialect: _alembic(connection, dialect, command.upgrade, revision))


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back to a revision, in one transaction; `base` leaves only Alembic's own, empty."""
    _run(url, lambda connection, dialect: _alembic(connection, dialect, command.downgrade, revision))


def current(url: str) -> str | None:
    """Return the revision the database is at, None where it was never upgraded."""
    return _run(url, lambda connection, _: MigrationContext.configure(connection).get_current_revision())


def check(url: str, metadata: MetaData) -> list[str]:
    """Return every difference between the database and the tables in `metadata`, one a line; empty when they agree."""
    return _run(url, lambda connection, _: _differences(connection, metadata))


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
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _alembic(connection: Connection, dialect: Dialect, step: Callable[[Config, str], None], revision: str) -> None:
    config = configuration()
    config.attributes["connection"] = connection
    dialect.before_migration(connection)
    step(config, revision)
    dialect.after_migration(connection)


def _differences(connection: Connection, metadata: MetaData) -> list[str]:
    opts = {"compare_type": True, "compare_server_default": True, "include_name": declared}
    context = MigrationContext.configure(connection, opts=opts)
    return [str(difference) for difference in compare_metadata(context, metadata)]


def _run(address: str, work: Callable[[Connection, Dialect], T]) -> T:
    """Do `work` in one transaction, on a loop of its own in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(_with_connection(address, work))).result()


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
