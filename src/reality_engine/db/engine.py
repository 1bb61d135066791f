"""Connections to the one database an address names, for writing and for reading; not transactions, see `unit`."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine

from reality_engine.db.dialects.dialect import BatchWriter, Dialect
from reality_engine.db.dialects.postgresql import Postgresql
from reality_engine.db.dialects.sqlite import Sqlite
from reality_engine.db.reading.reader import Reader
from reality_engine.kernel.errors import InvalidError

# More than this many connections made a PostgreSQL slower here, not faster.
POOL_SIZE: Final = 16

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_HINT: Final = "write it like sqlite:///var/reality.db or postgresql://user:password@host/name"


@dataclass(frozen=True, slots=True)
class Engines:
    """The open connections of one process to one database; on PostgreSQL both engines share a pool.

    `batches` has connections of its own, for what is written as a whole, and `pages` for what is read most often.
    """

    writer: AsyncEngine
    reader: AsyncEngine
    batches: BatchWriter
    dialect: Dialect
    pages: Reader

    async def close(self) -> None:
        """Close every connection."""
        await self.batches.close()
        await self.pages.close()
        await self.reader.dispose()
        await self.writer.dispose()


def parse_url(address: str) -> URL:
    """Read a database's address, adding the driver where it names none; raises InvalidError without repeating it."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        # The address holds a password: neither the message nor the cause may carry it into a log.
        raise InvalidError(
            "the database's address cannot be read", field="database_url", hint=_HINT
        ) from error.__cause__
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise InvalidError(f"no database is called '{url.drivername}'", field="database_url", hint=_HINT)
    if "sslmode" in url.query:
        # As hosted databases and libpq write it; asyncpg has another name for it.
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": url.query["sslmode"]})
    return url.set(drivername=driver)


def dialect_of(url: URL) -> Dialect:
    """Return the ways of the database that an address names."""
    return Sqlite() if url.get_backend_name() == Sqlite.name else Postgresql()


def open_engines(address: str, pool_size: int = POOL_SIZE) -> Engines:
    """Make the engines for an address; nothing connects before the first use."""
    url = parse_url(address)
    dialect = dialect_of(url)
    writer = dialect.writer(url, pool_size)
    batches, pages = dialect.batch_writer(url, pool_size), dialect.page_reader(url)
    return Engines(writer, dialect.reader(url, writer, pool_size), batches, dialect, pages)
