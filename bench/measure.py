"""Runs one load against one server, and sums up several; not which loads there are."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, Final

from bench.load import Order
from bench.servers import ROOT, Served

EXTRA_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Sample:
    """What one load came to. The share of the generator is of all the processors of the machine."""

    rate: float
    times: tuple[float, ...]
    generator_share: float
    server_share: float


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of several samples; percentiles are of all their times together, in milliseconds."""

    rate: float
    lowest: float
    highest: float
    p50: float
    p95: float
    p99: float
    generator_share: float
    server_share: float
    answers: int


def sample(served: Served, requests: Sequence[str], seconds: float, warm_seconds: float) -> Sample:
    """Load a server; raises RuntimeError where any answer is not a success, or there is none."""
    order = Order(port=served.port, requests=list(requests), warm_seconds=warm_seconds, seconds=seconds)
    before = served.cpu_seconds
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT, input=json.dumps(order), text=True, stdout=subprocess.PIPE, check=True,
        timeout=warm_seconds + seconds + EXTRA_SECONDS,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    if told["failures"] or not told["times"]:
        raise RuntimeError(f"{served.name}: {told['failures']} requests failed: {told['first_failure']}")
    whole = (os.cpu_count() or 1) * told["seconds"]
    server = (served.cpu_seconds - before) / ((os.cpu_count() or 1) * (warm_seconds + told["seconds"]))
    rate = len(told["times"]) / told["seconds"]
    return Sample(rate, tuple(told["times"]), told["cpu_seconds"] / whole, server)


def figure(samples: Sequence[Sample]) -> Figure:
    """Sum up the samples of one load."""
    rates = [one.rate for one in samples]
    times = [time for one in samples for time in one.times]
    cuts = quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return Figure(
        rate=round(median(rates), 1), lowest=round(min(rates), 1), highest=round(max(rates), 1),
        p50=round(cuts[49], 2), p95=round(cuts[94], 2), p99=round(cuts[98], 2),
        generator_share=round(median(one.generator_share for one in samples), 3),
        server_share=round(median(one.server_share for one in samples), 3),
        answers=len(times),
    )  # fmt: skip
