"""Holds a world's tables to its log: chain, head, state, what viewers read; finds the first difference, mends none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.chain import GENESIS
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.reading import checked_event
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.projection.replaying import Replay
from reality_engine.projection.verify_past import check_past
from reality_engine.projection.verify_state import check_state
from reality_engine.projection.verify_texts import check_entity_texts, check_event_texts
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EventAudienceRow, EventFacetRow
from reality_engine.visibility.parts import facets_of

BATCH = 500
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found whole: so many events, and the entities that they make up."""

    events: int
    entities: int


async def verify(unit: ReadUnit, world: str, cache: PackCache, progress: Progress = lambda _: None) -> Verified:
    """Replay a world's log and compare everything with it; raises IntegrityError that names the first difference.

    The unit must see one moment. `progress` is told each position that was passed. Keeps the world's entities in
    memory, and of its events one batch.
    """
    head = await eventlog.get_head(unit, world)
    pack = await packs.load(unit, head.pack, cache)
    replay = Replay(pack)
    digest, position = GENESIS, 0
    batch: list[Event] = []
    async for row in eventlog.stored_events(unit, world):
        event = checked_event(row, position + 1, digest)
        replay.play(event)
        digest, position = row.digest, event.position
        batch.append(event)
        if len(batch) == BATCH:
            await _check_views(unit, world, batch)
            batch.clear()
        progress(position)
    await _check_views(unit, world, batch)
    if (position, digest) != (head.position, head.digest):
        raise IntegrityError(f"the log ends at event {position}, its head says {head.position}: events are missing")
    await check_state(unit, world, replay)
    await check_past(unit, world, replay)
    await check_entity_texts(unit, world, replay)
    return Verified(position, len(replay.entities))


async def _check_views(unit: ReadUnit, world: str, events: list[Event]) -> None:
    if not events:
        return
    first, last = events[0].position, events[-1].position
    shown = select(EventFacetRow.position, EventFacetRow.facet, EventFacetRow.content)
    rows = await unit.session.execute(shown.where(*_between(EventFacetRow, world, first, last)))
    contents = {(position, facet): content for position, facet, content in rows}
    seen = select(EventAudienceRow.position, EventAudienceRow.facet, EventAudienceRow.key)
    rows = await unit.session.execute(seen.where(*_between(EventAudienceRow, world, first, last)))
    keys = {(position, facet, bytes(key)) for position, facet, key in rows}
    for event in events:
        for part in facets_of(event):
            if contents.pop((event.position, part.facet), None) != part.content:
                raise IntegrityError(f"what viewers read of event {event.position} is not what it says")
            for key in part.keys:
                if (event.position, part.facet, pack_key(key)) not in keys:
                    raise IntegrityError(f"event {event.position} is hidden from somebody who may see it: {key}")
                keys.discard((event.position, part.facet, pack_key(key)))
    await check_event_texts(unit, world, events)
    if contents or keys:
        place = min([*contents, *keys])[0]
        raise IntegrityError(f"viewers read more of event {place} than it has, or more of them do than may")


def _between(row: Any, world: str, first: int, last: int) -> tuple[Any, ...]:
    return row.world == world, row.position >= first, row.position <= last
