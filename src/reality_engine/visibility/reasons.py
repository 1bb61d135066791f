"""By which of their own keys a viewer sees an event; nobody else's keys are ever among the answers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.models import EventRow
from reality_engine.kernel.ids import is_id
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EventAudienceRow, EventFacetRow
from reality_engine.visibility.predicates import held_by


@dataclass
class SeenPart:
    """A part of an event that a viewer sees, and the keys of theirs that open it."""

    content: Mapping[str, Any]
    keys: list[str] = field(default_factory=list)


async def position_of(unit: ReadUnit, scope: Scope, world: str, event: str) -> int | None:
    """Return the position of an event of which the scope sees any part, or None."""
    if not is_id(event):
        return None
    joined = (EventRow.world == EventFacetRow.world) & (EventRow.position == EventFacetRow.position)
    query = (
        select(EventRow.position)
        .join(EventFacetRow, joined)
        .where(EventRow.world == world, EventRow.id == event, held_by(unit.dialect, scope, EventFacetRow.keys))
        .limit(1)
    )
    position: int | None = await unit.session.scalar(query)
    return position


async def seen_parts(unit: ReadUnit, scope: Scope, world: str, position: int) -> list[SeenPart]:
    """Return the parts of an event that are open to keys of the scope, each with these, in the order of its parts."""
    by_packed = {pack_key(key): key for key in scope.keys}
    facet, seen = EventFacetRow, EventAudienceRow
    joined = (seen.world == facet.world) & (seen.position == facet.position) & (seen.facet == facet.facet)
    query = (
        select(facet.facet, facet.content, seen.key)
        .join(seen, joined)
        .where(facet.world == world, facet.position == position, seen.key.in_(sorted(by_packed)))
        .order_by(facet.facet, seen.key)
    )
    parts: dict[int, SeenPart] = defaultdict(lambda: SeenPart({}))
    for number, content, key in await unit.session.execute(query):
        parts[number].content = content
        parts[number].keys.append(by_packed[bytes(key)])
    return list(parts.values())
