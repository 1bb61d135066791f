"""`reality db`: the database's schema up, down and checked; not its content."""

import asyncio
from typing import Annotated

import typer

from reality_engine.app.cli.output import complain, done
from reality_engine.app.settings import load_settings
from reality_engine.app.tables import all_tables
from reality_engine.db import migrate, revisions, scrubbing

cli = typer.Typer(name="db", help="Bring the database's tables up or down, and check them.", no_args_is_help=True)


@cli.command()
def upgrade(revision: Annotated[str, typer.Argument(help="Up to this revision.")] = "head") -> None:
    """Bring the database up to the newest revision, in one transaction.

    For example:

    ```console
    reality db upgrade
    ```
    """
    url = load_settings().database_url
    before = revisions.current(url)
    migrate.upgrade(url, revision)
    done(f"at revision {revisions.current(url)} (was {before or 'empty'})")


@cli.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Down to this revision; `base` removes every table.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: what the newer tables hold is lost.")] = False,
) -> None:
    """Take the database back to an older revision. What only newer tables can hold is lost.

    For example:

    ```console
    reality db downgrade 0001 --yes
    ```
    """
    url = load_settings().database_url
    if not yes:
        typer.confirm("What only newer tables can hold will be lost. Go on?", abort=True)
    before = revisions.current(url)
    migrate.downgrade(url, revision)
    done(f"at revision {revisions.current(url) or 'empty'} (was {before or 'empty'})")


@cli.command()
def check() -> None:
    """Compare the database with this version: exit status 1 where they differ.

    For example:

    ```console
    reality db check
    ```
    """
    url = load_settings().database_url
    held, wanted = revisions.current(url), revisions.newest()
    differences = migrate.check(url, all_tables())
    if held != wanted:
        complain(f"the database is at revision {held or 'none'}, and this version needs {wanted}", "reality db upgrade")
    for difference in differences:
        complain(difference)
    if differences or held != wanted:
        raise typer.Exit(1)
    done(f"at revision {held}, as this version needs it")


@cli.command()
def scrub() -> None:
    """Write the database anew, so that its files hold nothing but what is stored: not what was erased or deleted.

    Everybody waits meanwhile, so rather stop the server. It takes as much room again as the database.

    For example:

    ```console
    reality user erase mira@example.org
    reality db scrub
    ```
    """
    asyncio.run(scrubbing.scrub(load_settings().database_url))
    done("the database was written anew")
