"""`reality verify`: holds worlds to their logs; mends nothing."""

from typing import Annotated

import typer
from rich.progress import Progress

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import complain, done, err, note
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.world import LISTED, checked_id
from reality_engine.db.engine import parse_url
from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.verify import Verified, verify


def verify_worlds(
    worlds: Annotated[list[str] | None, typer.Argument(help="The worlds' ids; otherwise every world.")] = None,
) -> None:
    """Replay each world's log, check its hash chain, and compare everything stored with it.

    Names the first difference of each world; exit status 1 if there is any.

    For example:

        reality verify
        reality verify 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    """
    if not with_services(lambda services: _verify(services, [checked_id(world) for world in worlds or ()])):
        raise typer.Exit(1)


async def _verify(services: Services, chosen: list[str]) -> bool:
    async with services.units.read() as unit:
        every = [world.id for world in await directory.list_all(unit, LISTED)]
    if not every and not chosen:
        address = parse_url(services.settings.database_url).render_as_string(hide_password=True)
        note(f"there is no world in {address}; REALITY_DATABASE_URL names another database")
    whole = True
    for world in chosen or every:
        try:
            found = await _one(services, world)
        except IntegrityError as error:
            whole = False
            complain(f"{world}: {error.message}")
        else:
            done(f"{world}: {found.events} events and {found.entities} entities, all whole")
    return whole


async def _one(services: Services, world: str) -> Verified:
    async with services.units.read() as unit:
        total = (await eventlog.get_head(unit, world)).position
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task(world, total=total)

            def passed(position: int) -> None:
                progress.update(task, completed=position)

            return await verify(unit, world, services.packs, passed)
