"""A world as its log makes it up to a position, written beside it as a world of its own: what the past is held to.

It is read as all worlds are read now. What was concealed later is concealed in it, and events are for whom they are for
now, since that holds at all times.
"""

from collections.abc import Sequence
from itertools import chain

from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.reading import event_of
from reality_engine.eventlog.repository import get_head, stored_events
from reality_engine.eventlog.writer import append, chained, open_log
from reality_engine.kernel.ids import fresh_id
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.event_views import show
from reality_engine.projection.holding import changed_names, held_after
from reality_engine.projection.projector import write_entities
from reality_engine.projection.steps import Step
from reality_engine.state.fold import fold
from reality_engine.state.held import Held
from reality_engine.visibility.parts import shown
from tests.properties.stage import Stage


async def events_of(unit: ReadUnit, world: str) -> list[Event]:
    """Return the events of a world, their heads for whom they are for now."""
    events = [event_of(row) async for row in stored_events(unit, world)]
    moved = {one.event: one.after for event in events for one in event.moved}
    return [event._replace(keys=moved.get(event.id, event.keys)) for event in events]


async def copied(stage: Stage, world: str, events: Sequence[Event], position: int) -> str:
    """Write the world as of a position, and return its id."""
    copy = fresh_id(stage.clock.now())
    async with stage.units.read() as unit:
        head = await get_head(unit, world)
    async with stage.units.write() as unit:
        opening = Batch()
        begun = open_log(opening, copy, head.pack, events[0].recorded_at)
        await apply(unit, opening)
        batch = Batch()
        append(batch, chained(copy, begun, events[:position]))
        write_entities(batch, copy, stage.pack, {}, made(stage.pack, events, position))
        show(batch, copy, [shown(event) for event in events[:position]])
        await apply(unit, batch)
        await unit.commit()
    return copy


def made(pack: CompiledPack, events: Sequence[Event], position: int) -> dict[str, Held]:
    """Return what is held after the event at a position, without what was concealed later."""
    held: dict[str, Held] = {}
    then: dict[str, Held] = {}
    for event in events:
        names = changed_names(event)
        before = {key: held[key].entity for key in names if key in held}
        for key, after in fold(before, (one.change for one in event.changes)).items():
            was, kind = held.get(key), pack.kinds[after.kind]
            held[key] = held_after(kind, was, after, event.position, event.recorded_at, names[key])
            if event.position > position and key in then:
                step = Step(kind, was, held[key], event.position, names[key])
                then[key] = _without(then[key], step.taken())
        if event.position == position:
            then = dict(held)
    return then


def _without(held: Held, taken: dict[str, frozenset[str] | None]) -> Held:
    facets = dict(held.facets)
    for number, facet in held.facets.items():
        for name in taken.keys() & facet.fields.keys():
            lost = taken[name]
            keys = facets[number].keys
            facets[number] = facet._replace(keys=frozenset() if lost is None else keys - lost)
    return held._replace(facets=facets)


def words_in(events: Sequence[Event]) -> list[str]:
    """Return some words that things and events of a world have, or had."""
    values = chain.from_iterable((one.change.before, one.change.after) for event in events for one in event.changes)
    words = chain.from_iterable(value.lower().split() for value in values if isinstance(value, str))
    return sorted({word for word in words if word.isalnum() and word.isascii()})
