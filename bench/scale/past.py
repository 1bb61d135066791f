"""`python -m bench.scale.past`: entities and lists as of random moments of a large world, for several viewers."""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.orm import DeclarativeBase

from bench.scale.filling import fill
from bench.scale.lived import Lived
from bench.scale.made import MOMENT, Row
from bench.scale.measuring import CHANCE, FULL, QUICK, RARE_ENTITIES, RARE_EVENTS, VIEWERS, Size, created
from bench.scale.peopled import Peopled, people
from bench.servers import HOST, Served, reality
from reality_engine.kernel.clock import to_text
from tests import postgres

TURNS: Final = 100
WARM_TURNS: Final = 5
# What is promised, in milliseconds: that nineteen of twenty reads take no longer.
BOUND: Final = 100
Figures = dict[str, dict[str, dict[str, float]]]


class Past:
    """A world that has been filled, with a log and the past of its crates, behind a server."""

    def __init__(self, served: Served, url: str, size: Size) -> None:
        """Fill it."""
        self.served, self.size, self.world = served, size, people(served.port)
        self.lived = Lived(self.world, size.events, size.entities, RARE_EVENTS, RARE_ENTITIES)
        fill(url, self._rows(), self.world.id, self.world.position + size.events)
        _begin_earlier(url, self.world)

    def timed(self, page: str, viewer: str) -> float:
        """Read as of a random moment, and return how many milliseconds it took."""
        number = CHANCE.randrange(self.size.events)
        made = 1 + number * self.size.entities // self.size.events
        nth = self.size.entities // RARE_ENTITIES if viewer == "rare" else 1
        key = self.lived.ids[CHANCE.randrange(-(-made // nth)) * nth]
        asked = f"entities/{key}?" if page == "entity" else "entities?kind=crate&limit=20&"
        as_of = to_text(MOMENT + timedelta(milliseconds=number))
        return self._timed(f"/api/v1/worlds/{self.world.id}/{asked}as_of={as_of}", self.world.tokens[viewer])

    def _timed(self, path: str, token: str) -> float:
        connection = HTTPConnection(HOST, self.served.port, timeout=120)
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read()
        spent = time.perf_counter() - began
        connection.close()
        # What was deleted at that moment, or hidden, is read as well.
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            raise RuntimeError(f"{path}: {answer.status} {text[:1000]!r}")
        return spent * 1000

    def _rows(self) -> Iterator[tuple[type[DeclarativeBase], Row]]:
        yield from self.lived.crates()
        yield from self.lived.log()


def measured(past: Past) -> dict[str, dict[str, float]]:
    """Return the figures of each page and viewer."""
    found: dict[str, dict[str, float]] = {}
    for page in ("entity", "list"):
        for viewer in VIEWERS:
            times = [past.timed(page, viewer) for _ in range(WARM_TURNS + TURNS)][WARM_TURNS:]
            worst = quantiles(times, n=20)[-1]
            found[f"{page} {viewer}"] = {"p50": round(median(times), 2), "p95": round(worst, 2)}
    return found


def main() -> None:
    """Measure, and print the figures as JSON; exit 1 where one is beyond its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale.past")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    size = (QUICK if parser.parse_args().quick else FULL).full
    figures: Figures = {}
    with (
        tempfile.TemporaryDirectory(prefix="reality-bench-") as folder,
        postgres.running(durable=True) as server,
    ):
        urls = {"sqlite": f"sqlite:///{folder}/past.db", "postgresql": asyncio.run(created(server.url(), "past"))}
        for kind, url in urls.items():
            with reality(f"{kind}_past", Path(folder), url, {"REALITY_PAGE_CACHE_MB": "0"}) as served:
                figures[kind] = measured(Past(served, url, size))
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    slow = [f"{kind} {what}" for kind, by in figures.items() for what, one in by.items() if one["p95"] > BOUND]
    sys.exit(f"beyond {BOUND} ms: {', '.join(slow)}" if slow else 0)


def _begin_earlier(url: str, world: Peopled) -> None:
    """Have what happened over HTTP, before the world was filled, happen before what fills it."""
    moment = MOMENT - timedelta(hours=1)
    if make_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(make_url(url).database))) as connection, connection:
            query = "UPDATE events SET recorded_at = ? WHERE world = ? AND position <= ?"
            connection.execute(query, (to_text(moment), world.id, world.position))
        return

    async def update() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        query = "UPDATE events SET recorded_at = $1 WHERE world = $2 AND position <= $3"
        await connection.execute(query, moment, world.id, world.position)
        await connection.close()

    asyncio.run(update())


if __name__ == "__main__":
    main()
