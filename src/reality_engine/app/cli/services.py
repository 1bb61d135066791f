"""Runs a command's work with the services and a database that fits; not the work."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Final, TypeVar

from reality_engine.app.bootstrap import Services, bootstrap
from reality_engine.app.cli.output import note
from reality_engine.app.settings import Settings, load_settings
from reality_engine.db import revisions
from reality_engine.db.engine import parse_url
from reality_engine.kernel.errors import UnavailableError

T = TypeVar("T")
# Loaded where it is needed: hardly any start has something to migrate, and each would wait for Alembic.
MIGRATING: Final = "reality_engine.db.migrate"


def with_services(work: Callable[[Services], Awaitable[T]], settings: Settings | None = None) -> T:
    """Do the work on a loop of its own, and close every connection after it."""
    settings = settings or load_settings()
    prepare_database(settings)
    return asyncio.run(_run(bootstrap(settings), work))


def prepare_database(settings: Settings) -> None:
    """Bring the database to the newest revision where the settings allow it; otherwise raise UnavailableError."""
    held, wanted = revisions.current(settings.database_url), revisions.newest()
    if held == wanted:
        return
    revisions.require_whole(held)
    if not settings.migrates:
        message = f"the database is at revision {held or 'none'}, and this version needs {wanted}"
        raise UnavailableError(message, hint="run: reality db upgrade")
    import_module(MIGRATING).upgrade(settings.database_url)
    address = parse_url(settings.database_url).render_as_string(hide_password=True)
    note(f"database {address} upgraded from {held or 'empty'} to revision {wanted}")


async def _run(services: Services, work: Callable[[Services], Awaitable[T]]) -> T:
    try:
        return await work(services)
    finally:
        await services.close()
