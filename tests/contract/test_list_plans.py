"""A filtered or sorted list costs a page, not the world, where an index has what it asks for, on both databases."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

import pytest

from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.errors import ProblemsError
from reality_engine.kernel.ids import fresh_id
from reality_engine.state.entity import Entity
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.filters.names import Names
from reality_engine.visibility.filters.parsing import parse_filter
from reality_engine.visibility.lists.listing import Wanted, list_page
from reality_engine.visibility.lists.ordering import parse_sort
from reality_engine.visibility.viewer import Viewer
from tests.contract.test_plans import explaining, rows_touched
from tests.properties.filtering import PACK
from tests.properties.test_filters import store
from tests.serving import NOON

WORLD, RARE, OTHER = (fresh_id(NOON) for _ in range(3))
SAILORS, PAGE = 4000, 20
IDS = sorted(fresh_id(NOON + timedelta(seconds=number)) for number in range(SAILORS))
GROUPS = frozenset(f"group:{fresh_id(NOON)}" for _ in range(47))
SCOPES = {
    "who holds fifty keys": Scope(frozenset({"everyone", "members", f"user:{RARE}"}) | GROUPS, member=True, user=RARE),
    "a stranger": Scope(frozenset({"everyone"})),
    "who sees one in a thousand": Scope(frozenset({f"user:{RARE}"}) | GROUPS, member=True, user=RARE),
    "who sees everything": Scope(frozenset({"everyone"}), everything=True, member=True, user=OTHER),
}
LISTS: list[tuple[str | None, str | None]] = [
    ("name == 'name 7'", None),
    ("name in ['name 7', 'name 8', 'nobody']", None),
    ("grade == 'able'", None),
    ("alive && age > 0", None),
    (None, "name"),
    (None, "-name"),
    (None, "-pay"),
    (None, "age"),
    ("age >= 1000", "age"),
    ("age < 3000 && name != 'name 3'", "-age"),
    ("pay > 10.0", "-pay"),
    ("is_set(name) && size(name) > 2", None),
]
# A page and the next one's first, of each key that has any, each with what the filter looks up of it.
ROWS, STEPS = 50 * PAGE, 150_000


def sailor(number: int, key: str) -> Entity:
    fields: dict[str, Any] = {
        "name": f"name {number}",
        "age": number,
        "grade": ("boy", "able", "master")[number % 3],
        "alive": True,
    }
    return Entity(key, "sailor", {**fields, "pay": float(number)}, RARE if number % 1000 == 10 else OTHER)


@pytest.fixture(params=["without statistics", "with statistics"])
async def engines(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    await store(Units(engines), WORLD, [sailor(number, key) for number, key in enumerate(IDS)])
    if request.param == "with statistics":
        async with engines.writer.connect() as connection:
            await connection.exec_driver_sql("ANALYZE")
            await connection.commit()
    yield engines
    await engines.close()


def wanted(viewer: Viewer, source: str | None, sort: str | None) -> Wanted | None:
    """Return what is asked for, None where the viewer does not know of such a field."""
    names = Names(viewer, "sailor")
    try:
        return Wanted("sailor", parse_filter(source, names) if source else None, parse_sort(sort, names))
    except ProblemsError:
        return None


async def pages(unit: ReadUnit, viewer: Viewer, asked: Wanted) -> AsyncIterator[Iterable[str]]:
    """Yield the first page, and one that begins in the middle of the world."""
    first = await list_page(unit, viewer, asked, PAGE)
    yield [one.view.id for one in first]
    if len(first) == PAGE and (asked.orders or asked.condition is None):
        places: dict[str, Any] = {"name": "name 5", "age": 2000, "pay": 2000.0}
        place = places[asked.orders[0].read.name]
        yield [one.view.id for one in await list_page(unit, viewer, asked, PAGE, [place, IDS[2000]])]


async def test_a_list_that_an_index_has_costs_a_page(engines: Engines) -> None:
    bad, asked_for = {}, 0
    for who, scope in SCOPES.items():
        for source, sort in LISTS:
            viewer = Viewer(WORLD, PACK, scope)
            asked = wanted(viewer, source, sort)
            asked_for += asked is not None
            if asked is not None and (cost := await _cost(engines, viewer, asked)):
                bad[f"{source} by {sort}, for {who}"] = cost
    assert asked_for > 3 * len(LISTS) / 2
    assert not bad, "\n".join(f"{what}: {why}" for what, why in bad.items())


async def _cost(engines: Engines, viewer: Viewer, asked: Wanted) -> str:
    """Return what costs too much: rows on PostgreSQL, steps of its machine on SQLite."""
    found = []
    if engines.dialect.name == "postgresql":
        with explaining(engines) as plans:
            async with Units(engines).read() as unit:
                found = [list(page) async for page in pages(unit, viewer, asked)]
        rows = sum(rows_touched(plans))
        assert found
        return f"{rows} rows" if rows > ROWS * len(found) else ""
    async with Units(engines).read() as unit:
        steps = await _counting(unit)
        found = [list(page) async for page in pages(unit, viewer, asked)]
        return f"{len(steps)}00 steps" if len(steps) * 100 > STEPS * len(found) else ""


async def _counting(unit: ReadUnit) -> list[None]:
    """Have a list grow with every hundred steps that SQLite takes."""
    steps: list[None] = []
    connection: Any = await (await unit.session.connection()).get_raw_connection()
    await connection.driver_connection.set_progress_handler(lambda: steps.append(None), 100)
    return steps


async def test_the_bounds_are_such_that_going_through_the_world_breaks_them(engines: Engines) -> None:
    viewer = Viewer(WORLD, PACK, SCOPES["who holds fifty keys"])
    names = Names(viewer, "sailor")
    asked = Wanted("sailor", parse_filter("size(name) > 100", names), ())
    assert await _cost(engines, viewer, asked)
