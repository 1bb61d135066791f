"""Which loads there are, in which order: rounds interleave, so that a slow minute of the machine is everyone's."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.measure import Figure, Sample, figure, sample
from bench.prepared import Preparer, World, echoed
from bench.servers import Served

PLAYERS: Final = 64
Say = Callable[[str], None]
# By scenario and number of clients, then by server.
Figures = dict[str, dict[str, Figure]]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    rounds: int
    seconds: float
    warm_seconds: float
    clients: Mapping[str, tuple[int, ...]]
    growth: tuple[int, ...]  # the lengths of log to compare, the shortest first
    growth_rounds: int


# A window must be longer than the slowest answer: with 64 clients one takes nearly two seconds as yet.
FULL: Final = Extent(
    rounds=3,
    seconds=3.0,
    warm_seconds=1.0,
    clients={"action": (1, 16, 64), "feed": (1, 16), "list": (1, 16)},
    growth=(100, 10_000),
    growth_rounds=5,
)
QUICK: Final = Extent(rounds=2, seconds=3.0, warm_seconds=0.5, clients={"action": (64,)}, growth=(), growth_rounds=0)


def throughput(extent: Extent, bare: Served, worlds: Mapping[Served, World], say: Say) -> Figures:
    """Measure each kind of request on each server, with the bare endpoint among them in each round."""
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for number in range(extent.rounds):
        for scenario, counts in extent.clients.items():
            for clients in counts:
                say(f"round {number + 1} of {extent.rounds}: {scenario}, {clients} clients")
                loads = [(bare, echoed), *((served, _request(world, scenario)) for served, world in worlds.items())]
                for served, request in loads:
                    asked = [request(client) for client in range(clients)]
                    found = sample(served, asked, extent.seconds, extent.warm_seconds)
                    samples[f"{scenario}_{clients}", served.name].append(found)
    figures: Figures = defaultdict(dict)
    for (load, name), found_all in samples.items():
        figures[load][name] = figure(found_all)
    return figures


def growth(extent: Extent, preparers: Mapping[Served, Preparer], say: Say) -> dict[str, dict[str, float]]:
    """Time the action of one client in a young and in an old world of the same server, turn by turn."""
    found: dict[str, dict[str, float]] = {}
    if not extent.growth:
        return found
    for served, preparer in preparers.items():
        worlds = [preparer.world(players=1) for _ in extent.growth]
        for world, events in zip(worlds, extent.growth, strict=True):
            say(f"growth on {served.name}: {events} events")
            preparer.lengthen(world, events)
        times: list[list[float]] = [[] for _ in worlds]
        for _ in range(extent.growth_rounds):
            for kept, world in zip(times, worlds, strict=True):
                kept.extend(sample(served, [world.work(0)], extent.seconds, extent.warm_seconds / 2).times)
        medians = [median(kept) for kept in times]
        told = {f"p50_ms_at_{events}": round(one, 2) for events, one in zip(extent.growth, medians, strict=True)}
        found[served.name] = {**told, "ratio": round(medians[-1] / medians[0], 3)}
    return found


def _request(world: World, scenario: str) -> Callable[[int], str]:
    return {"action": world.work, "feed": world.feed, "list": world.crates}[scenario]
