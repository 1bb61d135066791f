"""Which loads there are, in which order: rounds interleave, so that a slow minute of the machine is everyone's."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bench.measure import Figure, Sample, Target, figure, sample

USERS: Final = 64
Say = Callable[[str], None]
# By load, then by server.
Targets = Mapping[str, Mapping[str, Target]]
# By `<load>_<clients>`, then by server.
Figures = dict[str, dict[str, Figure]]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: of each load, how many clients there are in turn."""

    rounds: int
    seconds: float
    warm_seconds: float
    clients: Mapping[str, tuple[int, ...]]


FULL: Final = Extent(
    rounds=5,
    seconds=3.0,
    warm_seconds=1.0,
    clients={"gather": (1, 16, 64), "hot": (64,), "batch": (1,), "list": (1, 64), "feed": (1, 64)},
)
QUICK: Final = Extent(rounds=3, seconds=2.0, warm_seconds=0.5, clients={"gather": (64,)})


def throughput(extent: Extent, targets: Targets, say: Say) -> Figures:
    """Measure each load on each server that has it, with the bare endpoint among them in each round."""
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for number in range(extent.rounds):
        for load, by_server in targets.items():
            for clients in extent.clients[load]:
                say(f"round {number + 1} of {extent.rounds}: {load}, {clients} clients")
                for name, target in by_server.items():
                    if clients >= target.least:
                        found = sample(target, clients, extent.seconds, extent.warm_seconds)
                        samples[f"{load}_{clients}", name].append(found)
    figures: Figures = defaultdict(dict)
    for (load, name), every in samples.items():
        figures[load][name] = figure(every)
    return dict(figures)
