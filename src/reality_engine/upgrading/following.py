"""Has worlds that follow their pack go to a version that was just stored, where nothing stands in the way."""

import asyncio
import logging
from dataclasses import dataclass, field

from reality_engine.db.unit import ReadUnit
from reality_engine.directory import repository as directory
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import WORLD
from reality_engine.packs import repository as versions
from reality_engine.packs import service as packs
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.upgrades import order_of
from reality_engine.state import repository as state
from reality_engine.upgrading import service
from reality_engine.upgrading.service import Upgrading

logger = logging.getLogger(__name__)

SETTING = "upgrades"
FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a world: it went on to the version, or why it did not."""

    world: str
    error: RealityError | None = None


async def candidates(upgrading: Upgrading, pack: CompiledPack, *, followers: bool) -> list[str]:
    """Return the worlds that run an earlier version of a pack; with `followers` those that follow it alone."""
    found = []
    async with upgrading.units.read() as unit:
        for digest in await directory.packs_in_use(unit):
            about = await versions.get_version(unit, digest)
            if about.name == pack.name and order_of(about.version) < order_of(pack.version):
                found += await directory.list_running(unit, digest)
        if followers:
            found = [world for world in found if await _follows(unit, world)]
    return found


async def upgrade_all(upgrading: Upgrading, pack: CompiledPack, clock: Clock, *, followers: bool) -> list[Outcome]:
    """Take worlds to a version, one after the other; what stands in the way of one holds up no other."""
    outcomes = []
    for world in await candidates(upgrading, pack, followers=followers):
        try:
            await service.upgrade(upgrading, world, pack, WORLD, clock.now())
        except RealityError as error:
            logger.warning("world %s stays where it is: %s", world, error.message)
            outcomes.append(Outcome(world, error))
        else:
            logger.info("world %s went on to %s %s", world, pack.name, pack.version)
            outcomes.append(Outcome(world))
    return outcomes


@dataclass
class Followers:
    """Woken where a version was stored, has the worlds follow that want to, while nobody waits for it."""

    upgrading: Upgrading
    clock: Clock
    _tasks: "set[asyncio.Task[None]]" = field(default_factory=set)

    def wake(self, digest: str) -> None:
        """Begin; errors are logged."""
        task = asyncio.get_running_loop().create_task(self._follow(digest))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait for all that was begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """End what goes on; of an upgrade that is not through, nothing is left."""
        for task in self._tasks:
            task.cancel()
        await self.settle()

    async def _follow(self, digest: str) -> None:
        try:
            async with self.upgrading.units.read() as unit:
                pack = await packs.load(unit, digest, self.upgrading.cache)
            await upgrade_all(self.upgrading, pack, self.clock, followers=True)
        except Exception:
            logger.exception("worlds could not follow their pack")


async def _follows(unit: ReadUnit, world: str) -> bool:
    settings = (await state.entities_with_secrets(unit, world, [WORLD_ENTITY])).get(WORLD_ENTITY)
    return settings is not None and settings.get(SETTING) == FOLLOW
