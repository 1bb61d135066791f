"""Which loads there are, in which order: rounds interleave, so that a slow minute of the machine is everyone's."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from bench.measure import Figure, Sample, Target, Window, figure, sample

USERS: Final = 64
WARM_UP_SECONDS: Final = 60
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
    rounds=3,
    seconds=3.0,
    warm_seconds=1.0,
    clients={
        "gather": (1, 16, 64),
        "hot": (64,),
        "batch": (1,),
        "list": (1, 64),
        "feed": (1, 64),
        "list_again": (64,),
        "feed_again": (64,),
    },
)
QUICK: Final = Extent(rounds=3, seconds=2.0, warm_seconds=0.5, clients={"gather": (64,)})


def throughput(extent: Extent, targets: Targets, notes: list[str], say: Say) -> Figures:
    """Measure each load on each server that has it, with the bare endpoint among them in each round.

    A load that fails on a server is noted, and left out from then on. Before the rounds every client is answered once:
    the first request to a process makes it compile the pack, which takes longer than a round.
    """
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    left = {load: dict(by_server) for load, by_server in targets.items()}
    for load in left:
        say(f"warming up: {load}")
        clients = max(extent.clients[load])
        _each(left, load, clients, notes, Window(WARM_UP_SECONDS, 0.0, enough=clients))
    window = Window(extent.seconds, extent.warm_seconds)
    for number in range(extent.rounds):
        for load in left:
            for clients in extent.clients[load]:
                say(f"round {number + 1} of {extent.rounds}: {load}, {clients} clients")
                for name, found in _each(left, load, clients, notes, window).items():
                    samples[f"{load}_{clients}", name].append(found)
    figures: Figures = defaultdict(dict)
    for (load, name), every in samples.items():
        figures[load][name] = figure(every)
    return {load: by_server for load, by_server in figures.items() if "echo" in by_server}


def _each(
    left: dict[str, dict[str, Target]], load: str, clients: int, notes: list[str], window: Window
) -> dict[str, Sample]:
    """Measure a load on each server that is left, and take away those on which it fails."""
    found = {}
    for name, target in list(left[load].items()):
        if clients >= target.least:
            try:
                found[name] = sample(target, clients, window)
            except RuntimeError as error:
                notes.append(f"{load} with {clients} clients: {error}")
                del left[load][name]
    return found
