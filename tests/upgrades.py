"""Versions of a pack made of its source by replacing parts of it, stored and gone to; not a test itself."""

from collections.abc import Mapping
from pathlib import Path

from reality_engine.kernel.principal import Principal
from reality_engine.packs import service as packs
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import MAIN, read_files
from reality_engine.upgrading import service
from reality_engine.upgrading.plan import Plan
from reality_engine.upgrading.service import Upgrading
from tests.properties.stage import Stage


def changed(folder: Path, parts: Mapping[str, str], version: str = "2.0.0", upgrades: str = "") -> dict[str, str]:
    """Return the files of another version, in which each part of the source that is named is another."""
    files = read_files(folder)
    source = files[MAIN]
    for old, new in {"version: 1.0.0": f"version: {version}", **parts}.items():
        assert source.count(old) >= 1, old
        source = source.replace(old, new)
    return {MAIN: f"{source}\n{upgrades}"}


async def stored(stage: Stage, files: Mapping[str, str]) -> CompiledPack:
    """Store a version of a pack."""
    pack = await packs.check(files, stage.actions.packs)
    async with stage.units.write() as unit:
        await packs.store(unit, pack, files, stage.clock.now())
        await unit.commit()
    return pack


async def upgraded(stage: Stage, world: str, pack: CompiledPack, who: Principal | None = None) -> Plan:
    """Take a world to a version."""
    upgrading = Upgrading(stage.units, stage.actions.packs)
    return await service.upgrade(upgrading, world, pack, who or stage.people[0], stage.clock.now())
