"""Connections and sessions of the service; not its queries."""

from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

# As many connections as served best here. On SQLite it is one, since one writes at a time: waiting in the pool is fair.
POOL_SIZE = 16


def open_engine(url: str) -> AsyncEngine:
    """Return the engine for an address, durable as the product is."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_async_engine(url, pool_size=POOL_SIZE, max_overflow=0)
    engine = create_async_engine(url, pool_size=1, max_overflow=0)
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def open_sessions(engine: AsyncEngine) -> "async_sessionmaker[Any]":
    """Return what opens sessions, whose objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
