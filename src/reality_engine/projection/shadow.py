"""A world's log played into rows of another world's id, page by page, as acting writes them; not what they are for.

The shadow has a head of its own, by which one goes on where another left off. Its epoch is that of the world: where the
past of the world is rewritten, what was played of it holds no more.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Final

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, shape_of
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.models import HeadRow
from reality_engine.eventlog.reading import Place, Stored, checked
from reality_engine.kernel.errors import IntegrityError
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.projector import project
from reality_engine.projection.turning_rows import turn_rows
from reality_engine.state import repository as state
from reality_engine.state.held import Held
from reality_engine.visibility.parts import shown

HEADS: Final = shape_of(HeadRow, ("position", "epoch"))
# So many events are played and written at once, and so many entities remembered from one page to the next.
PAGE: Final = 500
REMEMBERED: Final = 20_000


@dataclass
class Shadow:
    """What a world's log makes, under the id `id`, up to the head."""

    id: str
    world: str
    head: Head
    cache: PackCache
    held: dict[str, Held] = field(default_factory=dict)

    async def next_page(self, unit: ReadUnit, many: int = PAGE) -> tuple[Batch, Head] | None:
        """Return what the next events make, and the head after that; None where there are no more.

        Raises IntegrityError where the log is not whole. The batch is guarded by the head of the shadow, and must be
        written before the next page; `moved_to` says that it was.
        """
        rows = await eventlog.stored_page(unit, self.world, self.head.position, many)
        if not rows:
            return None
        events = await asyncio.to_thread(_events, rows, Place(self.head.position, self.head.digest))
        events = events[: await self.together(unit, events)]
        end, last, batch = rows[len(events) - 1], events[-1], Batch()
        await self.play(unit, batch, events)
        head = replace(self.head, position=end[0], digest=end[4], pack=last.pack, recorded_at=last.recorded_at)
        batch.guard(HEADS, self.row(), self.row(head))
        return batch, head

    async def together(self, unit: ReadUnit, events: Sequence[Event]) -> int:
        """Return how many of the next events can be played at once: those under one pack.

        The event that turns to another one stands alone, since it goes through all that those before it made.
        """
        if await self._before(unit, events[0]) is not None:
            return 1
        return sum(1 for _ in takewhile(lambda event: event.pack == events[0].pack, events))

    async def play(self, unit: ReadUnit, batch: Batch, events: Sequence[Event]) -> None:
        """Have a batch write what the next events make, so many as can be played at once.

        Raises IntegrityError where they do not follow.
        """
        moved = {one.event for event in events for one in event.moved}
        earlier = {one.id: one for one in await eventlog.events_by_id(unit, self.world, moved)} if moved else {}
        pack, before = await packs.load(unit, events[0].pack, self.cache), await self._before(unit, events[0])
        if before is not None:
            async for rows in turn_rows(unit, self.id, await packs.load(unit, before, self.cache), pack, events[0]):
                batch.merge(rows)
            self.held = {}
        await self._recall(unit, events)
        await asyncio.to_thread(self._play, batch, pack, events, earlier)

    def moved_to(self, head: Head) -> None:
        """Go on from a head to which the rows were written."""
        self.head = head

    def row(self, head: Head | None = None) -> Row:
        """Return the row of a head of the shadow, of its present one where none is named."""
        head = head or self.head
        return (self.id, head.position, head.digest, head.epoch, head.pack, head.recorded_at, head.scopes)

    async def _before(self, unit: ReadUnit, event: Event) -> str | None:
        """Return the pack before the next event, where that turns to another one."""
        if not self.head.position:
            return None
        before = await eventlog.pack_of(unit, self.world, self.head.position)
        return None if before == event.pack else before

    async def _recall(self, unit: ReadUnit, events: Sequence[Event]) -> None:
        """Have what the events change in memory, as it was before."""
        touched = {recorded.change.entity for event in events for recorded in event.changes}
        if len(self.held) > REMEMBERED:
            self.held = {key: held for key, held in self.held.items() if key in touched}
        unknown = touched - self.held.keys()
        if unknown and self.head.position:
            self.held |= await state.held_with_secrets(unit, self.id, unknown)

    def _play(self, batch: Batch, pack: CompiledPack, events: Sequence[Event], earlier: Mapping[str, Event]) -> None:
        before = {key: self.held.get(key) for event in events for key in _touched(event)}
        made = project(self.id, pack, [shown(event) for event in events], before, earlier)
        made.write(batch)
        self.held.update(made.after)


def _touched(event: Event) -> Collection[str]:
    return [recorded.change.entity for recorded in event.changes]


def _events(rows: Sequence[Stored], after: Place) -> list[Event]:
    return [logged.event() for logged in checked(rows, after)]


async def refuse_short(unit: ReadUnit, world: str, end: Place) -> None:
    """Raise IntegrityError unless a world's log ends there."""
    head = await eventlog.get_head(unit, world)
    if (head.position, head.digest) != end:
        raise IntegrityError(f"the log ends at event {end.position}, its head says {head.position}: events are missing")
