"""Writes what viewers read of events, and rewrites it where the audience of a head was moved; decides neither."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import insert

from reality_engine.db.unit import WriteUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Moved
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.text_rows import add_event_texts
from reality_engine.projection.writing import Rows, delete_rows, write_rows
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EventAudienceRow, EventFacetRow, EventTextRow, MovedEventRow
from reality_engine.visibility.parts import EventFacet, facets_of


async def show(unit: WriteUnit, world: str, events: Iterable[Event]) -> None:
    """Write the parts of events, each for those who may see it, and the words by which these find it."""
    parts = _parts(events)
    facets, audiences = _rows(world, parts)
    await write_rows(unit, insert(EventFacetRow), facets)
    await write_rows(unit, insert(EventAudienceRow), audiences)
    await add_event_texts(unit, world, parts)


async def move_heads(unit: WriteUnit, world: str, moves: Sequence[Moved]) -> None:
    """Show the heads of earlier events to others than before; raises IntegrityError where there is no such event.

    Parts that shared the audience of the head keep it, so that an event may be split otherwise than it was.
    """
    if not moves:
        return
    after = {one.event: one.after for one in moves}
    before = {one.event: one.before for one in reversed(moves)}
    events = await eventlog.events_by_id(unit, world, after)
    if len(events) != len(after):
        raise IntegrityError("the audience of an event was moved that is not in the log")
    facets, audiences = _rows(world, _parts(replace(event, keys=before[event.id]) for event in events))
    await delete_rows(unit, EventFacetRow, facets)
    await delete_rows(unit, EventAudienceRow, audiences)
    await delete_rows(unit, EventTextRow, facets, ("world", "position", "facet"))
    await show(unit, world, [replace(event, keys=after[event.id]) for event in events])
    rows = [{"world": world, "position": event.position, "keys": sorted(after[event.id])} for event in events]
    await write_rows(unit, unit.dialect.upsert(MovedEventRow, ("world", "position"), ("keys",)), rows)


def _parts(events: Iterable[Event]) -> list[tuple[int, EventFacet]]:
    return [(event.position, part) for event in events for part in facets_of(event)]


def _rows(world: str, parts: Iterable[tuple[int, EventFacet]]) -> tuple[Rows, Rows]:
    facets: Rows = []
    audiences: Rows = []
    for position, part in parts:
        place = {"world": world, "position": position, "facet": part.facet}
        facets.append({**place, "content": part.content, "keys": sorted(part.keys)})
        audiences.extend({**place, "key": pack_key(key)} for key in sorted(part.keys))
    return facets, audiences
