"""Times pages of a large world and of a small one, turn by turn, for who sees little, and all, and without a scope."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import urlencode

import asyncpg

from bench.scale.filling import fill
from bench.scale.made import Made
from bench.scale.peopled import Peopled, people
from bench.servers import HOST, Served, reality

CHANCE: Final = random.Random(11)  # noqa: S311 - an order, not a secret
VIEWERS: Final = ("unscoped", "rare", "all")
# Of the full size one in 10,000; as many in the small world, so that the same pages are compared.
RARE_EVENTS, RARE_ENTITIES = 100, 10
PAGES: Final = {
    "feed": "feed?limit=50",
    "newest": "entities?kind=crate&limit=20",
    "filtered": "entities?" + urlencode({"kind": "crate", "limit": 20, "filter": "weight == 500 && worth < 900"}),
    "sorted": "entities?"
    + urlencode({"kind": "crate", "limit": 20, "filter": "weight >= 500 && worth < 900", "sort": "-weight"}),
}
Say = Callable[[str], None]
Figures = dict[str, dict[str, dict[str, float]]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is in a world."""

    events: int
    entities: int


@dataclass(frozen=True, slots=True)
class ScaleExtent:
    """The small and the full size, and how often each page is asked for."""

    small: Size
    full: Size
    turns: int


FULL: Final = ScaleExtent(Size(10_000, 1_000), Size(1_000_000, 100_000), turns=150)
USUAL: Final = ScaleExtent(Size(1_000, 1_000), Size(100_000, 100_000), turns=50)
QUICK: Final = ScaleExtent(Size(2_000, 200), Size(100_000, 10_000), turns=50)
# Not counted: what is compiled and cached at the first look.
WARM_TURNS: Final = 5


@contextmanager
def worlds(
    extent: ScaleExtent, folder: Path, postgres: str, say: Say, crowd: int = 0
) -> Iterator[dict[str, dict[str, "Wide"]]]:
    """Yield, by database, a small and a full world, each in a database and behind a server of its own.

    `crowd` is how many more viewers the full one has.
    """
    with ExitStack() as on:
        found: dict[str, dict[str, Wide]] = {"sqlite": {}, "postgresql": {}}
        for name, size in (("small", extent.small), ("full", extent.full)):
            urls = {"sqlite": f"sqlite:///{folder / name}.db", "postgresql": asyncio.run(created(postgres, name))}
            for kind, url in urls.items():
                say(f"filling {kind} with {size.events:,} events and {size.entities:,} entities")
                # Each page is read anew, as after any action: else it would be the cache that is looked at.
                served = on.enter_context(reality(f"{kind}_{name}", folder, url, {"REALITY_PAGE_CACHE_MB": "0"}))
                world = people(served.port, crowd if size is extent.full else 0)
                made = Made(world, size.events, size.entities, RARE_EVENTS, RARE_ENTITIES)
                last = world.position + size.events
                fill(url, (row for rows in (made.crates(), made.events()) for row in rows), world.id, last)
                found[kind][name] = Wide(served, world, url)
        yield found


@dataclass(frozen=True, slots=True)
class Wide:
    """A world that has been filled, its server and its database."""

    served: Served
    world: Peopled
    url: str

    def timed(self, page: str, viewer: str) -> float:
        """Ask for a page and return how many milliseconds it took; raises RuntimeError where it is no success."""
        path = f"/api/v1/worlds/{self.world.id}/{PAGES[page]}"
        connection = HTTPConnection(HOST, self.served.port, timeout=120)
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.world.tokens[viewer]}"})
        answer = connection.getresponse()
        text = answer.read()
        spent = time.perf_counter() - began
        connection.close()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{path}: {answer.status} {text[:1000]!r}")
        return spent * 1000


def scale(extent: ScaleExtent, found: Mapping[str, Mapping[str, Wide]], say: Say) -> Figures:
    """Return, by database and page, the median times in milliseconds and their ratios.

    Turn by turn each viewer asks once at each size, in another order each time, so that whatever else the machine does
    is everyone's.
    """
    times: dict[tuple[str, str, str, str], list[float]] = defaultdict(list)
    for page in PAGES:
        for kind, sizes in found.items():
            say(f"{page} pages at scale on {kind}")
            places = [(viewer, size) for viewer in VIEWERS for size in sizes]
            for turn in range(WARM_TURNS + extent.turns):
                CHANCE.shuffle(places)
                for viewer, size in places:
                    spent = sizes[size].timed(page, viewer)
                    if turn >= WARM_TURNS:
                        times[kind, page, viewer, size].append(spent)
    medians = {place: median(kept) for place, kept in times.items()}
    return {kind: {page: _told(medians, kind, page) for page in PAGES} for kind in found}


def _told(medians: Mapping[tuple[str, str, str, str], float], kind: str, page: str) -> dict[str, float]:
    told: dict[str, float] = {}
    for viewer in VIEWERS:
        small, full = (medians[kind, page, viewer, size] for size in ("small", "full"))
        told |= {f"{viewer}_ms_small": round(small, 2), f"{viewer}_ms_full": round(full, 2)}
        told[f"{viewer}_full_over_small"] = round(full / small, 3)
        if viewer != "unscoped":
            told[f"{viewer}_over_unscoped"] = round(full / medians[kind, page, "unscoped", "full"], 3)
    return told


async def created(url: str, name: str) -> str:
    """Create a database, and return its address."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"{url.rpartition('/')[0]}/{name}"
