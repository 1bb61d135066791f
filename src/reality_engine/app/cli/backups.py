"""`reality backup` and `reality restore`: a whole SQLite database to a file, and from one; not single worlds."""

from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.cli.output import done, note
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.user import erased_people
from reality_engine.app.cli.verify import verify_every
from reality_engine.app.settings import Settings, load_settings
from reality_engine.db import backups, revisions
from reality_engine.kernel.errors import IntegrityError


def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Write a copy of the whole database to a file, while the server goes on; for SQLite.

    It is as the database was at one moment, and has its name only once it was found whole. Of a PostgreSQL, pg_dump
    makes one: docs/operations.md says how.

    For example:

        reality backup backups/2026-05-01.db
    """
    made = backups.back_up(backups.file_of(load_settings().database_url), file)
    done(f"{file}: {made.size:,} bytes, at revision {made.revision}, found whole")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that reality backup wrote.")],
    verify: Annotated[bool, typer.Option("--verify", help="Hold every world in it to its log first.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Lose the database that is there now.")] = False,
) -> None:
    """Put a backup in the place of the database that REALITY_DATABASE_URL names; for SQLite.

    The file is copied beside it and looked at first. A database that is there stays, unless --replace says otherwise,
    and in any case while a server, or anybody else, has it open. Who was erased in it is erased in the backup too.

    For example:

        reality restore backups/2026-05-01.db --verify
        reality restore backups/2026-05-01.db --replace
    """
    settings = load_settings()
    database = backups.file_of(settings.database_url)
    backups.require_replaceable(database, replace=replace)
    erased = _erased_there(settings) if database.exists() else []
    with backups.candidate(file, database) as part:
        there = settings.model_copy(update={"database_url": f"sqlite:///{part}"})
        if verify:
            _verify(there)
        if erased:
            _erase_again(there, erased)
        held = backups.checked(part, file)
        backups.put_in_place(part, database, replace=replace)
    done(f"{database} is what {file} was")
    if held.revision != revisions.newest():
        done(f"it is at revision {held.revision}; reality db upgrade brings it to {revisions.newest()}")


def _verify(there: Settings) -> None:
    if not with_services(verify_every, there):
        raise IntegrityError("the backup is not whole, and was not restored")


def _erased_there(settings: Settings) -> list[str]:
    """Return who was erased in the database that is to be lost; says so where that cannot be read."""
    if revisions.fits(settings.database_url):
        return with_services(erased_people, settings)
    note("who was erased in the database that is there cannot be read: reality user erase does it again")
    return []


def _erase_again(there: Settings, users: list[str]) -> None:
    if not revisions.fits(there.database_url):
        note(f"the backup is of an earlier version; once it is upgraded, erase again: {' '.join(users)}")
        return
    many = with_services(lambda services: services.erasures.erase_again(users), there)
    if many:
        done(f"{many} who were erased since are erased in it too")
