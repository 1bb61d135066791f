"""A page costs by what is shown and by the keys that open it, not by what is there: counted, never timed.

PostgreSQL tells the rows that its scans touch, SQLite's machine the steps that it takes.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import product
from typing import Any

import pytest
from bench.scale.made import Made
from bench.scale.peopled import PACK, Peopled
from sqlalchemy import insert

from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.serial import from_json
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.loader import compile_source
from reality_engine.visibility import entities, events
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.filters.names import Names
from reality_engine.visibility.filters.parsing import parse_filter
from reality_engine.visibility.lists.listing import Wanted, list_page
from reality_engine.visibility.lists.ordering import parse_sort
from reality_engine.visibility.viewer import Viewer
from tests.contract.test_plans import explaining, rows_touched
from tests.serving import NOON

SMALL, FULL = (1_000, 100), (10_000, 1_000)
PLACES = [fresh_id(NOON) for _ in range(200)]
WORLDS = {size: Peopled(fresh_id(NOON), 0, {}, tuple(PLACES[:46]), tuple(PLACES[46:])) for size in (SMALL, FULL)}
GROUPS = [f"group:{key}" for key in PLACES]
COMMON = {"everyone", "members", "role:player", f"user:{fresh_id(NOON)}"}
FEW_KEYS = frozenset({*COMMON, *GROUPS[:46]})
FIFTY = frozenset({*COMMON, "role:reader", *GROUPS[50:95]})
STRANGE = frozenset(f"group:{fresh_id(NOON)}" for _ in range(700))
SCOPES = {
    "sees everything": Scope(frozenset(COMMON), everything=True, member=True),
    "sees few": Scope(FEW_KEYS, member=True, roles=("player",)),
    "sees all by fifty keys": Scope(FIFTY, member=True, roles=("reader",)),
    "sees all by hundreds of keys": Scope(FIFTY | {*GROUPS[95:], *STRANGE}, member=True, roles=("reader",)),
    "sees nothing by hundreds of keys": Scope(STRANGE, member=True, roles=("player",)),
}
OPENING = {"role:reader", *GROUPS}
FEED, LIST = 50, 20
# Written as text already, for the drivers that the bench fills its tables by.
JSON = {"fields", "keys", "content"}

Read = Callable[[ReadUnit, Viewer], Awaitable[Sequence[Any]]]


async def filtered(unit: ReadUnit, viewer: Viewer) -> Sequence[Any]:
    """List what an index finds, of which a further condition leaves most, in the order of the index."""
    names = Names(viewer, "crate")
    condition = parse_filter("weight >= 500 && worth < 900", names)
    return await list_page(unit, viewer, Wanted("crate", condition, parse_sort("-weight", names)), LIST)


READS: dict[str, tuple[int, Read]] = {
    "feed": (FEED, lambda unit, viewer: events.feed_page(unit, viewer, FEED)),
    "list": (LIST, lambda unit, viewer: entities.list_entities(unit, viewer, "crate", LIST)),
    "filtered list": (LIST, filtered),
}


@pytest.fixture(scope="module")
def pack() -> CompiledPack:
    return compile_source({"pack.yaml": PACK.read_text(encoding="utf-8")})


@pytest.fixture(params=["without statistics", "with statistics"])
async def engines(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    async with Units(engines).write() as unit:
        for (count, things), world in WORLDS.items():
            made = Made(world, count, things, rare_events=100, rare_entities=10)
            rows: dict[Any, list[dict[str, Any]]] = {}
            for table, row in (*made.crates(), *made.events()):
                told = {name: from_json(held) if name in JSON else held for name, held in row.items()}
                rows.setdefault(table, []).append(told)
            for table, some in rows.items():
                await unit.session.execute(insert(table), some)
        await unit.commit()
    if request.param == "with statistics":
        async with engines.writer.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
            await connection.commit()
    yield engines
    await engines.close()


async def cost(engines: Engines, read: Read, viewer: Viewer) -> tuple[int, int]:
    """Return what a read costs (steps in hundreds on SQLite, rows on PostgreSQL) and how much it found."""
    if engines.dialect.name == "postgresql":
        with explaining(engines) as plans:
            async with Units(engines).read() as unit:
                found = await read(unit, viewer)
        return sum(rows_touched(plans)), len(found)
    steps: list[None] = []
    async with Units(engines).read() as unit:
        connection: Any = (await (await unit.session.connection()).get_raw_connection()).driver_connection
        await connection.set_progress_handler(lambda: steps.append(None), 100)
        found = await read(unit, viewer)
        await connection.set_progress_handler(None, 100)
    return len(steps), len(found)


def most(engines: Engines, what: str, scope: Scope) -> int:
    """Return the most that a page may cost.

    SQLite looks at one row of each key, and then at those it shows; where it has to sort, and PostgreSQL always, at a
    page of each key that opens anything at all. Going through the full world would cost several times as much.
    """
    page, opening = READS[what][0], len(scope.keys & OPENING)
    if engines.dialect.name == "postgresql":
        return (22 + 2 * opening if what == "filtered list" else 16 + opening) * page
    sorting = 40 + opening * page // 2 if what == "filtered list" else 0
    return 10 + 2 * page + round(0.6 * len(scope.keys)) + sorting


# Each of these goes through all reads, since filling a database takes longer than they do.
async def test_a_page_costs_by_its_length_and_its_viewer_s_keys(engines: Engines, pack: CompiledPack) -> None:
    for (what, (page, read)), (who, scope) in product(READS.items(), SCOPES.items()):
        spent, found = await cost(engines, read, Viewer(WORLDS[FULL].id, pack, scope))
        assert spent <= most(engines, what, scope), f"{what} of {who}"
        assert found == (0 if "nothing" in who else page) or "few" in who


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_page_of_a_world_ten_times_as_large_costs_what_it_cost(engines: Engines, pack: CompiledPack) -> None:
    for what, (who, scope) in product(["feed", "list"], SCOPES.items()):
        viewers = [Viewer(WORLDS[size].id, pack, scope) for size in (SMALL, FULL)]
        small, full = [(await cost(engines, READS[what][1], viewer))[0] for viewer in viewers]
        assert full <= 1.2 * small + 5, f"{what} of {who}"
