"""Loads whole entities for deciding, with every facet; never for showing them to anybody, see `visibility`."""

from collections.abc import Collection, Mapping
from itertools import groupby

from sqlalchemy import Select, func, select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Entity, Life
from reality_engine.state.held import Held, HeldFacet
from reality_engine.state.models import EntityRow, FacetRow, RefRow, UniqueRow

BATCH = 1000


async def entities_with_secrets(unit: ReadUnit, world: str, keys: Collection[str]) -> dict[str, Entity]:
    """Return those of the entities that exist, deleted ones too, by id."""
    return await _collect(unit, _among(unit, world, keys))


async def held_with_secrets(unit: ReadUnit, world: str, keys: Collection[str]) -> dict[str, Held]:
    """Return those of the entities that exist with what their rows say beside them, by id."""
    gathered: dict[str, tuple[EntityRow, dict[str, Plain], dict[int, HeldFacet]]] = {}
    for row, facet in await unit.session.execute(_among(unit, world, keys)):
        _, fields, facets = gathered.setdefault(row.id, (row, {}, {}))
        fields.update(facet.fields)
        facets[facet.facet] = HeldFacet(facet.since, facet.changed_at, frozenset(facet.keys), facet.fields)
    return {key: Held(_entity(row, fields), row.since, facets) for key, (row, fields, facets) in gathered.items()}


async def held_page_with_secrets(unit: ReadUnit, world: str, after: str | None = None) -> dict[str, Held]:
    """Return the entities of a world with ids above `after`, at most `BATCH`, with what their rows say beside them."""
    page = select(EntityRow.id).where(EntityRow.world == world).order_by(EntityRow.id).limit(BATCH)
    if after is not None:
        page = page.where(EntityRow.id > after)
    ids = list(await unit.session.scalars(page))
    return await held_with_secrets(unit, world, ids) if ids else {}


async def world_with_secrets(unit: ReadUnit, world: str, after: str | None = None) -> dict[str, Entity]:
    """Return the entities of a world with ids above `after`, at most `BATCH`, in order of their ids."""
    page = select(EntityRow.id).where(EntityRow.world == world).order_by(EntityRow.id).limit(BATCH)
    if after is not None:
        page = page.where(EntityRow.id > after)
    return await _collect(unit, _whole(world).where(EntityRow.id.in_(page.scalar_subquery())))


async def page_with_secrets(
    unit: ReadUnit, world: str, kinds: Collection[str], after: str | None = None
) -> dict[str, Entity]:
    """Return the entities of some kinds with ids above `after`, at most `BATCH`, deleted ones too, by id."""
    page = select(EntityRow.id).where(EntityRow.world == world, EntityRow.kind.in_(sorted(kinds)))
    if after is not None:
        page = page.where(EntityRow.id > after)
    ids = list(await unit.session.scalars(page.order_by(EntityRow.id).limit(BATCH)))
    return await entities_with_secrets(unit, world, ids) if ids else {}


async def counts(unit: ReadUnit, world: str) -> dict[str, int]:
    """Return how many entities of each kind there are, without deleted ones."""
    row = EntityRow
    query = select(row.kind, func.count()).where(row.world == world, row.life == str(Life.LIVE))
    rows = await unit.session.execute(query.group_by(row.kind).order_by(row.kind))
    return {one[0]: one[1] for one in rows}


async def found(
    unit: ReadUnit, world: str, wanted: Collection[tuple[str, str, str]]
) -> dict[tuple[str, str, str], str]:
    """Return the ids of the live entities with these (kind, field, value), by what was wanted."""
    answers: dict[tuple[str, str, str], str] = {}
    by_field = groupby(sorted(wanted), key=lambda one: one[:2])
    for (kind, field), group in by_field:
        values = [value for _, _, value in group]
        query = select(UniqueRow.value, UniqueRow.entity).where(
            UniqueRow.world == world, UniqueRow.kind == kind, UniqueRow.field == field,
            unit.dialect.among(UniqueRow.value, values),
        )  # fmt: skip
        for value, entity in await unit.session.execute(query):
            answers[kind, field, value] = entity
    return answers


async def referring(
    unit: ReadUnit, world: str, wanted: Collection[tuple[str, str]]
) -> dict[tuple[str, str], frozenset[str]]:
    """Return the ids of the live entities that refer to each (target, path)."""
    answers: dict[tuple[str, str], set[str]] = {one: set() for one in wanted}
    # One query for each path: SQLite would go through the whole table for pairs of (target, path).
    for path in sorted({path for _, path in wanted}):
        targets = sorted(target for target, its_path in wanted if its_path == path)
        query = select(RefRow.target, RefRow.source).where(
            RefRow.world == world, unit.dialect.among(RefRow.target, targets), RefRow.path == path
        )
        for target, source in await unit.session.execute(query):
            answers[target, path].add(source)
    return {one: frozenset(sources) for one, sources in answers.items()}


def _among(unit: ReadUnit, world: str, keys: Collection[str]) -> Select[EntityRow, FacetRow]:
    # Said of both tables: PostgreSQL else walks along the whole index of one of them.
    both = [unit.dialect.among(column, sorted(keys)) for column in (EntityRow.id, FacetRow.entity)]
    return _whole(world).where(*both).execution_options(populate_existing=True)


def _whole(world: str) -> Select[EntityRow, FacetRow]:
    joined = (FacetRow.world == EntityRow.world) & (FacetRow.entity == EntityRow.id)
    return select(EntityRow, FacetRow).join(FacetRow, joined).where(EntityRow.world == world).order_by(EntityRow.id)


async def _collect(unit: ReadUnit, query: Select[EntityRow, FacetRow]) -> dict[str, Entity]:
    gathered: dict[str, tuple[EntityRow, dict[str, Plain]]] = {}
    for row, facet in await unit.session.execute(query.execution_options(populate_existing=True)):
        gathered.setdefault(row.id, (row, {}))[1].update(facet.fields)
    return {key: _entity(row, fields) for key, (row, fields) in gathered.items()}


def _entity(row: EntityRow, fields: Mapping[str, Plain]) -> Entity:
    return Entity(row.id, row.kind, fields, row.owner, Life(row.life), row.audience or {})
