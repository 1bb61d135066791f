"""Holds the words by which things are searched to what a log makes of them; finds the first difference, mends none."""

from collections.abc import Collection

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Event
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.replaying import Replay
from reality_engine.projection.texts import entity_words, event_words
from reality_engine.visibility.models import EntityTextRow, EventTextRow
from reality_engine.visibility.parts import facets_of

BATCH = 500


async def check_entity_texts(unit: ReadUnit, world: str, replay: Replay) -> None:
    """Compare the words of a world's entities with those that its log makes; raises IntegrityError.

    Words are made again one entity at a time, since there may be many of them.
    """
    kinds = replay.pack.kinds
    expected = {key: len(entity_words(kinds[entity.kind], entity)) for key, entity in replay.entities.items()}
    row = EntityTextRow
    query = select(row.entity, row.facet, row.kind, row.words).where(row.world == world)
    async for key, facet, kind, words in await unit.session.stream(query.execution_options(yield_per=BATCH)):
        entity = replay.entities.get(key)
        if entity is None or entity.kind != kind or entity_words(kinds[kind], entity).get(facet) != words:
            raise _different(f"{kind} {key}")
        expected[key] -= 1
    if missing := [key for key, left in expected.items() if left]:
        raise _different(f"{replay.entities[min(missing)].kind} {min(missing)}")


async def differing_event_texts(unit: ReadUnit, world: str, events: Collection[Event]) -> dict[int, str]:
    """Compare the words of events with those that they have; returns what is wrong, by position."""
    places = [event.position for event in events]
    row = EventTextRow
    query = select(row.position, row.facet, row.words).where(row.world == world, row.position.in_(places))
    found = {(position, facet): words for position, facet, words in await unit.session.execute(query)}
    expected = {
        (event.position, part.facet): words
        for event in events
        for part in facets_of(event)
        if (words := event_words(part.content))
    }
    different = [place for place in expected.keys() | found.keys() if expected.get(place) != found.get(place)]
    return {position: _told(f"event {position}") for position, _ in different}


def _different(what: str) -> IntegrityError:
    return IntegrityError(_told(what))


def _told(what: str) -> str:
    return f"the words by which {what} is found are not those that it has"
