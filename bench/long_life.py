"""What a long log costs: an action in it, memory, replaying, starting again; rates of loads are in `loads`."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from bench import servers
from bench.commons import World
from bench.loads import USERS, WARM_UP_SECONDS, Say
from bench.measure import Target, Window, sample
from bench.prepared import Product
from bench.replaying import replayed

SETTLERS: Final = slice(16)
STARTS: Final = 3


@dataclass(frozen=True, slots=True)
class LifeExtent:
    """How long the logs are that are compared, and how long one waits for the longer at most."""

    young: int
    old: int
    patience_seconds: float
    rounds: int
    seconds: float


FULL: Final = LifeExtent(young=1_000, old=1_000_000, patience_seconds=900, rounds=6, seconds=2.0)
USUAL: Final = LifeExtent(young=1_000, old=100_000, patience_seconds=120, rounds=6, seconds=2.0)


def life(extent: LifeExtent, kind: str, product: Product, folder: Path, say: Say) -> dict[str, float]:
    """Let a world grow old, and measure beside a young one, turn by turn."""
    worlds = [product.settlers.world(SETTLERS) for _ in ("young", "old")]
    say(f"letting a log grow on {kind}")
    lengths = (extent.young, extent.old)
    reached = [_lengthen(product, *one, extent.patience_seconds) for one in zip(worlds, lengths, strict=True)]
    loaded = product.served.memory_mb
    say(f"growth, replaying and starting again on {kind}: {reached[1]:,} events")
    young, old = _times(extent, product, worlds)
    return {
        "young_events": reached[0], "old_events": reached[1],
        "young_p50_ms": round(young, 3), "old_p50_ms": round(old, 3), "old_over_young": round(old / young, 3),
        "idle_mb": product.idle_mb, "loaded_mb": loaded,
        **asyncio.run(replayed(product.url, worlds[1].id)),
        **_started(kind, product, worlds[1], folder),
    }  # fmt: skip


def _lengthen(product: Product, world: World, events: int, patience: float) -> int:
    """Gather until the log has at least so many events or patience is at its end; return how many it has."""
    missing = events - product.settlers.position(world)
    if missing > 0:
        sample(Target(product.served, world.spread), USERS, Window(patience, 0.2, enough=missing))
    return product.settlers.position(world)


def _times(extent: LifeExtent, product: Product, worlds: list[World]) -> list[float]:
    """Return the median time of one client's action in each world."""
    times: list[list[float]] = [[] for _ in worlds]
    for _ in range(extent.rounds):
        for kept, world in zip(times, worlds, strict=True):
            kept.extend(sample(Target(product.served, world.spread), 1, Window(extent.seconds, 0.5)).times)
    return [median(kept) for kept in times]


def _started(kind: str, product: Product, world: World, folder: Path) -> dict[str, float]:
    """Start the product once more on the database as it is now, and have it do one action in the world."""
    starts, acted, idle = [], [], []
    for _ in range(STARTS):
        with servers.reality(f"cold_{kind}", folder, product.url) as served:
            idle.append(served.memory_mb)
            first = sample(Target(served, world.spread), 1, Window(WARM_UP_SECONDS, 0.0, enough=1))
            starts.append(served.start_seconds)
            acted.append(served.start_seconds + first.times[0] / 1000)
    action = round(median(acted), 2)
    return {"cold_start_seconds": median(starts), "cold_action_seconds": action, "cold_idle_mb": median(idle)}
