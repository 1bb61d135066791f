"""Holds the tables of past states to what a log makes of them; finds the first difference and mends none."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.replaying import PAST_ENTITY, PAST_FACET, Replay, summed
from reality_engine.state.models import PastEntityRow, PastFacetRow

BATCH = 500


async def check_past(unit: ReadUnit, world: str, replay: Replay) -> None:
    """Compare a world's past states with those that its log went through; raises IntegrityError."""
    found: dict[str, int] = defaultdict(int)
    whose: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
        (PastEntityRow, PastEntityRow.id, PAST_ENTITY),
        (PastFacetRow, PastFacetRow.entity, PAST_FACET),
    )
    for table, entity, names in whose:
        query = select(entity, *(getattr(table, name) for name in names)).where(table.world == world)
        async for key, *row in await unit.session.stream(query.execution_options(yield_per=BATCH)):
            found[key] = summed(found[key], names, row)
    different = [key for key in replay.past.keys() | found.keys() if replay.past.get(key, 0) != found.get(key, 0)]
    if different:
        raise IntegrityError(f"a past state of entity {min(different)} is not what the log made of it")
