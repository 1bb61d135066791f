"""How fast a log is read again: played alone, and held to everything that is stored; in this process, no server."""

from collections.abc import Awaitable, Callable
from time import perf_counter

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.packs.cache import PackCache
from reality_engine.projection.playing import folded
from reality_engine.projection.verify import verify


async def replayed(url: str, world: str) -> dict[str, float]:
    """Return how many events a second are replayed, and verified; raises IntegrityError where the log is not whole."""
    engines = open_engines(url)
    try:
        async with Units(engines).read() as unit:
            return {
                "replay_events_a_second": await _rate(_replay, unit, world),
                "verify_events_a_second": await _rate(_verify, unit, world),
            }
    finally:
        await engines.close()


async def _rate(work: Callable[[ReadUnit, str], Awaitable[int]], unit: ReadUnit, world: str) -> float:
    began = perf_counter()
    events = await work(unit, world)
    return round(events / (perf_counter() - began))


async def _replay(unit: ReadUnit, world: str) -> int:
    """Read the log, check its chain and its seals, and fold it into the entities that it makes."""
    head = await eventlog.get_head(unit, world)
    await folded(unit, world, head)
    return head.position


async def _verify(unit: ReadUnit, world: str) -> int:
    return (await verify(unit, world, PackCache())).events
