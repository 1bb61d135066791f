"""`python -m bench`, which is `make bench`: starts the servers, measures, prints, and saves.

The JSON of `--json` has: `machine`, `commit`, `durability` (by database), `extent` (what was measured for how long),
`figures` (by `<load>_<clients>`, then by server: rate a second, percentiles in ms, shares of the processors), `ratios`
(`<load>_<database>_<clients>`: rate over the bare endpoint's), `growth`, `scaled` and `scale` (sizes; by database and
page the medians in ms of who sees little, all, and without a scope; the time at full size over that at a hundredth,
and over the same without a scope) and `servers` (start in seconds, memory in MB).
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import servers
from bench.durability import durability
from bench.prepared import Preparer
from bench.report import machine, ratios, show
from bench.scale import measuring as scaling
from bench.scenarios import FULL, PLAYERS, QUICK, Extent, growth, throughput
from bench.servers import ROOT, Served
from tests import postgres


def main() -> int:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the product beside a bare endpoint.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, and a tenth of the world")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save all figures")
    options = parser.parse_args()
    report = measured(QUICK if options.quick else FULL, scaling.QUICK if options.quick else scaling.FULL)
    show(report)
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0


def measured(extent: Extent, scaled: scaling.ScaleExtent) -> dict[str, Any]:
    """Start everything, measure all of it, and return the report."""
    with (
        tempfile.TemporaryDirectory(prefix="reality-bench-") as name,
        _databases(Path(name)) as urls,
        ExitStack() as on,
    ):
        bare = on.enter_context(servers.echo(Path(name)))
        started = [on.enter_context(servers.reality(kind, Path(name), url)) for kind, url in urls.items()]
        settings = {kind: asyncio.run(durability(url)) for kind, url in urls.items()}
        idle = {served.name: served.memory_mb for served in started}
        _say("making worlds")
        preparers = {served: Preparer(served.port, PLAYERS) for served in started}
        figures = throughput(extent, bare, {served: one.world() for served, one in preparers.items()}, _say)
        plain = {load: {key: asdict(one) for key, one in found.items()} for load, found in figures.items()}
        return {
            "machine": machine(), "commit": _commit(), "durability": settings, "extent": asdict(extent),
            "figures": plain, "ratios": ratios(plain), "growth": growth(extent, preparers, _say),
            "scaled": asdict(scaled), "scale": _scale(scaled, Path(name), urls["postgresql"]),
            "servers": {served.name: _about(served, idle[served.name]) for served in started},
        }  # fmt: skip


def _scale(extent: scaling.ScaleExtent, folder: Path, postgresql: str) -> scaling.Figures:
    with scaling.worlds(extent, folder, postgresql, _say) as found:
        return scaling.scale(extent, found, _say)


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    """Yield a fresh database of each kind, on a PostgreSQL that waits for its disk."""
    with postgres.running(durable=True) as server:
        yield {"sqlite": f"sqlite:///{folder / 'reality.db'}", "postgresql": server.url()}


def _about(served: Served, idle: float) -> dict[str, float]:
    return {"start_seconds": served.start_seconds, "idle_mb": idle, "loaded_mb": served.memory_mb}


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return done.stdout.strip() or "unknown"


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    sys.exit(main())
