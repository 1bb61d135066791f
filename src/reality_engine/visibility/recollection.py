"""What a world was at a moment, whole: entities, by what they were found, what somebody's keys were; for deciding.

What an index has, or once had, only says where to look. Never for showing it to anybody: see `visibility.past`.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state.audience import group_key
from reality_engine.state.entity import Entity, Life, unique_key
from reality_engine.state.models import EntityRow, PastEntityRow, PastRefRow, PastUniqueRow, RefRow, UniqueRow
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.past import parts
from reality_engine.visibility.resolver import MEMBER, USER, kinds_of_groups, scope_of_member, scope_of_stranger
from reality_engine.visibility.viewer import Viewer

_EVERYTHING = Scope(frozenset(), everything=True)


async def entities_then_with_secrets(unit: ReadUnit, viewer: Viewer, keys: Collection[str]) -> dict[str, Entity]:
    """Return those of the entities that there were by a viewer's states, deleted ones too, with all that they held."""
    found: dict[str, Entity] = {}
    for part in await parts(unit, replace(viewer, scope=_EVERYTHING), keys) if keys else []:
        known = found.get(part.entity)
        fields = {**known.fields, **part.fields} if known is not None else part.fields
        found[part.entity] = Entity(part.entity, part.kind, fields, part.owner, Life(part.life))
    return found


async def found_then(unit: ReadUnit, viewer: Viewer, kind: str, field: str, value: str) -> Entity | None:
    """Return the live entity of a kind whose unique field had a value."""
    queries = (
        select(row.entity).where(row.world == viewer.world, row.kind == kind, row.field == field, row.value == value)
        for row in (UniqueRow, PastUniqueRow)
    )
    for entity in await _alive(unit, viewer, queries, kind):
        held = entity.fields.get(field)
        if held is not None and unique_key(held) == value:
            return entity
    return None


async def referring_then(unit: ReadUnit, viewer: Viewer, target: str, kind: str, field: str) -> list[Entity]:
    """Return the live entities of a kind whose ref field held an entity."""
    queries = (
        select(row.source).where(row.world == viewer.world, row.target == target, row.path == f"{kind}.{field}")
        for row in (RefRow, PastRefRow)
    )
    return [one for one in await _alive(unit, viewer, queries, kind) if one.fields.get(field) == target]


async def belongings_then(unit: ReadUnit, viewer: Viewer, user: str) -> list[Entity]:
    """Return a user's entities by which one could belong to a group, deleted ones too."""
    kinds = kinds_of_groups(viewer.pack)
    if not kinds:
        return []
    queries = (
        select(row.id).where(row.world == viewer.world, row.owner == user, row.kind.in_(kinds))
        for row in (EntityRow, PastEntityRow)
    )
    there = await entities_then_with_secrets(unit, viewer, await _candidates(unit, queries))
    return [one for one in there.values() if one.owner == user and one.kind in kinds]


async def scope_then(unit: ReadUnit, viewer: Viewer, principal: Principal) -> Scope:
    """Return which keys somebody held then; who could not see the world held none."""
    member = await found_then(unit, viewer, MEMBER, USER, principal.id) if principal.known else None
    if member is not None:
        owned = [one for one in await belongings_then(unit, viewer, principal.id) if one.live]
        return scope_of_member(viewer.pack, member, principal, _groups(viewer.pack, owned))
    settings = (await entities_then_with_secrets(unit, viewer, [WORLD_ENTITY])).get(WORLD_ENTITY)
    with suppress(NotFoundError):
        return scope_of_stranger(settings, principal)
    return Scope(frozenset(), user=principal.id)


def _groups(pack: CompiledPack, owned: Iterable[Entity]) -> set[str]:
    ways = [kind.group for kind in pack.kinds.values() if kind.group]
    led = [entity.fields.get(way.field) for entity in owned for way in ways if way.kind == entity.kind]
    return {group_key(target) for target in led if isinstance(target, str)}


async def _alive(unit: ReadUnit, viewer: Viewer, queries: Iterable[Any], kind: str) -> list[Entity]:
    there = await entities_then_with_secrets(unit, viewer, await _candidates(unit, queries))
    return [one for one in there.values() if one.live and one.kind == kind]


async def _candidates(unit: ReadUnit, queries: Iterable[Any]) -> set[str]:
    """Return what any of the queries finds; one by one, since each has its index."""
    found: set[str] = set()
    for query in queries:
        found.update(await unit.session.scalars(query))
    return found
