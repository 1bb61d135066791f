"""Upgrades a world in small steps, of each of which it tells, in a process that may be killed (`forked`)."""

from datetime import UTC, datetime

from reality_engine.actions.appending import HeldLog
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.principal import WORLD
from reality_engine.packs.cache import PackCache
from reality_engine.upgrading import service
from reality_engine.upgrading.service import Upgrading
from tests.crash.forked import again_and_again, say


async def _step(log: HeldLog) -> None:
    say(f"at {log.head.position}")


async def _upgrade(url: str, world: str) -> None:
    engines = open_engines(url)
    upgrading = Upgrading(Units(engines), PackCache(), 1, _step)
    async with upgrading.units.read() as unit:
        pack = await service.wanted(unit, world, None, upgrading.cache)
    await service.upgrade(upgrading, world, pack, WORLD, datetime.now(UTC))
    await engines.close()


if __name__ == "__main__":
    again_and_again(_upgrade)
