"""Upgrades a world in small steps, once for each line on its input, in a process of its own that may be killed.

Tells the id of that process, and of each step. It is forked from one that has everything loaded already.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

from reality_engine.actions.appending import HeldLog
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.principal import WORLD
from reality_engine.packs.cache import PackCache
from reality_engine.upgrading import service
from reality_engine.upgrading.service import Upgrading
from tests.crash.rebuilding import say


async def _step(log: HeldLog) -> None:
    say(f"at {log.head.position}")


async def _upgrade(url: str, world: str) -> None:
    engines = open_engines(url)
    upgrading = Upgrading(Units(engines), PackCache(), 1, _step)
    async with upgrading.units.read() as unit:
        pack = await service.wanted(unit, world, None, upgrading.cache)
    await service.upgrade(upgrading, world, pack, WORLD, datetime.now(UTC))
    await engines.close()
    say("done")


def main() -> None:
    """Upgrade, again and again."""
    _, url, world = sys.argv
    say("ready")
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(_upgrade(url, world))
            os._exit(0)
        say(str(child))
        os.waitpid(child, 0)
        say("over")


if __name__ == "__main__":
    main()
