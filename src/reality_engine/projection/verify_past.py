"""Holds the tables of past states to what a log makes of them; finds the first difference and mends none."""

from collections import defaultdict

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.replaying import Replay, past_entity, past_facet, summed
from reality_engine.state.models import PastEntityRow, PastFacetRow

BATCH = 500


async def check_past(unit: ReadUnit, world: str, replay: Replay) -> None:
    """Compare a world's past states with those that its log went through; raises IntegrityError."""
    found: dict[str, int] = defaultdict(int)
    entity, facet = PastEntityRow, PastFacetRow
    columns = (entity.id, entity.kind, entity.owner, entity.life, entity.revision, entity.since, entity.until)
    query = select(*columns).where(entity.world == world).execution_options(yield_per=BATCH)
    async for key, *held, since, until in await unit.session.stream(query):
        found[key] = summed(found[key], past_entity(*held) | {"since": since, "until": until})
    shown = (facet.entity, facet.facet, facet.kind, facet.fields, facet.keys)
    times = (facet.since, facet.until, facet.changed_at)
    facets = select(*shown, *times).where(facet.world == world).execution_options(yield_per=BATCH)
    async for key, *held, since, until, changed_at in await unit.session.stream(facets):
        span = {"since": since, "until": until, "changed_at": to_text(changed_at)}
        found[key] = summed(found[key], past_facet(*held) | span)
    different = [key for key in replay.past.keys() | found.keys() if replay.past.get(key, 0) != found.get(key, 0)]
    if different:
        raise IntegrityError(f"a past state of entity {min(different)} is not what the log made of it")
