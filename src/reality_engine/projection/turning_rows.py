"""Brings the tables of a world under another pack, page by page; what becomes of an entity is worked out elsewhere."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from sqlalchemy import select

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Event
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.closing import Allowed, closing_of
from reality_engine.projection.projector import PAST_FACETS, write_steps
from reality_engine.projection.steps import Step
from reality_engine.projection.turning import alike, turned
from reality_engine.state import repository as state
from reality_engine.state.held import Held
from reality_engine.state.models import PastFacetRow
from reality_engine.visibility.keys import in_order

# So many past states are brought up to date at once.
BATCH: Final = 2_000
_ENTITY, _FACET, _FIELDS, _KEYS = (PAST_FACETS.places[name] for name in ("entity", "facet", "fields", "keys"))


async def turn_rows(
    unit: ReadUnit, world: str, old: CompiledPack, new: CompiledPack, event: Event
) -> AsyncIterator[Batch]:
    """Yield what is to be written for the turn from one pack to another by an event, which is appended elsewhere."""
    after: str | None = None
    while page := await state.held_page_with_secrets(unit, world, after):
        after = max(page)
        batch, allowed = Batch(), _allowed(page, new, event)
        write_steps(batch, world, [step for was in page.values() if (step := _step(was, old, new, event)) is not None])
        if allowed:
            past = batch.of(PAST_FACETS)
            past.fresh = [_narrowed(row, allowed) for row in past.fresh]
        yield batch
        async for narrowed in _closed(unit, world, allowed):
            yield narrowed


def _step(was: Held, old: CompiledPack, new: CompiledPack, event: Event) -> Step | None:
    name = was.entity.kind
    before, kind = old.kinds[name], new.kinds[name]
    if alike(before, kind):
        return None
    return Step(kind, was, turned(kind, was, event.position, event.recorded_at), event.position, frozenset(), before)


def _allowed(page: Mapping[str, Held], new: CompiledPack, event: Event) -> dict[str, Allowed]:
    """Return who may see the past of entities from now on, of those for which that is less than before."""
    found = {key: closing_of(event, new, held.entity) for key, held in page.items()}
    return {key: one for key, one in found.items() if one is not None}


async def _closed(unit: ReadUnit, world: str, allowed: Mapping[str, Allowed]) -> AsyncIterator[Batch]:
    """Yield what takes past states from those who may not see them any more."""
    if not allowed:
        return
    row_type = PastFacetRow
    query = select(*PAST_FACETS.columns).where(
        row_type.world == world, unit.dialect.among(row_type.entity, sorted(allowed))
    )
    batch, many = Batch(), 0
    for row in await unit.session.execute(query):
        left = _narrowed(tuple(row), allowed)
        if left != tuple(row):
            batch.update(PAST_FACETS, PAST_FACETS.key_of(left), {"keys": left[_KEYS]})
            many += 1
        if many >= BATCH:
            yield batch
            batch, many = Batch(), 0
    yield batch


def _narrowed(row: Row, allowed: Mapping[str, Allowed]) -> Row:
    """Return a past state with those keys alone that may still see it."""
    whose = allowed.get(row[_ENTITY])
    if whose is None:
        return row
    left = whose.narrowed(row[_FACET], row[_FIELDS], row[_KEYS])
    return row if left == {*row[_KEYS]} else (*row[:_KEYS], in_order(left), *row[_KEYS + 1 :])
