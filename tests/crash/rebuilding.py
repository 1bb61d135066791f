"""Rebuilds a world in small steps, of each of which it tells, in a process that may be killed (`forked`)."""

from datetime import UTC, datetime

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.packs.cache import PackCache
from reality_engine.projection.rebuild import Rebuilding, Sizes, rebuild
from tests.crash.forked import again_and_again, say


async def _rebuild(url: str, world: str) -> None:
    engines = open_engines(url)
    work = Rebuilding(Units(engines), PackCache(), "1", lambda what, _: say(what), Sizes(10, 30))
    await rebuild(work, world, datetime.now(UTC))
    await engines.close()


if __name__ == "__main__":
    again_and_again(_rebuild)
