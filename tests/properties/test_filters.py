"""P5 for lists: what a filter finds in SQL, and in what order, is what it finds in memory among what is seen."""

import asyncio
from collections.abc import Iterator
from functools import cmp_to_key, partial
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.errors import ProblemsError
from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.holding import held_after
from reality_engine.projection.projector import write_entities
from reality_engine.state.entity import Entity
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.filters.matching import matches, value_of
from reality_engine.visibility.filters.names import Names
from reality_engine.visibility.filters.parsing import parse_filter
from reality_engine.visibility.lists.listing import Listed, Wanted, count, list_page
from reality_engine.visibility.lists.ordering import Order, parse_sort
from reality_engine.visibility.sortable import SORTED_TEXT
from reality_engine.visibility.viewer import Viewer
from tests.properties.crowds import ASKED, CROWDED, EVERYTHING, IN_ORDER, worlds
from tests.properties.filtering import CREWS, FILTERS, PACK, SAILORS, SORTS, Remembered, entities, scopes
from tests.serving import NOON


async def store(units: Units, world: str, made: list[Entity], pack: CompiledPack = PACK) -> None:
    held = {one.id: held_after(pack.kinds[one.kind], None, one, 1, NOON) for one in made}
    batch = Batch()
    write_entities(batch, world, pack, {}, held)
    async with units.write() as unit:
        await apply(unit, batch)
        await unit.commit()


@pytest.fixture
def kept(worker_database_url: str) -> Iterator[tuple[Units, asyncio.Runner]]:
    with asyncio.Runner() as runner:
        engines = open_engines(worker_database_url)
        yield Units(engines), runner
        runner.run(engines.close())


def in_order(keys: list[str], orders: tuple[Order, ...], memory: Remembered) -> list[str]:
    """Sort ids that are the newest first already."""

    def value(key: str, order: Order) -> Any:
        held = value_of(order.read, partial(memory.look, key))
        return held[:SORTED_TEXT] if isinstance(held, str) else held

    def compared(one: str, other: str) -> int:
        for order in orders:
            left, right = value(one, order), value(other, order)
            if left is None or right is None:
                if (left is None) != (right is None):
                    return 1 if left is None else -1
            elif left != right:
                return 1 if (left > right) != order.down else -1
        return 0

    return sorted(keys, key=cmp_to_key(compared))


async def paged(unit: ReadUnit, viewer: Viewer, wanted: Wanted, limit: int) -> list[str]:
    """Return all pages joined, each after the last place of the one before."""
    found: list[Listed] = []
    while True:
        page = await list_page(unit, viewer, wanted, limit, found[-1].place if found else None)
        assert len(page) <= limit
        found += page
        if len(page) < limit:
            return [one.view.id for one in found]


def parsed(viewer: Viewer, kind: str, source: str | None, sort: str) -> Wanted | None:
    """Return what is asked for, or None where that names what the viewer could never see."""
    names = Names(viewer, kind)
    try:
        condition = None if source is None else parse_filter(source, names)
        return Wanted(kind, condition, parse_sort(sort or None, names))
    except ProblemsError as error:
        if {problem.code for problem in error.problems} == {"unknown_field"}:
            return None
        raise


async def compare(unit: ReadUnit, viewer: Viewer, wanted: Wanted, memory: Remembered, limit: int) -> None:
    """Assert that the pages joined, the page after the first and the count are what memory has."""
    expected, condition = memory.listed(wanted.kind), wanted.condition
    if condition is not None:
        expected = [key for key in expected if matches(condition, partial(memory.look, key))]
    event("finds more than a page" if len(expected) > limit else "finds some" if expected else "finds none")
    expected = in_order(expected, wanted.orders, memory)
    assert await paged(unit, viewer, wanted, limit) == expected, wanted
    assert await count(unit, viewer, wanted) == len(expected), wanted
    skipped = await list_page(unit, viewer, wanted, limit, None, 1)
    assert [one.view.id for one in skipped] == expected[1 : 1 + limit], wanted


@settings(
    max_examples=max(12, settings().max_examples // 4),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made=st.tuples(entities("crew", CREWS), entities("sailor", SAILORS)),
    scope=scopes,
    asked=st.lists(st.tuples(st.none() | FILTERS, SORTS), min_size=8, max_size=8),
    limit=st.sampled_from([1, 2, 5, 100]),
)
def test_a_filter_finds_in_sql_what_it_finds_in_memory(
    kept: tuple[Units, asyncio.Runner], made: tuple[list[Entity], list[Entity]], scope: Scope,
    asked: list[tuple[str | None, str]], limit: int,
) -> None:  # fmt: skip
    (units, runner), world = kept, fresh_id(NOON)
    there = [*made[0], *made[1]]
    runner.run(store(units, world, there))
    runner.run(store(units, fresh_id(NOON), there))  # another world, which must not be found
    memory = Remembered(scope, {one.id: one for one in there})
    viewer = Viewer(world, PACK, scope)

    async def check() -> None:
        async with units.read() as unit:
            for source, sort in asked:
                wanted = parsed(viewer, "sailor", source, sort)
                event("known" if wanted else "unknown")
                if wanted is not None:
                    await compare(unit, viewer, wanted, memory, limit)

    runner.run(check())


@settings(
    # Each goes through some thirty pages for each of several viewers.
    max_examples=max(8, settings().max_examples // 6),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    there=worlds,
    asked=st.lists(st.tuples(ASKED, IN_ORDER), min_size=5, max_size=5),
    limit=st.sampled_from([2, 4, 7, 30]),
)
def test_it_does_for_who_holds_many_keys_to_things_that_many_keys_open(
    kept: tuple[Units, asyncio.Runner], there: tuple[list[Entity], list[Scope]],
    asked: list[tuple[str | None, str]], limit: int,
) -> None:  # fmt: skip
    (units, runner), (made, scopes_), world = kept, there, fresh_id(NOON)
    runner.run(store(units, world, made, CROWDED))
    runner.run(store(units, fresh_id(NOON), made, CROWDED))  # another world, which must not be found

    async def check() -> None:
        async with units.read() as unit:
            for scope in (*scopes_, EVERYTHING):
                viewer, memory = (
                    Viewer(world, CROWDED, scope),
                    Remembered(scope, {one.id: one for one in made}, CROWDED),
                )
                for source, sort in asked:
                    wanted = parsed(viewer, "crate", source, sort)
                    if wanted is not None:
                        await compare(unit, viewer, wanted, memory, limit)

    runner.run(check())
