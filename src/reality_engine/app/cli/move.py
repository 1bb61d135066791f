"""`reality move`: everything from one database to another, as whoever runs the server; not how it is done."""

import asyncio
from typing import Annotated

import typer
from rich.progress import Progress

from reality_engine.app.cli.output import done, err, note
from reality_engine.app.settings import load_settings
from reality_engine.app.tables import all_tables
from reality_engine.db import migrate, moving, revisions
from reality_engine.db.engine import parse_url
from reality_engine.db.moving import Moved
from reality_engine.kernel.errors import ConflictError, UnavailableError


def move(
    to: Annotated[str, typer.Option("--to", help="The address of the other database, which is empty.")],
) -> None:
    """Move a whole server into another database: SQLite to PostgreSQL, back, or one to another of its kind.

    Stop the server first. What REALITY_DATABASE_URL names stays as it is; the other database is made ready, filled
    table by table, and held to the first one in the end. Where this is interrupted, the same command goes on.

    For example:

        reality move --to postgresql://reality@db.example.org/reality
        reality move --to sqlite:///var/reality.db
    """
    source = load_settings().database_url
    _prepare(source, to)
    note("stop the server, if it runs: what is written to the database from now on is not moved")
    moved = asyncio.run(_moved(source, to))
    many = sum(moved.rows.values())
    done(f"{many:,} rows of {len(moved.rows)} tables and {moved.worlds} worlds: counts, heads and digests agree")
    note(f"now set REALITY_DATABASE_URL={parse_url(to).render_as_string(hide_password=True)}, and start the server")


def _prepare(source: str, target: str) -> None:
    """Bring the target to the revision of the source, which must be this release's own."""
    held, wanted = revisions.current(source), revisions.newest()
    revisions.require_whole(held)
    if held != wanted:
        message = f"the database is at revision {held or 'none'}, and this version moves {wanted}"
        raise UnavailableError(message, hint="run: reality db upgrade")
    there = revisions.current(target)
    if there is None:
        migrate.upgrade(target)
    elif there not in (wanted, revisions.MOVING):
        hint = "move into a database of its own, that is empty"
        raise ConflictError(f"the other database is at revision {there}", field="to", hint=hint)


async def _moved(source: str, target: str) -> Moved:
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("moving", total=None)

        def passed(table: str, rows: int) -> None:
            progress.update(task, description=table, advance=rows)

        return await moving.move(source, target, all_tables(), passed)
