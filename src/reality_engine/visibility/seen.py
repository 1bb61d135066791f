"""Entities as far as a scope sees them, facet by facet, now or just before an event; not how answers show them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select, union_all

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow, FacetRow, PastEntityRow, PastFacetRow, UniqueRow
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.predicates import held_by


@dataclass
class Seen:
    """What a scope sees of an entity: the fields of each facet that it sees. `owner` is for who sees the owner's facet.

    A facet is there while one of its fields has a value, and the kind's own always.
    """

    id: str
    kind: str
    live: bool
    owner: str | None
    facets: dict[int, Mapping[str, Plain]] = field(default_factory=dict)


async def seen_now(unit: ReadUnit, scope: Scope, world: str, keys: Collection[str]) -> dict[str, Seen]:
    """Return what is visible of these entities, by id."""
    ids = sorted(keys)
    if not ids:
        return {}
    facets = select(FacetRow.entity, FacetRow.facet, FacetRow.fields).where(
        FacetRow.world == world, unit.dialect.among(FacetRow.entity, ids), held_by(unit.dialect, scope, FacetRow.keys)
    )
    entities = _entities(EntityRow, world).where(unit.dialect.among(EntityRow.id, ids))
    return await _gathered(unit, scope, entities, facets)


async def member_of(unit: ReadUnit, world: str, user: str) -> str | None:
    """Return the member that a user is now, to be looked at through a scope."""
    row = UniqueRow
    query = select(row.entity).where(row.world == world, row.kind == "member", row.field == "user", row.value == user)
    member: str | None = await unit.session.scalar(query)
    return member


async def seen_before(
    unit: ReadUnit, scope: Scope, world: str, position: int, keys: Collection[str]
) -> dict[str, Seen]:
    """Return what these entities were just before the event at `position`, as far as the scope would have seen it.

    The states are those of then, with the audiences that they had then; the keys that open them are the scope's.
    """
    ids = sorted(keys)
    if not ids:
        return {}
    among = unit.dialect.among
    facets = union_all(
        *(
            select(row.entity, row.facet, row.fields).where(
                row.world == world,
                among(row.entity, ids),
                held_by(unit.dialect, scope, row.keys),
                *_then(row, position),
            )
            for row in (FacetRow, PastFacetRow)
        )
    )
    entities = union_all(
        *(_entities(row, world).where(among(row.id, ids), *_then(row, position)) for row in (EntityRow, PastEntityRow))
    )
    return await _gathered(unit, scope, entities, facets)


def _entities(row: Any, world: str) -> Select[Any]:
    return select(row.id, row.kind, row.life, row.owner).where(row.world == world)


def _then(row: Any, position: int) -> tuple[Any, ...]:
    passed = (row.until >= position,) if hasattr(row, "until") else ()
    return (row.since < position, *passed)


async def _gathered(unit: ReadUnit, scope: Scope, entities: Any, facets: Any) -> dict[str, Seen]:
    """Put the visible facets together; of what is deleted, only those who see everything see any."""
    rows = list(await unit.session.execute(facets))
    if not rows:
        return {}
    told = {
        key: Seen(key, kind, life == str(Life.LIVE), owner)
        for key, kind, life, owner in await unit.session.execute(entities)
    }
    seen: dict[str, Seen] = {}
    for key, facet, fields in rows:
        if key in told and (told[key].live or scope.everything):
            seen.setdefault(key, told[key]).facets[facet] = fields
    return seen
