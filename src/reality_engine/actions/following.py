"""Brings a memory up to what others have written since, by their events; what these do not tell is forgotten."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from reality_engine.actions.memory import Memory
from reality_engine.actions.outlook import Outlook
from reality_engine.actions.recalling import begin
from reality_engine.db.unit import Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Head
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs.cache import PackCache
from reality_engine.projection.holding import held_after
from reality_engine.state.entity import LIFE, OWNER, Change, unique_key
from reality_engine.state.fold import fold
from reality_engine.state.held import Held

# Who is further behind begins anew: most of what it remembers has changed by then.
MAX_BEHIND: Final = 1_000


async def follow(units: Units, memory: Memory, cache: PackCache) -> Memory:
    """Return a memory of the world as it is at its present head: this one, or one that begins anew.

    Raises NotFoundError where the world is there no more.
    """
    memory.unlearn()
    world, after = memory.world, memory.head.position
    # Where the log goes on from something else than what is remembered, the database is right.
    with suppress(IntegrityError):
        head, events = await units.page(lambda: eventlog.news(units.dialect, world, after, MAX_BEHIND))
        if head == memory.head:
            return memory
        if _leads_to(memory.head, head):
            catch_up(memory, events, head)
            return memory
    async with units.read() as unit:
        return await begin(unit, world, cache)


def _leads_to(before: Head, after: Head) -> bool:
    same_rules = (before.epoch, before.pack) == (after.epoch, after.pack)
    return same_rules and 0 < after.position - before.position <= MAX_BEHIND


def catch_up(memory: Memory, events: Sequence[Event], head: Head) -> None:
    """Go on to a head by the events that led there.

    Raises IntegrityError where they do not follow; then the memory is as it was.
    """
    if len(events) != head.position - memory.head.position:
        raise IntegrityError("the log has no events where it should")
    before = _before(memory, events)
    after = dict(_folded(memory, events, before))
    ahead = Outlook(memory)
    ahead.happened(head, before, after, events)
    ahead.settle()
    _forget(memory, (change for event in events for change in _changes(event) if change.entity not in before))
    memory.rest()


def _before(memory: Memory, events: Sequence[Event]) -> dict[str, Held | None]:
    """Return what is known of the changed entities as they were: those that are remembered, and those that are new."""
    first: dict[str, Change] = {}
    for event in events:
        for change in _changes(event):
            first.setdefault(change.entity, change)
    known: dict[str, Held | None] = {}
    for key, change in first.items():
        if change.field == LIFE and change.before is None:
            known[key] = None
        elif key in memory.entities:
            known[key] = memory.entities[key]
    return known


def _folded(memory: Memory, events: Sequence[Event], before: dict[str, Held | None]) -> Iterable[tuple[str, Held]]:
    held = {key: one for key, one in before.items() if one is not None}
    entities = {key: one.entity for key, one in held.items()}
    for event in events:
        after = fold(entities, (change for change in _changes(event) if change.entity in before))
        entities.update(after)
        for key, entity in after.items():
            kind = memory.pack.kinds[entity.kind]
            held[key] = held_after(kind, held.get(key), entity, event.position, event.recorded_at)
            yield key, held[key]


def _forget(memory: Memory, changes: Iterable[Change]) -> None:
    """Forget what the change of an entity that is not remembered may have made untrue."""
    for change in changes:
        if change.field == LIFE:
            # Which values it holds, and what it refers to, is not told here.
            memory.finds.clear()
            memory.references.clear()
        values = [value for value in (change.before, change.after) if value is not None]
        if change.field in memory.pack.kinds[change.kind].uniques:
            memory.finds.forget((change.kind, change.field, unique_key(value)) for value in values)
        if change.field in memory.pack.kinds[change.kind].refs:
            memory.references.forget((str(value), change.kind, change.field) for value in values)
        if change.field == OWNER:
            memory.owned.forget(str(value) for value in values)


def _changes(event: Event) -> Iterable[Change]:
    return (recorded.change for recorded in event.changes)
