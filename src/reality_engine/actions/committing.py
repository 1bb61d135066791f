"""Decides groups of orders by what is remembered of their worlds, and makes them durable; not which are a group.

Nothing is locked while deciding: the write is guarded by the heads that were decided by. Where one has moved, somebody
else wrote in between, and it is decided again by what that made of the world, while nobody else can write.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from reality_engine.actions import repository
from reality_engine.actions.context import ActionContext
from reality_engine.actions.following import follow
from reality_engine.actions.generations import Generations
from reality_engine.actions.group import Group, Lot
from reality_engine.actions.memory import Memory
from reality_engine.actions.order import Order, expected
from reality_engine.actions.recalling import begin
from reality_engine.actions.settling import NotCommittedError, find_out, make_durable
from reality_engine.actions.turn import Reader
from reality_engine.actions.waiting import Waiting
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.eventlog.writer import HEADS
from reality_engine.kernel.errors import IntegrityError, NotFoundError, RealityError, UnavailableError

# How many worlds are remembered, and how often a group is decided again because somebody else wrote in between.
MAX_WORLDS: Final = 100
MAX_ATTEMPTS: Final = 20
# Once somebody else wrote, so many groups are decided while nobody else can: they will write again.
WARY: Final = 16
# After so many commits that did not happen, the disk is full, say: to go on trying would be in vain.
MAX_LOST: Final = 3
# After so many decisions, whoever else waits for the processor gets their turn.
_PAUSE: Final = 16


class Committer:
    """Remembers worlds. What fails leaves nothing behind that was not committed."""

    def __init__(self, context: ActionContext) -> None:
        """Begin with nothing."""
        self._context: Final = context
        self._memories: Final = Generations[str, Memory](MAX_WORLDS)
        self._wary = 0

    @property
    def taking_turns(self) -> bool:
        """Whether others write too, so that groups should not be decided before it is their turn."""
        return self._wary > 0

    def begun(self, ahead: Group | None = None) -> Group:
        """Begin a group, on top of one that is on its way."""
        return Group(self._context, ahead)

    async def decide(self, group: Group, orders: Sequence[Order]) -> None:
        """Decide orders one after the other on top of those before them; raises UnavailableError."""
        if not orders:
            return
        group.orders.extend(orders)
        units, places = self._context.units, group.unknown_places(orders)
        if places:
            group.kept.update(await units.page(lambda: repository.kept_answers(units.dialect, places)))
        async with AsyncExitStack() as stack:
            lot = Lot(Lookup(units, stack).unit, expected(orders))
            for number, order in enumerate(orders, 1):
                try:
                    memory = await self._memory(group, order.world, lot.read)
                except RealityError as error:
                    group.outcomes.append((order, error))
                else:
                    await group.decide(memory, order, lot)
                if number % _PAUSE == 0:
                    await asyncio.sleep(0)

    async def write(self, group: Group) -> None:
        """Return once a group is durable; raises what `make_durable` does."""
        await make_durable(self._context.units, group)

    def remember(self, group: Group) -> None:
        """Go on from a group that is durable, while nothing is being decided."""
        group.remember()
        for world, memory in group.memories.items():
            memory.rest()
            self._context.room.take(world, memory.size, self._forget)
        self._memories.rest()

    def drop(self, orders: Iterable[Order], trouble: Exception) -> None:
        """Know nothing any more that is not as it was committed, after orders failed, and those on top of them."""
        worlds = {order.world for order in orders}
        if isinstance(trouble, HeadMovedError | IntegrityError):
            # Somebody else may have kept the same refusal, for which they need not have moved the head.
            self._wary = WARY
        if isinstance(trouble, HeadMovedError | IntegrityError | UnavailableError):
            self._unlearn(worlds)
        else:
            self._memories.forget(worlds)

    async def commit(self, orders: list[Order], further: Waiting | None = None) -> Group:
        """Decide orders one after the other and return what they come to, which is durable then.

        Where the worlds had to be waited for, those of the further orders that came meanwhile are added to them. Raises
        UnavailableError where it cannot be written now, of which OutcomeUnknownError says that it may have been, and
        whatever else the database makes of it: then nothing happened.
        """
        try:
            group = await self._written(orders, further)
        except Exception as error:
            self.drop(orders, error)
            raise
        self.remember(group)
        return group

    async def _written(self, orders: list[Order], further: Waiting | None) -> Group:
        lost = 0
        for _ in range(MAX_ATTEMPTS):
            alone = self.taking_turns
            try:
                return await (self._held(orders, further) if alone else self._guarded(orders))
            except (HeadMovedError, IntegrityError) as error:
                if alone and isinstance(error, IntegrityError):
                    raise
                self.drop(orders, error)
                lost += isinstance(error, NotCommittedError)
                if lost == MAX_LOST:
                    raise UnavailableError("the database does not commit what is written to it") from error
        raise UnavailableError("others write to this world all the time")

    async def _guarded(self, orders: Sequence[Order]) -> Group:
        group = self.begun()
        await self.decide(group, orders)
        group.close()
        await self.write(group)
        return group

    async def _held(self, orders: list[Order], further: Waiting | None) -> Group:
        """Decide and write while nobody else can."""
        units, group, lost = self._context.units, self.begun(), None
        async with units.alone(HEADS, [(world,) for world in {order.world for order in orders}]) as write:
            self._wary -= 1
            if further is not None:
                orders += further.take(orders)
            for world in {order.world for order in orders}:
                await self._refresh(world)
            await self.decide(group, orders)
            group.close()
            if group.writes:
                try:
                    await write(group.batch)
                except OutcomeUnknownError as unknown:
                    lost = unknown
        if lost is not None:
            await find_out(units, group, lost)
        return group

    async def _refresh(self, world: str) -> None:
        """Catch up with what others wrote, who cannot go on now."""
        if world not in self._memories:
            return
        head = self._memories[world].head
        try:
            memory = await follow(self._context.units, self._memories[world], self._context.packs)
        except NotFoundError:
            del self._memories[world]
            return
        self._memories[world] = memory
        if memory.head != head:
            self._wary = WARY

    async def _memory(self, group: Group, world: str, read: Reader) -> Memory:
        known = group.memory(world)
        if known is None:
            if world not in self._memories:
                self._memories[world] = await begin(await read(), world, self._context.packs)
            known = self._memories[world]
        group.memories[world] = known
        return known

    def _forget(self, world: str) -> None:
        # A group that is being decided goes on by its own reference.
        del self._memories[world]

    def _unlearn(self, worlds: Iterable[str]) -> None:
        for world in worlds:
            if world in self._memories:
                self._memories[world].unlearn()


class Lookup:
    """Reads by a unit that is opened once somebody needs it."""

    def __init__(self, units: Units, stack: AsyncExitStack) -> None:
        """Begin without a unit; it is closed with the stack."""
        self._units: Final = units
        self._stack: Final = stack
        self._unit: ReadUnit | None = None

    async def unit(self) -> ReadUnit:
        """Return the unit."""
        if self._unit is None:
            self._unit = await self._stack.enter_async_context(self._units.read())
        return self._unit
