"""Measures what one action costs the processor before anything is stored, stage by stage; no database, no server.

Run as `python -m bench.deciding [SCENE ...]`, a scene being an action that `acts` prepares; `--profile` tells where
the time goes.
"""

import argparse
import cProfile
import pstats
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from timeit import repeat
from typing import Any, Final

from bench.acts import NOW, SCENES, Prepared, prepared
from reality_engine.actions.events import events_of
from reality_engine.eventlog.chain import GENESIS, link, sealed_body
from reality_engine.eventlog.event import Event, Head
from reality_engine.kernel.chance import secret_draws
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted
from reality_engine.visibility.parts import facets_of

ROUNDS: Final = 3_000
WARM: Final = 500
SHOWN: Final = 40
STAGES: Final = ("decide", "events", "seal", "parts")


class Stopwatch:
    """Notes how long each stage takes, each time, in nanoseconds."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self.found: dict[str, list[int]] = {stage: [] for stage in STAGES}
        self._began = 0

    def start(self) -> None:
        """Begin the first stage."""
        self._began = perf_counter_ns()

    def lap(self, stage: str) -> None:
        """End a stage, and begin the next."""
        self.found[stage].append(perf_counter_ns() - self._began)
        self.start()


def act(one: Prepared, watch: Stopwatch) -> Sequence[Event]:
    """Do all that happens to an action before it is stored."""
    head = Head(1000, GENESIS, 0, one.pack.digest, NOW)
    draws = secret_draws()
    watch.start()
    decision = decide(one.pack, one.request, one.facts, NOW, draws())
    watch.lap("decide")
    if not isinstance(decision, Accepted):
        raise TypeError(str(decision))
    events = events_of(decision.events, head, one.pack.digest, one.request.principal, NOW)
    watch.lap("events")
    digest = head.digest
    for event in events:
        body, _ = sealed_body(event)
        digest = link(digest, body)
    watch.lap("seal")
    for event in events:
        facets_of(event)
    watch.lap("parts")
    return events


def measured(name: str, one: Prepared) -> Iterator[str]:
    """Yield one line with the median of each stage, and of all together.

    The yardstick, the sum of a thousand numbers in µs, tells how fast the machine is just then.
    """
    for _ in range(WARM):
        act(one, Stopwatch())
    watch = Stopwatch()
    events = [act(one, watch) for _ in range(ROUNDS)][-1]
    whole = median(map(sum, zip(*watch.found.values(), strict=True)))
    yardstick = min(repeat(lambda: sum(range(1_000)), number=1_000, repeat=5)) * 1_000
    figures = "  ".join(f"{stage} {median(times) / 1000:6.1f}" for stage, times in watch.found.items())
    yield f"{name:16} {figures}  all {whole / 1000:6.1f} µs  ({len(events)} events; yardstick {yardstick:.1f})"


def profiled(one: Prepared) -> Iterator[str]:
    """Yield the functions that take the most time by themselves: calls, µs in it, µs with what it calls."""
    profiler, watch = cProfile.Profile(), Stopwatch()
    profiler.enable()
    for _ in range(ROUNDS):
        act(one, watch)
    profiler.disable()
    rows: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    for (file, line, function), found in sorted(rows.items(), key=lambda item: -item[1][2])[:SHOWN]:
        where = "/".join(Path(file).parts[-2:])
        calls, itself, whole = (part / ROUNDS for part in found[1:4])
        yield f"  {calls:6.1f} {itself * 1e6:7.2f} {whole * 1e6:7.2f}  {where}:{line} {function}"


def main() -> None:
    """Measure the scenes that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m bench.deciding", description="Measure deciding, stage by stage.")
    parser.add_argument("scenes", nargs="*", help=f"which to measure, of {', '.join(SCENES)}")
    parser.add_argument("--profile", action="store_true", help="tell where the time goes")
    options = parser.parse_args()
    for name in options.scenes or SCENES:
        one = prepared(SCENES[name])
        for lines in (measured(name, one), profiled(one) if options.profile else ()):
            sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    main()
