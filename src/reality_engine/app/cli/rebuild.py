"""`reality rebuild`: makes what is kept beside the logs anew, while servers run; not the logs."""

from collections.abc import Mapping
from typing import Annotated

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import complain, done
from reality_engine.app.cli.progress import progress_of
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.verify import every_world
from reality_engine.app.cli.world import checked_id
from reality_engine.app.version import VERSION
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.rebuild import Rebuilding, rebuild


def rebuild_worlds(
    worlds: Annotated[list[str] | None, typer.Argument(help="The worlds' ids; otherwise every world.")] = None,
) -> None:
    """Make everything that is kept beside the log of each world anew, and put right what is not as the log makes it.

    Servers may go on meanwhile. Says how many rows of which table were wrong; where a run was interrupted, the next one
    goes on. A log that is itself not whole cannot be rebuilt from: exit status 1, and nothing is changed.

    For example:

        reality rebuild
        reality rebuild 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
    """
    if not with_services(lambda services: _rebuild(services, [checked_id(world) for world in worlds or ()])):
        raise typer.Exit(1)


async def _rebuild(services: Services, chosen: list[str]) -> bool:
    whole = True
    for world in chosen or await every_world(services):
        try:
            wrong = await _one(services, world)
        except IntegrityError as error:
            whole = False
            complain(f"{world}: {error.message}", "a log that is not whole must come from a backup")
        else:
            told = ", ".join(f"{many} of {table}" for table, many in wrong.items())
            done(f"{world}: rows put right: {told}" if told else f"{world}: nothing was wrong")
    return whole


async def _one(services: Services, world: str) -> Mapping[str, int]:
    async with services.units.read() as unit:
        total = (await eventlog.get_head(unit, world)).position
    with progress_of(world, total) as passed:
        work = Rebuilding(services.units, services.packs, VERSION, passed)
        return await rebuild(work, world, services.clock.now())
