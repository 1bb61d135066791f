"""Appends events of the engine's own to a world's log, such as that it was forked; no action of anybody, and no rule.

What acting decides goes by the lanes. This is for work on a world as a whole, which holds the head of its log in a
transaction of its own, and whose events are like all others: in the chain, in the feed and in the state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from reality_engine.actions.events import next_moment
from reality_engine.actions.recording import Record, record, tell
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Event, Head
from reality_engine.kernel.principal import Principal
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack
from reality_engine.projection.turning_rows import turn_rows
from reality_engine.rules.decision import Accepted, DraftEvent
from reality_engine.state import repository as state
from reality_engine.state.fold import fold
from reality_engine.state.held import Held


@dataclass(frozen=True, slots=True)
class _Before:
    """What events go on from. Implements `known.Before`."""

    world: str
    head: Head
    pack: CompiledPack
    entities: Mapping[str, Held]
    events: Mapping[str, Event]

    def held(self, key: str) -> Held | None:
        """See Before."""
        return self.entities.get(key)

    def past_event(self, key: str) -> Event | None:
        """See Before."""
        return self.events.get(key)


@dataclass(slots=True)
class HeldLog:
    """The log of a world that a transaction holds: nobody else writes to it until that ends."""

    unit: WriteUnit
    world: str
    pack: CompiledPack
    head: Head

    async def append(
        self, drafts: Sequence[DraftEvent], principal: Principal, now: datetime, *, epoch: bool = False
    ) -> None:
        """Append events, all recorded at the same moment: just after the last one where the clock says less.

        With `epoch`, every process forgets what it remembers of the world: needed where rows change otherwise than by
        these events. Raises IntegrityError where a change does not follow from what is there; then the transaction
        must not be committed.
        """
        before = await _before(self, drafts)
        made = record(before, _accepted(before, drafts), principal, next_moment(self.head, now))
        if epoch:
            made = _forgotten(made)
        batch = Batch()
        made.write(batch)
        tell(batch, made.head.recorded_at)
        await apply(self.unit, batch)
        self.head = made.head

    async def turn(self, draft: DraftEvent, pack: CompiledPack, principal: Principal, now: datetime) -> Event:
        """Go on under another pack from an event that changes nothing itself, which is returned.

        Entities stay what they are, as far as the pack has a place for it; events that `follow` say what becomes of the
        rest. Every process forgets what it remembers of the world.
        """
        before = _Before(self.world, self.head, pack, {}, {})
        made = _forgotten(record(before, Accepted((draft,), {}, {}), principal, next_moment(self.head, now)))
        made = replace(made, appended=made.appended._replace(after=replace(made.head, pack=pack.digest)))
        batch = Batch()
        made.write(batch)
        directory.mark_upgraded(batch, self.world, pack.digest)
        tell(batch, made.head.recorded_at)
        await apply(self.unit, batch)
        event = made.events[0][0]
        async for rows in turn_rows(self.unit, self.world, self.pack, pack, event):
            await apply(self.unit, rows)
        self.pack, self.head = pack, made.head
        return event

    async def follow(self, origin: Event, draft: DraftEvent, principal: Principal) -> None:
        """Append an event that goes on with what an event just appended began, and happens at the same moment."""
        before = await _before(self, [draft])
        made = record(before, _accepted(before, [draft]), principal, origin.recorded_at, origin.id)
        batch = Batch()
        made.write(batch)
        tell(batch, origin.recorded_at)
        await apply(self.unit, batch)
        self.head = made.head


async def hold(unit: WriteUnit, world: str, cache: PackCache) -> HeldLog:
    """Hold the log of a world; raises NotFoundError where there is none."""
    head = await eventlog.lock_head(unit, world)
    return HeldLog(unit, world, await packs.load(unit, head.pack, cache), head)


async def _before(log: HeldLog, drafts: Sequence[DraftEvent]) -> _Before:
    touched = {recorded.change.entity for draft in drafts for recorded in draft.changes}
    moved = {one.event for draft in drafts for one in draft.moved}
    events = await eventlog.events_by_id(log.unit, log.world, moved) if moved else []
    held = await state.held_with_secrets(log.unit, log.world, touched) if touched else {}
    return _Before(log.world, log.head, log.pack, held, {event.id: event for event in events})


def _accepted(before: _Before, drafts: Sequence[DraftEvent]) -> Accepted:
    changes = [recorded.change for draft in drafts for recorded in draft.changes]
    entities = {key: held.entity for key, held in before.entities.items()}
    after = fold(entities, changes)
    return Accepted(tuple(drafts), {key: entities.get(key) for key in after}, after)


def _forgotten(made: Record) -> Record:
    head = replace(made.head, epoch=made.head.epoch + 1)
    return replace(made, appended=made.appended._replace(after=head))
