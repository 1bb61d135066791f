"""Holds the tables of state to the entities that a log makes; finds the first difference and mends none."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.differences import facets, refs, uniques
from reality_engine.state import repository as state
from reality_engine.state.entity import Entity
from reality_engine.state.models import FacetRow, RefRow, UniqueRow
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow


async def check_state(unit: ReadUnit, world: str, pack: CompiledPack, entities: Mapping[str, Entity]) -> None:
    """Compare a world's tables of state with the entities that its log makes; raises IntegrityError."""
    left = dict(entities)
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
    await _check_facets(unit, world, pack, entities)
    await _check_indexes(unit, world, pack, entities)


async def _check_facets(unit: ReadUnit, world: str, pack: CompiledPack, entities: Mapping[str, Entity]) -> None:
    expected = {
        (key, number): (facet.fields, list(facet.keys))
        for key, entity in entities.items()
        for number, facet in facets(pack.kinds[entity.kind], entity).items()
    }
    query = select(FacetRow.entity, FacetRow.facet, FacetRow.fields, FacetRow.keys).where(FacetRow.world == world)
    found = {(key, number): (fields, keys) for key, number, fields, keys in await unit.session.execute(query)}
    _same("a facet of an entity", expected, found)


async def _check_indexes(unit: ReadUnit, world: str, pack: CompiledPack, entities: Mapping[str, Entity]) -> None:
    kinds = {key: pack.kinds[entity.kind] for key, entity in entities.items()}
    audience = {
        (key, number, pack_key(one)): True
        for key, entity in entities.items()
        if entity.live
        for number, facet in facets(kinds[key], entity).items()
        for one in facet.keys
    }
    row: Any = EntityAudienceRow
    query = select(row.entity, row.facet, row.key).where(row.world == world)
    found = {(key, number, bytes(one)): True for key, number, one in await unit.session.execute(query)}
    _same("an audience of an entity", audience, found)
    referring = {(key, *ref): True for key, entity in entities.items() for ref in refs(kinds[key], entity)}
    query = select(RefRow.source, RefRow.path, RefRow.target).where(RefRow.world == world)
    _same("a ref of an entity", referring, {tuple(one): True for one in await unit.session.execute(query)})
    unique = {(kinds[key].name, *one): key for key, entity in entities.items() for one in uniques(kinds[key], entity)}
    query = select(UniqueRow.kind, UniqueRow.field, UniqueRow.value, UniqueRow.entity).where(UniqueRow.world == world)
    _same("a unique value", unique, {tuple(one[:3]): one[3] for one in await unit.session.execute(query)})


def _same(what: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    if expected != found:
        different = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
        raise IntegrityError(f"{what} is not what the log makes of it: {_told(min(different, key=repr))}")


def _told(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key if not isinstance(part, bytes))
