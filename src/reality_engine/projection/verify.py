"""Holds a world's tables to its log: chain, head, state, what viewers read; finds the first difference, mends none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.chain import GENESIS
from reality_engine.eventlog.reading import checked_event
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.projection.replaying import Replay
from reality_engine.projection.verify_past import check_past
from reality_engine.projection.verify_state import check_state
from reality_engine.projection.verify_texts import check_entity_texts
from reality_engine.projection.verify_views import Views

if TYPE_CHECKING:
    from reality_engine.eventlog.event import Event

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
    views = Views(unit, world)
    async for row in eventlog.stored_events(unit, world):
        event = checked_event(row, position + 1, digest)
        replay.play(event)
        digest, position = row.digest, event.position
        batch.append(event)
        if len(batch) == BATCH:
            await views.check(batch)
            batch.clear()
        progress(position)
    await views.check(batch)
    if (position, digest) != (head.position, head.digest):
        raise IntegrityError(f"the log ends at event {position}, its head says {head.position}: events are missing")
    await views.conclude()
    await check_state(unit, world, replay)
    await check_past(unit, world, replay)
    await check_entity_texts(unit, world, replay)
    return Verified(position, len(replay.entities))
