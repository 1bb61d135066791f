"""Holds the tables of state to the entities that a log makes; finds the first difference and mends none."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.differences import facets, refs, uniques, values
from reality_engine.projection.indexed_values import value_rows
from reality_engine.projection.replaying import Replay
from reality_engine.state import repository as state
from reality_engine.state.models import EntityRow, FacetRow, RefRow, UniqueRow
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow, EntityValueRow


async def check_state(unit: ReadUnit, world: str, replay: Replay) -> None:
    """Compare a world's tables of state with what its log makes of them; raises IntegrityError."""
    left = dict(replay.entities)
    after: str | None = None
    while True:
        page = await state.world_with_secrets(unit, world, after)
        for key, entity in page.items():
            if left.pop(key, None) != entity:
                raise IntegrityError(f"{entity.kind} {key} is not what the log makes of it")
        if not page:
            break
        after = max(page)
    if left:
        raise IntegrityError(f"{next(iter(left.values())).kind} {next(iter(left))} is missing")
    query = select(EntityRow.id, EntityRow.since).where(EntityRow.world == world)
    expected = {(key,): since for key, since in replay.since.items()}
    _same(
        "since when an entity is as it is",
        expected,
        {(key,): since for key, since in await unit.session.execute(query)},
    )
    await _check_facets(unit, world, replay)
    await _check_indexes(unit, world, replay)
    await _check_values(unit, world, replay)


async def _check_facets(unit: ReadUnit, world: str, replay: Replay) -> None:
    expected = {
        (key, number): (entity.kind, facet.fields, list(facet.keys), *replay.facets[key, number])
        for key, entity in replay.entities.items()
        for number, facet in facets(replay.pack.kinds[entity.kind], entity).items()
    }
    row = FacetRow
    query = select(row.entity, row.facet, row.kind, row.fields, row.keys, row.since, row.changed_at)
    rows = await unit.session.execute(query.where(row.world == world))
    _same("a facet of an entity", expected, {(key, number): tuple(held) for key, number, *held in rows})


async def _check_indexes(unit: ReadUnit, world: str, replay: Replay) -> None:
    entities = replay.entities
    kinds = {key: replay.pack.kinds[entity.kind] for key, entity in entities.items()}
    audience = {
        (key, number, entity.kind, pack_key(one)): True
        for key, entity in entities.items()
        if entity.live
        for number, facet in facets(kinds[key], entity).items()
        for one in facet.keys
    }
    row: Any = EntityAudienceRow
    query = select(row.entity, row.facet, row.kind, row.key).where(row.world == world)
    found = {(*place, bytes(one)): True for *place, one in await unit.session.execute(query)}
    _same("an audience of an entity", audience, found)
    referring = {(key, *ref): True for key, entity in entities.items() for ref in refs(kinds[key], entity)}
    query = select(RefRow.source, RefRow.path, RefRow.target).where(RefRow.world == world)
    _same("a ref of an entity", referring, {tuple(one): True for one in await unit.session.execute(query)})
    unique = {(kinds[key].name, *one): key for key, entity in entities.items() for one in uniques(kinds[key], entity)}
    query = select(UniqueRow.kind, UniqueRow.field, UniqueRow.value, UniqueRow.entity).where(UniqueRow.world == world)
    _same("a unique value", unique, {tuple(one[:3]): one[3] for one in await unit.session.execute(query)})


async def _check_values(unit: ReadUnit, world: str, replay: Replay) -> None:
    expected = {}
    for key, entity in replay.entities.items():
        kind = replay.pack.kinds[entity.kind]
        place = {"world": world, "kind": entity.kind, "entity": key}
        for row in value_rows(place, values(kind, entity, facets(kind, entity))):
            expected[key, row["field"], row["key"], row["value"]] = (entity.kind, row["newest"])
    held: Any = EntityValueRow
    query = select(held.entity, held.field, held.key, held.value, held.kind, held.newest).where(held.world == world)
    found = {
        (entity, name, bytes(key), bytes(value)): (kind, bytes(newest))
        for entity, name, key, value, kind, newest in await unit.session.execute(query)
    }
    _same("an indexed value of an entity", expected, found)


def _same(what: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    if expected != found:
        different = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
        raise IntegrityError(f"{what} is not what the log makes of it: {_told(min(different, key=repr))}")


def _told(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key if not isinstance(part, bytes))
