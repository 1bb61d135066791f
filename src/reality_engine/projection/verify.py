"""Holds a world's tables to its log: chain, head, state, what viewers read; finds the first difference, mends none."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from reality_engine.db.unit import ReadUnit
from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.erased import Missing
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.reading import Logged
from reality_engine.eventlog.ruling import UPGRADED, Ruling
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.closing import closings
from reality_engine.projection.playing import played
from reality_engine.projection.replaying import Replay
from reality_engine.projection.verify_past import check_past
from reality_engine.projection.verify_state import check_state
from reality_engine.projection.verify_texts import check_entity_texts
from reality_engine.projection.verify_views import Views

# Told what is being compared, and how much of it was: of the log, up to which event.
Progress = Callable[[str, int], None]
LOG: Final = "the log, and what is read of events"
STATE: Final = "entities, and how they are found"
PAST: Final = "past states"
WORDS: Final = "words"


# In this order, after the log itself was played.
CHECKS: Final[Mapping[str, Callable[[ReadUnit, str, Replay], Awaitable[None]]]] = {
    STATE: check_state, PAST: check_past, WORDS: check_entity_texts,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found whole: so many events, and the entities that they make up, as of this head.

    Of the values that events commit to, `missing` are not there any more.
    """

    head: Head
    entities: int
    missing: Missing

    @property
    def events(self) -> int:
        """How many events there are."""
        return self.head.position

    @property
    def erased(self) -> int:
        """How many values are missing of which the log says that they were erased."""
        return min(self.missing.values, self.missing.told)

    @property
    def unaccounted(self) -> int:
        """How many more are missing: they were removed by other means, or an erasure has not come to its end."""
        return self.missing.values - self.erased


async def verify(unit: ReadUnit, world: str, cache: PackCache, progress: Progress = lambda *_: None) -> Verified:
    """Replay a world's log and compare everything with it; raises IntegrityError that names the first difference.

    The unit must see one moment. `progress` is told of each page where it ended, and what is compared next. Keeps the
    world's entities in memory, and of its events one page.
    """
    head = await eventlog.get_head(unit, world)
    closable = any(closings(event) for event in await eventlog.events_of_type(unit, world, UPGRADED))
    replay, views = Replay(await packs.load(unit, head.pack, cache), closable=closable), Views(unit, world)
    events: list[Event] = []
    missing = Missing()
    last = head.recorded_at

    def play(logged: Logged, pack: CompiledPack) -> None:
        event = logged.event()
        missing.count(logged.tree, logged.body, logged.private)
        replay.play(event, pack)
        events.append(event)

    ruling = Ruling(unit, cache, play)
    async for place in played(unit, world, head, ruling):
        await views.check(events)
        last = events[-1].recorded_at
        events.clear()
        progress(LOG, place.position)
    if last != head.recorded_at:
        raise IntegrityError("the head of the log says another moment than its last event was recorded at")
    await _check_pack(unit, world, head, ruling)
    await views.conclude()
    for what, check in CHECKS.items():
        progress(what, 0)
        await check(unit, world, replay)
    return Verified(head, len(replay.entities), missing)


async def _check_pack(unit: ReadUnit, world: str, head: Head, ruling: Ruling) -> None:
    """Hold what the head and the directory say of the rules to the last event; raises IntegrityError."""
    if not ruling.holds(head.pack):
        raise IntegrityError("the head of the log says another pack than its last event happened under")
    if await directory.pack_of(unit, world) != head.pack:
        raise IntegrityError("the directory says another pack than the head of the log")
