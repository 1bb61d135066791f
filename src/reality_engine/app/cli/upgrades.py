"""`reality world upgrade`: takes worlds to other versions of their packs, or says what that would come to."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.bootstrap import Services
from reality_engine.app.cli.output import complain, done, note, out
from reality_engine.app.cli.services import with_services
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import WORLD
from reality_engine.packs import repository as versions
from reality_engine.packs import service as packs
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import read_files
from reality_engine.upgrading import following, service
from reality_engine.upgrading.following import Outcome
from reality_engine.upgrading.plan import Plan
from reality_engine.upgrading.schemas import UpgradeResponse
from reality_engine.upgrading.service import Upgrading
from reality_engine.upgrading.telling import lines


def upgrade(
    world: Annotated[str, typer.Argument(help="The world's id; with --all the pack.")],
    pack: Annotated[str | None, typer.Argument(help="NAME, NAME@VERSION, or a pack's folder or file.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what it would come to; change nothing.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every world that runs an earlier version of the pack.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the plan as JSON.")] = False,
) -> None:
    """Take a world to another version of its pack, which is stored first where it comes from disk.

    It happens whole or not at all. What stands in the way is told, all of it; exit status 1 if anything does.

    For example:

    ```console
    reality world upgrade 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 packs/harbor --plan
    reality world upgrade 01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10 harbor@1.1.0
    reality world upgrade --all harbor
    ```
    """
    if every:
        if pack is not None or plan:
            raise InvalidError("--all takes the pack alone", hint="reality world upgrade --all harbor@1.1.0")
        stored = _files(world)
        outcomes = with_services(lambda services: _every(services, world, stored))
        _tell_all(outcomes)
        if any(one.error is not None for one in outcomes):
            raise typer.Exit(1)
        return
    if pack is None or not is_id(world):
        raise InvalidError("this takes the id of a world, and a pack", hint="reality world list shows the ids")
    wanted, files = str(pack), _files(str(pack))
    found = with_services(lambda services: _one(services, world, wanted, files, plan=plan))
    _tell(found, plan=plan, as_json=as_json)
    if plan and found.problems:
        raise typer.Exit(1)


def _files(named: str) -> Mapping[str, str] | None:
    """Return the files of a pack that is named by where it is, None where it is named otherwise."""
    return read_files(Path(named)) if Path(named).exists() else None


async def _one(
    services: Services, world: str, named: str, files: Mapping[str, str] | None, *, plan: bool
) -> Plan:  # fmt: skip
    upgrading = Upgrading(services.units, services.packs)
    if plan:
        pack = await _compiled(services, named) if files is None else await packs.check(files, services.packs)
        async with services.units.read() as unit:
            return await service.planned(unit, world, pack, services.packs)
    pack = await _stored(services, named, files)
    return await service.upgrade(upgrading, world, pack, WORLD, services.clock.now())


async def _every(services: Services, named: str, files: Mapping[str, str] | None) -> list[Outcome]:
    pack = await _stored(services, named, files)
    upgrading = Upgrading(services.units, services.packs)
    return await following.upgrade_all(upgrading, pack, services.clock, followers=False)


async def _stored(services: Services, named: str, files: Mapping[str, str] | None) -> CompiledPack:
    if files is None:
        return await _compiled(services, named)
    pack = await packs.check(files, services.packs)
    async with services.units.write() as unit:
        await packs.store(unit, pack, files, services.clock.now())
        await unit.commit()
    return pack


async def _compiled(services: Services, named: str) -> CompiledPack:
    """Return a stored version, the newest where none is named."""
    name, _, version = named.partition("@")
    async with services.units.read() as unit:
        found = await versions.find_version(unit, name, version) if version else await service.newest(unit, name)
        if found is None:
            raise NotFoundError(f"'{named}' is neither a stored version of a pack nor a pack's folder")
        return await packs.load(unit, found.digest, services.packs)


def _tell(found: Plan, *, plan: bool, as_json: bool) -> None:
    if as_json:
        told = UpgradeResponse.of(found, done=not plan)
        typer.echo(json.dumps(told.model_dump(mode="json"), ensure_ascii=False, indent=2))
        return
    for line in lines(found):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    for problem in found.problems:
        complain(problem.message, problem.hint)
    if not plan:
        done(f"the world runs {found.after.name} {found.after.version}")


def _tell_all(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        if one.error is None:
            done(one.world)
        else:
            complain(f"{one.world}: {one.error.message}")
    if not outcomes:
        note("no world runs an earlier version")
