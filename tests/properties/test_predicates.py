"""P5: what the SQL lets a scope see is what the check in memory lets it see, on generated scopes and rows."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.ids import fresh_id
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility.audience import Scope, sees
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow, EventAudienceRow, EventFacetRow
from reality_engine.visibility.predicates import (
    held_by,
    newest_entities,
    newest_events,
    visible_event_facets,
    visible_facets,
)
from tests.serving import NOON

IDS = sorted(fresh_id(NOON) for _ in range(30))
# The same id under two prefixes, what is no id, a name within a name, and what SQL, JSON or LIKE might trip over.
ODD = ["user:", "user:o'brien", 'user:"]', "user:%", "group:é\x7f", "role:g", "role:gm", "role:gmm", "role:*", "role:m"]
KEYS = ["everyone", "members", *ODD, *(f"{sort}:{one}" for sort in ("user", "group") for one in IDS[:4])]
CROWD = [f"group:{fresh_id(NOON)}" for _ in range(700)]
KINDS = ("thing", "thingy")

Facets = dict[int, frozenset[str]]


@dataclass(frozen=True)
class Made:
    """A world as far as reading looks at it: who sees which facet of what."""

    events: dict[int, Facets]
    entities: dict[str, tuple[str, bool, Facets]]


audiences: st.SearchStrategy[frozenset[str]] = st.frozensets(st.sampled_from(KEYS), min_size=1, max_size=4) | st.just(
    frozenset()
)
facets = st.dictionaries(st.integers(1, 3), audiences, max_size=2).flatmap(
    lambda more: audiences.map(lambda own: {0: own, **more})
)
worlds = st.builds(
    Made,
    st.lists(facets, min_size=3, max_size=25).map(lambda made: dict(enumerate(made, 1))),
    st.dictionaries(st.sampled_from(IDS), st.tuples(st.sampled_from(KINDS), st.booleans(), facets), max_size=20),
)
crowds = st.sampled_from([0, 0, 0, 3, 130, 700]).map(lambda size: frozenset(CROWD[:size]))
scopes = st.builds(
    lambda keys, crowd, everything: Scope(keys | crowd, everything=everything),
    st.frozensets(st.sampled_from(KEYS), min_size=1, max_size=6) | st.just(frozenset()),
    crowds,
    st.sampled_from([False, False, False, True]),
)


@dataclass
class Kept:
    """A database that is kept over the examples; each makes a world of its own."""

    units: Units
    runner: asyncio.Runner

    def look(self, read: Callable[[ReadUnit], Awaitable[None]]) -> None:
        async def looking() -> None:
            async with self.units.read() as unit:
                await read(unit)

        self.runner.run(looking())

    def fill(self, world: str, made: Made) -> None:
        self.runner.run(self._fill(world, made))

    async def _fill(self, world: str, made: Made) -> None:
        rows: dict[Any, list[dict[str, Any]]] = {EventFacetRow: [], EventAudienceRow: [], EntityRow: []}
        rows |= {FacetRow: [], EntityAudienceRow: []}
        for position, parts in made.events.items():
            for facet, keys in parts.items():
                place = {"world": world, "position": position, "facet": facet}
                rows[EventFacetRow].append({**place, "content": {}, "keys": sorted(keys)})
                rows[EventAudienceRow].extend({**place, "key": pack_key(key)} for key in keys)
        for entity, (kind, live, parts) in made.entities.items():
            rows[EntityRow].append(
                {"world": world, "id": entity, "kind": kind, "life": "live" if live else "deleted", "since": 1}
            )  # fmt: skip
            for facet, keys in parts.items():
                place = {"world": world, "entity": entity, "facet": facet, "kind": kind}
                shown = {"fields": {}, "keys": sorted(keys) if live else [], "since": 1, "changed_at": NOON}
                rows[FacetRow].append({**place, **shown})
                rows[EntityAudienceRow].extend({**place, "key": pack_key(key)} for key in keys if live)
        async with self.units.write() as unit:
            for table, some in rows.items():
                if some:
                    await unit.session.execute(insert(table), some)
            await unit.commit()


@pytest.fixture
def kept(worker_database_url: str) -> Iterator[Kept]:
    with asyncio.Runner() as runner:
        engines = open_engines(worker_database_url)
        yield Kept(Units(engines), runner)
        runner.run(engines.close())


async def paged(unit: ReadUnit, query: Callable[[Any, int], Any], limit: int) -> list[Any]:
    """Return all pages joined, each after the last of the one before."""
    found: list[Any] = []
    while True:
        page: Sequence[Any] = list(await unit.session.scalars(query(found[-1] if found else None, limit)))
        assert len(page) <= limit
        found += page
        if len(page) < limit:
            return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=worlds, scope=scopes, limit=st.sampled_from([1, 2, 3, 7, 100]))
def test_the_sql_shows_what_the_check_in_memory_shows(kept: Kept, made: Made, scope: Scope, limit: int) -> None:
    world = fresh_id(NOON)
    kept.fill(world, made)
    event("sees everything" if scope.everything else "crowd" if len(scope.keys) > 100 else "few keys")
    kept.fill(fresh_id(NOON), made)  # another world, none of which may be seen in the first
    parts = {(at, facet) for at, found in made.events.items() for facet, keys in found.items() if sees(scope, keys)}
    fields = {
        (key, facet)
        for key, (_, live, found) in made.entities.items()
        for facet, keys in found.items()
        if sees(scope, keys) and (live or scope.everything)
    }
    lists = {
        kind: {key for key, _ in fields if made.entities[key][:2] == (kind, True)} for kind in (*KINDS, "thin", "%")
    }
    event("some are seen and some not" if 0 < len(parts) < len(made.events) else "all or nothing is seen")

    async def read(unit: ReadUnit) -> None:
        query: Any = select(EventFacetRow.position, EventFacetRow.facet).where(EventFacetRow.world == world)
        rows = await unit.session.execute(query.where(visible_event_facets(scope)))
        assert {tuple(row) for row in rows} == parts
        rows = await unit.session.execute(query.where(held_by(unit.dialect, scope, EventFacetRow.keys)))
        assert {tuple(row) for row in rows} == parts
        query = select(FacetRow.entity, FacetRow.facet).where(FacetRow.world == world)
        rows = await unit.session.execute(query.where(visible_facets(scope)))
        assert {tuple(row) for row in rows} == fields
        rows = await unit.session.execute(query.where(held_by(unit.dialect, scope, FacetRow.keys)))
        assert {tuple(row) for row in rows} == fields
        feed = await paged(unit, lambda at, size: newest_events(unit.dialect, scope, world, at, size), limit)
        assert feed == sorted({at for at, _ in parts}, reverse=True)
        for kind, wanted in lists.items():

            def some(at: Any, size: int, kind: str = kind) -> Any:
                return newest_entities(unit.dialect, scope, world, kind, at, size)

            assert await paged(unit, some, limit) == sorted(wanted, reverse=True)

    kept.look(read)
