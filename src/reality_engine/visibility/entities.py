"""Reads entities through a viewer's scope: what they may not see is not fetched, and not there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import select

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.reading.statement import Script
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility import past, statements
from reality_engine.visibility.page import Page, Standing, shown_parts
from reality_engine.visibility.past_search import search_of
from reality_engine.visibility.predicates import held_by
from reality_engine.visibility.states import NOW
from reality_engine.visibility.viewer import Viewer
from reality_engine.visibility.words import Words

# Of a part as a statement has it: its entity and facet.
_PLACE: Final = itemgetter(0, 2)


@dataclass
class EntityView:
    """As much of an entity as a viewer may see; `updated_at` is when any of that changed last, as text."""

    id: str
    kind: str
    updated_at: str
    owner: str | None = None
    deleted: bool = False
    fields: dict[str, Plain] = field(default_factory=dict)


async def get_entity(unit: ReadUnit, viewer: Viewer, key: str) -> EntityView:
    """Return one entity; raises NotFoundError where there is none, or nothing of it is to be seen."""
    found = await views(unit, viewer, [key] if is_id(key) else [])
    if not found:
        raise NotFoundError("there is no such entity in this world")
    return found[0]


async def list_entities(
    unit: ReadUnit, viewer: Viewer, kind: str, limit: int, before: str | None = None
) -> list[EntityView]:
    """Return the newest visible live entities of a kind with ids below `before`, newest first."""
    return (await unit.run(newest_page(unit.dialect, viewer, kind, limit, before))).views


def newest_page(
    dialect: Dialect, viewer: Viewer, kind: str, limit: int, before: str | None = None
) -> Script[Page[EntityView]]:
    """Read what `list_entities` returns, and where the log stands."""
    form, keys = statements.form_of(dialect, viewer.scope)
    known = viewer.pack.kinds.get(kind)
    statement = statements.newest(dialect, form, owned=known is not None and known.owned, first=before is None)
    asked = {"world": viewer.world, "kind": kind, "before": before, "limit": limit}
    ((position, scopes, epoch, pack, told),) = yield statement, {**keys, **asked}
    parts = shown_parts(told)
    parts.sort(key=_PLACE, reverse=True)
    return Page(Standing(position, scopes, epoch, pack), _merged(viewer, parts))


def _merged(viewer: Viewer, parts: Iterable[Any]) -> list[EntityView]:
    """Put the facets of entities together, in the order in which they come."""
    found: dict[str, EntityView] = {}
    for entity, kind, facet, fields, changed_at, owner in parts:
        view = found.get(entity)
        if view is None:
            view = found[entity] = EntityView(entity, kind, changed_at, fields=fields)
        else:
            # Facets come from the last to the first, and are shown from the first to the last.
            view.fields = {**fields, **view.fields}
            view.updated_at = max(view.updated_at, changed_at)
        if owner is not None and facet == viewer.pack.kinds[kind].owner_facet:
            view.owner = owner
    return list(found.values())


async def search_entities(
    unit: ReadUnit, viewer: Viewer, words: Words, kind: str | None, limit: int, before: str | None = None
) -> list[EntityView]:
    """Return the newest live entities, of one kind or of any, that have all words in what is visible of them."""
    query = search_of(unit.dialect, viewer, words).newest_entities(kind, before, limit)
    return await _in_order(unit, viewer, list(await unit.session.scalars(query)))


async def visible_ids(unit: ReadUnit, viewer: Viewer, keys: Collection[str]) -> set[str]:
    """Return those of the ids that belong to entities of which the viewer may see anything."""
    if not keys:
        return set()
    if viewer.states is not NOW:
        return await past.seen(unit, viewer, keys)
    query = select(FacetRow.entity).where(
        FacetRow.world == viewer.world,
        unit.dialect.among(FacetRow.entity, sorted(keys)),
        held_by(unit.dialect, viewer.scope, FacetRow.keys),
    )
    return set(await unit.session.scalars(query.distinct()))


async def views(unit: ReadUnit, viewer: Viewer, keys: Sequence[str]) -> list[EntityView]:
    """Return what is visible of these entities, by id."""
    if not keys:
        return []
    parts = await (_parts(unit, viewer, keys) if viewer.states is NOW else past.parts(unit, viewer, keys))
    found: dict[str, EntityView] = {}
    for entity, kind, facet, fields, changed_at, owner, life in parts:
        view = found.setdefault(entity, EntityView(entity, kind, changed_at))
        view.fields.update(fields)
        view.updated_at = max(view.updated_at, changed_at)
        view.deleted = life != str(Life.LIVE)
        if facet == viewer.pack.kinds[kind].owner_facet:
            view.owner = owner
    return list(found.values())


async def _parts(unit: ReadUnit, viewer: Viewer, keys: Sequence[str]) -> list[past.Part]:
    joined = (EntityRow.world == FacetRow.world) & (EntityRow.id == FacetRow.entity)
    query = (
        select(
            FacetRow.entity, FacetRow.kind, FacetRow.facet, FacetRow.fields, FacetRow.changed_at,
            EntityRow.owner, EntityRow.life,
        )
        # Said of both tables: PostgreSQL else walks along the whole index of one of them.
        .join(EntityRow, joined & unit.dialect.among(EntityRow.id, sorted(keys)))
        .where(FacetRow.world == viewer.world, unit.dialect.among(FacetRow.entity, sorted(keys)))
        .where(held_by(unit.dialect, viewer.scope, FacetRow.keys))
        .order_by(FacetRow.entity, FacetRow.facet)
    )  # fmt: skip
    return [
        past.Part(entity, kind, facet, fields, to_text(changed_at), owner, life)
        for entity, kind, facet, fields, changed_at, owner, life in await unit.session.execute(query)
    ]


async def _in_order(unit: ReadUnit, viewer: Viewer, keys: Sequence[str]) -> list[EntityView]:
    by_key = {view.id: view for view in await views(unit, viewer, keys)}
    return [by_key[key] for key in keys if key in by_key]
