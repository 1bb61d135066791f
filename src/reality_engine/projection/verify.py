"""Holds a world's tables to its log: chain, head, state, what viewers read; finds the first difference, mends none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.reading import Logged
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.projection.playing import played
from reality_engine.projection.replaying import Replay
from reality_engine.projection.verify_past import check_past
from reality_engine.projection.verify_state import check_state
from reality_engine.projection.verify_texts import check_entity_texts
from reality_engine.projection.verify_views import Views

if TYPE_CHECKING:
    from reality_engine.eventlog.event import Event

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found whole: so many events, and the entities that they make up."""

    events: int
    entities: int


async def verify(unit: ReadUnit, world: str, cache: PackCache, progress: Progress = lambda _: None) -> Verified:
    """Replay a world's log and compare everything with it; raises IntegrityError that names the first difference.

    The unit must see one moment. `progress` is told of each page where it ended. Keeps the world's entities in
    memory, and of its events one page.
    """
    head = await eventlog.get_head(unit, world)
    pack = await packs.load(unit, head.pack, cache)
    replay, views = Replay(pack), Views(unit, world)
    events: list[Event] = []

    def play(logged: Logged) -> None:
        event = logged.event()
        replay.play(event)
        events.append(event)

    async for place in played(unit, world, head, play):
        await views.check(events)
        events.clear()
        progress(place.position)
    await views.conclude()
    await check_state(unit, world, replay)
    await check_past(unit, world, replay)
    await check_entity_texts(unit, world, replay)
    return Verified(head.position, len(replay.entities))
