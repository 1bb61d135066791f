"""Starts every server, fills every database, and says what is asked of which; measures nothing."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import psutil

from bench import servers
from bench.api import get
from bench.commons import BATCH, Settlers
from bench.durability import durability, durability_of_product
from bench.loads import USERS, Say, Targets
from bench.measure import Target
from bench.scale.measuring import Wide
from bench.servers import Served
from bench.template import filling
from bench.template.database import open_engine as open_template
from tests import postgres

# A batch of a thousand takes long: fewer answers than in other loads are in a window.
BATCH_SECONDS: Final = 6.0
Settings = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Databases:
    """Where the databases are, by kind; `postgres` is the process of PostgreSQL."""

    folder: Path
    urls: Mapping[str, str]
    postgres: int

    def served(self, kind: str, served: Served) -> Served:
        """Return a server with the processes of its database, so that they are counted with it."""
        return served.beside(self.postgres) if kind == "postgresql" else served


@dataclass(frozen=True, slots=True)
class Product:
    """The product on one kind of database."""

    url: str
    served: Served
    settlers: Settlers
    idle_mb: float


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """Yield a fresh database of each kind, on a PostgreSQL that waits for its disk."""
    with postgres.running(durable=True) as server:
        urls = {"sqlite": f"sqlite:///{folder / 'reality.db'}", "postgresql": server.url()}
        process = next(one.pid for one in psutil.Process().children() if one.name() == "postgres")
        yield Databases(folder, urls, process)


def products(on: ExitStack, where: Databases, say: Say) -> dict[str, Product]:
    """Start the product on each database, with its users."""
    found = {}
    for kind, url in where.urls.items():
        say(f"starting on {kind}")
        served = where.served(kind, on.enter_context(servers.reality(kind, where.folder, url)))
        idle = served.memory_mb
        found[kind] = Product(url, served, Settlers(served.port, USERS), idle)
    return found


def acting(found: Mapping[str, Product], say: Say) -> dict[str, dict[str, Target]]:
    """Return the loads that act on the product."""
    targets: dict[str, dict[str, Target]] = {"gather": {}, "hot": {}, "batch": {}}
    for kind, product in found.items():
        say(f"making a world on {kind}")
        world = product.settlers.world()
        targets["gather"][kind] = Target(product.served, world.spread)
        targets["hot"][kind] = Target(product.served, world.hot)
        product.settlers.check_batch(world)
        targets["batch"][kind] = Target(product.served, world.batch, worth=BATCH, seconds=BATCH_SECONDS)
    return targets


def two_workers(on: ExitStack, where: Databases, product: Product) -> dict[str, Target]:
    """Return two processes on one PostgreSQL, each with a world of its own, and two behind one port."""
    halves = [product.settlers.world(half) for half in (slice(0, USERS, 2), slice(1, USERS, 2))]

    def request(client: int) -> str:
        return halves[client % 2].spread(client // 2)

    url, folder = where.urls["postgresql"], where.folder
    pair = [on.enter_context(servers.reality(f"postgresql_{number}", folder, url)) for number in (1, 2)]
    found = {"postgresql_two": Target(where.served("postgresql", servers.together("two", pair)), request, least=USERS)}
    behind = on.enter_context(servers.reality("postgresql_workers", folder, url, options=("--workers", "2")))
    found["postgresql_workers"] = Target(where.served("postgresql", behind), request, least=USERS)
    return found


def reading(on: ExitStack, wide: Mapping[str, Mapping[str, Wide]], where: Databases) -> dict[str, dict[str, Target]]:
    """Return the loads that read pages of the large worlds, each client as another member: anew, and again."""
    targets: dict[str, dict[str, Target]] = {"list": {}, "feed": {}, "list_again": {}, "feed_again": {}}
    for kind, sizes in wide.items():
        full = sizes["full"]
        keeping = on.enter_context(servers.reality(f"{kind}_again", where.folder, full.url))
        for load, page in (("list", "entities?kind=crate&limit=20"), ("feed", "feed?limit=20")):

            def request(client: int, full: Wide = full, page: str = page) -> str:
                return get(f"/api/v1/worlds/{full.world.id}/{page}", full.world.crowd[client])

            targets[load][kind] = Target(where.served(kind, full.served), request)
            targets[f"{load}_again"][kind] = Target(where.served(kind, keeping), request)
    return targets


def templates(on: ExitStack, where: Databases, crates: int, say: Say) -> tuple[dict[str, dict[str, Target]], Settings]:
    """Start the usual service on each database; return its loads, and how durable it is."""
    targets: dict[str, dict[str, Target]] = {"gather": {}, "hot": {}, "list": {}}
    settings = {}
    for kind, url in asyncio.run(_template_urls(where)).items():
        name = f"template_{kind}"
        say(f"filling {name}")
        asyncio.run(filling.fill(url, USERS, crates))
        settings[name] = asyncio.run(durability(open_template(url)))
        started = servers.uvicorn(name, "bench.template.app:app", where.folder, {"TEMPLATE_DATABASE_URL": url})
        served = where.served(kind, on.enter_context(started))
        targets["gather"][name] = Target(served, filling.gathering)
        targets["hot"][name] = Target(served, filling.crowding)
        targets["list"][name] = Target(served, filling.listing)
    return targets, settings


def settings_of(found: Mapping[str, Product]) -> Settings:
    """Return how durable the product's databases are; raises RuntimeError where a commit may be lost."""
    return {kind: asyncio.run(durability_of_product(product.url)) for kind, product in found.items()}


def merged(first: Targets, *others: Targets) -> dict[str, dict[str, Target]]:
    """Return the servers of all, by load, of the loads that the first has."""
    every = (first, *others)
    return {load: {name: one for part in every for name, one in part.get(load, {}).items()} for load in first}


async def _template_urls(where: Databases) -> dict[str, str]:
    url = where.urls["postgresql"]
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("CREATE DATABASE template_service")
    finally:
        await connection.close()
    return {
        "sqlite": f"sqlite+aiosqlite:///{where.folder / 'template.db'}",
        "postgresql": f"{url.rpartition('/')[0]}/template_service",
    }
