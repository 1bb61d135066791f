"""`python -m bench.audience_storage`: loads a world in both designs on both databases, and times pages of it.

Repeats the reads and sizes of the decision record; its rates of writing came from a longer program and are not here.
Takes about four minutes and two gigabytes of disk with a million events; `--events 100000` is a quick look.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import UUID

from bench.audience_storage.designs import page, rows, tables
from bench.audience_storage.made import CHANCE, KINDS, WORLD, Part, made, viewer
from bench.audience_storage.stores import Lite, Postgres, Store
from tests import postgres

VIEWERS: Final = 8
TURNS: Final = 24
BUDGET_SECONDS: Final = 8.0


async def measure(store: Store, design: str, feed: list[Part], things: list[Part]) -> dict[str, Any]:
    """Load a world in one design, and time pages of it."""
    lite = store.name == "sqlite"
    for statement in tables(design, lite=lite):
        await store.fetch(statement)
    for table, found in rows(design, WORLD, feed, things).items():
        await store.load(table, found)
    await store.settle()
    CHANCE.seed(11)
    viewers = [viewer() for _ in range(VIEWERS)]
    told: dict[str, Any] = {"design": design, "megabytes": await store.megabytes()}
    for what in ("feed", "list"):
        told[f"{what}_ms"] = await timed(store, page(design, what, lite=lite), what, viewers, len(feed))
    return told


async def timed(store: Store, query: str, what: str, viewers: list[list[str]], events: int) -> float:
    """Return the median time of a page in milliseconds; the first of each viewer is not counted."""
    times: list[float] = []
    began = time.perf_counter()
    for turn in range(TURNS + VIEWERS):
        keys = viewers[turn % VIEWERS]
        before = events + 1 if what == "feed" else UUID(int=2**127 - 1)
        given = json.dumps(keys) if store.name == "sqlite" else keys
        kind = () if what == "feed" else (KINDS[turn % len(KINDS)],)
        start = time.perf_counter()
        await store.fetch(query, WORLD, before, given, *kind)
        if turn >= VIEWERS:
            times.append((time.perf_counter() - start) * 1000)
        if times and time.perf_counter() - began > BUDGET_SECONDS:
            break
    return round(median(times), 3)


async def compare(events: int, entities: int) -> None:
    """Print one JSON object for each mix, database and design."""
    for mix in ("game", "workspace"):
        feed, things = made(mix, events, entities)
        for design in ("A", "B"):
            with tempfile.TemporaryDirectory(prefix="reality-audiences-") as folder:
                lite = Lite(Path(folder))
                _say({"database": "sqlite", "mix": mix, **await measure(lite, design, feed, things)})
                lite.close()
            with postgres.running(durable=True) as server:
                store = await Postgres.at(server.url())
                _say({"database": "postgresql", "mix": mix, **await measure(store, design, feed, things)})
                await store.close()


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m bench.audience_storage")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--entities", type=int, default=100_000)
    options = parser.parse_args()
    asyncio.run(compare(options.events, options.entities))


if __name__ == "__main__":
    main()
