"""Runs one load against one server, and sums up several; not which loads there are."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from bench.load import Asked, Order
from bench.servers import ROOT, Served

EXTRA_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Target:
    """A server and what each client, by its number, asks of it; `worth` is how many actions an answer stands for.

    It is measured with at least so many clients, for at least so many seconds.
    """

    served: Served
    request: Callable[[int], str]
    worth: int = 1
    least: int = 1
    seconds: float = 0.0

    def clients(self, count: int) -> list[Asked]:
        """Return what so many clients ask, spread over the ports of the server."""
        ports = self.served.ports
        return [Asked(port=ports[number % len(ports)], request=self.request(number)) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Window:
    """How long answers are counted, and what goes before; `enough` of them, where it is not 0, end it early."""

    seconds: float
    warm_seconds: float
    enough: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What one load came to: rate a second, times in milliseconds, processor's microseconds for each one counted.

    The share of the generator is of all the processors of the machine.
    """

    rate: float
    times: tuple[float, ...]
    generator_share: float
    server_us: float
    database_us: float


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of several samples; percentiles are of all their times together."""

    rate: float
    lowest: float
    highest: float
    p50: float
    p95: float
    p99: float
    generator_share: float
    server_us: float
    database_us: float
    answers: int


def sample(target: Target, clients: int, window: Window) -> Sample:
    """Load a server; raises RuntimeError where any answer is not a success, or there is none."""
    served, seconds = target.served, max(window.seconds, target.seconds)
    order = Order(
        clients=target.clients(clients), enough=window.enough, warm_seconds=window.warm_seconds, seconds=seconds,
        watched={"server": list(served.processes), "database": list(served.database)},
    )  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bench.load"],
            cwd=ROOT, input=json.dumps(order), text=True, stdout=subprocess.PIPE, check=True,
            timeout=window.warm_seconds + seconds + EXTRA_SECONDS,
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        raise RuntimeError(f"{served.name}: {error}") from error
    told: dict[str, Any] = json.loads(done.stdout)
    if told["failures"] or not told["times"]:
        raise RuntimeError(f"{served.name}: {told['failures']} requests failed: {told['first_failure']}")
    counted = len(told["times"]) * target.worth
    server, database = (told["watched"][name] / counted * 1e6 for name in ("server", "database"))
    share = told["cpu_seconds"] / ((os.cpu_count() or 1) * told["seconds"])
    # Where answers are few, those at both ends of the window weigh too much: their own times are what counts.
    spent = sum(told["times"]) / 1000 / clients if target.worth > 1 else told["seconds"]
    return Sample(counted / spent, tuple(told["times"]), share, server, database)


def figure(samples: Sequence[Sample]) -> Figure:
    """Sum up the samples of one load."""
    rates = [one.rate for one in samples]
    times = [time for one in samples for time in one.times]
    cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return Figure(
        rate=round(median(rates), 1), lowest=round(min(rates), 1), highest=round(max(rates), 1),
        p50=round(cuts[49], 2), p95=round(cuts[94], 2), p99=round(cuts[98], 2),
        generator_share=round(median(one.generator_share for one in samples), 3),
        server_us=round(median(one.server_us for one in samples), 1),
        database_us=round(median(one.database_us for one in samples), 1),
        answers=len(times),
    )  # fmt: skip
