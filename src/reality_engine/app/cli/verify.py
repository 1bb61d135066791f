"""`reality verify`: holds worlds to their logs and to what was signed of these, and signs; mends nothing."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.checkpoints import own_key, own_public_key, read_file, refuse_taken, write_lines
from reality_engine.app.cli.output import complain, done, note, out
from reality_engine.app.cli.progress import progress_of
from reality_engine.app.cli.services import with_services
from reality_engine.app.cli.world import LISTED, checked_id
from reality_engine.app.settings import load_settings
from reality_engine.app.version import VERSION
from reality_engine.db.engine import parse_url
from reality_engine.db.unit import ReadUnit
from reality_engine.directory import repository as directory
from reality_engine.eventlog import checkpoints
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.checkpoints import Checkpoint
from reality_engine.kernel.errors import IntegrityError, InvalidError
from reality_engine.projection.verify import Verified, verify


@dataclass(frozen=True)
class Wanted:
    """Which worlds (none: every one), held to which checkpoints; whether to sign, and what was."""

    worlds: tuple[str, ...]
    against: tuple[Checkpoint, ...]
    sign: bool
    signed: list[str] = field(default_factory=list)

    def of(self, world: str) -> list[Checkpoint]:
        """Return the checkpoints of a world."""
        return [one for one in self.against if one.world == world]


def verify_worlds(
    worlds: Annotated[list[str] | None, typer.Argument(help="The worlds' ids; otherwise every world.")] = None,
    sign: Annotated[bool, typer.Option("--sign", help="Sign where each log stands that was found whole.")] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file for what is signed; otherwise it is printed.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="A file of checkpoints: find what was cut off or replaced since.")
    ] = None,
    signed_by: Annotated[
        str | None, typer.Option(help="The public key that the file must be signed with; otherwise this server's.")
    ] = None,
    public_key: Annotated[bool, typer.Option("--public-key", help="Print this server's public key and stop.")] = False,
) -> None:
    """Replay each world's log, check its hash chain, and compare everything stored with it.

    Names the first difference of each world; exit status 1 if there is any.

    For example:

        reality verify
        reality verify 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10
        reality verify --sign -o checkpoints-2026-05.jsonl
        reality verify --against checkpoints-2026-05.jsonl
        reality verify --public-key
    """
    if public_key:
        out.print(own_public_key(load_settings()), markup=False)
        return
    if output is not None and not sign:
        raise InvalidError("there is nothing to write without --sign", hint="reality verify --sign -o FILE")
    if signed_by is not None and against is None:
        raise InvalidError("--signed-by says whose checkpoints --against takes", hint="--against FILE --signed-by KEY")
    refuse_taken(output)
    held = () if against is None else read_file(against, signed_by, load_settings())
    wanted = Wanted(tuple(checked_id(world) for world in worlds or ()), tuple(held), sign)
    whole = with_services(lambda services: _verify(services, wanted, told=not sign or output is not None))
    write_lines(wanted.signed, output)
    if not whole:
        raise typer.Exit(1)


async def _verify(services: Services, wanted: Wanted, *, told: bool) -> bool:
    every = await every_world(services)
    if not every and not wanted.worlds:
        address = parse_url(services.settings.database_url).render_as_string(hide_password=True)
        note(f"there is no world in {address}; REALITY_DATABASE_URL names another database")
    missing = [one.world for one in wanted.against if one.world not in every]
    whole = True
    for world in wanted.worlds or dict.fromkeys([*every, *missing]):
        try:
            if wanted.worlds and wanted.against and not wanted.of(world):
                raise InvalidError(f"{world}: there is no checkpoint of this world in the file")
            found = await _one(services, world, wanted)
        except IntegrityError as error:
            whole = False
            complain(f"{world}: {error.message}")
        else:
            (done if told else note)(f"{world}: {found.events} events and {found.entities} entities, {_whole(found)}")
    return whole


def _whole(found: Verified) -> str:
    """Say that all is whole, apart from values that are missing, and whether these were erased."""
    erased = f"; {found.erased} values erased" if found.erased else ""
    if not found.unaccounted:
        return f"all whole{erased}"
    more = "missing, and the log does not say that they were erased: that is under way, or others took or left them out"
    return f"all whole{erased}; {found.unaccounted} values {more}"


async def verify_every(services: Services) -> bool:
    """Verify all worlds, and tell what was found; says whether all are whole."""
    return await _verify(services, Wanted((), (), sign=False), told=True)


async def every_world(services: Services) -> list[str]:
    """Return the ids of all worlds that are not deleted, the newest first."""
    found: list[str] = []
    async with services.units.read() as unit:
        while page := await directory.list_all(unit, LISTED, found[-1] if found else None):
            found += [world.id for world in page]
    return found


async def _one(services: Services, world: str, wanted: Wanted) -> Verified:
    async with services.units.read() as unit:
        head = await eventlog.find_head(unit, world)
        if head is None and wanted.of(world):
            raise IntegrityError("a checkpoint was signed of this world, and it is not there any more")
        for checkpoint in wanted.of(world):
            await _hold(unit, checkpoint)
        total = (await eventlog.get_head(unit, world)).position
        with progress_of(world, total) as passed:
            found = await verify(unit, world, services.packs, passed)
    if wanted.sign:
        now, key = services.clock.now(), own_key(services.settings)
        place = found.head
        checkpoint = Checkpoint(world, place.position, place.digest, place.recorded_at, now, VERSION)
        wanted.signed.append(checkpoints.signed(checkpoint, key))
    return found


async def _hold(unit: ReadUnit, checkpoint: Checkpoint) -> None:
    """Hold a log to a checkpoint; that what is stored of it is one chain is found by verifying it."""
    world, position = checkpoint.world, checkpoint.position
    end = (await eventlog.get_head(unit, world)).position
    checkpoints.check(checkpoint, end, await eventlog.recorded_at(unit, world, position))
