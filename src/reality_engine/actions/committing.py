"""Decides groups of orders by what is remembered of their worlds, and makes them durable; not which are a group.

Nothing is locked while deciding: the write is guarded by the heads that were decided by. Where one has moved, somebody
else wrote in between, and it is decided again by what that made of the world.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

from reality_engine.actions import repository
from reality_engine.actions.context import ActionContext
from reality_engine.actions.following import follow
from reality_engine.actions.generations import Generations
from reality_engine.actions.group import Group
from reality_engine.actions.memory import Memory
from reality_engine.actions.order import Order, expected
from reality_engine.actions.recalling import begin
from reality_engine.actions.turn import Reader
from reality_engine.actions.waiting import Waiting
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.writer import HEADS
from reality_engine.kernel.errors import IntegrityError, NotFoundError, RealityError, UnavailableError

# How many worlds are remembered, and how often a group is decided again because somebody else wrote in between.
MAX_WORLDS: Final = 100
MAX_ATTEMPTS: Final = 20
# Once somebody else wrote, so many groups are decided while nobody else can: they will write again.
WARY: Final = 16
# After so many commits that did not happen, the disk is full, say: to go on trying would be in vain.
MAX_LOST: Final = 3


class NotCommittedError(HeadMovedError):
    """The connection was lost in a commit that did not happen."""


class Committer:
    """Remembers worlds, one group at a time. A group that fails leaves nothing behind that was not committed."""

    def __init__(self, context: ActionContext) -> None:
        """Begin with nothing."""
        self._context: Final = context
        self._memories: Final = Generations[str, Memory](MAX_WORLDS)
        self._wary = 0

    async def commit(self, orders: list[Order], further: Waiting | None = None) -> Group:
        """Decide orders one after the other and return what they come to, which is durable then.

        Where the worlds had to be waited for, those of the further orders that came meanwhile are added to them. Raises
        UnavailableError where it cannot be written now, of which OutcomeUnknownError says that it may have been, and
        whatever else the database makes of it: then nothing happened.
        """
        try:
            group = await self._written(orders, further)
        except UnavailableError:
            self._unlearn(orders)
            raise
        except Exception:
            self._forget(orders)
            raise
        group.remember()
        for world in group.outlooks:
            self._memories[world].rest()
        self._memories.rest()
        return group

    async def _written(self, orders: list[Order], further: Waiting | None) -> Group:
        lost = 0
        for _ in range(MAX_ATTEMPTS):
            alone = bool(self._wary)
            try:
                return await (self._held(orders, further) if alone else self._guarded(orders))
            except NotCommittedError as error:
                self._unlearn(orders)
                lost += 1
                if lost == MAX_LOST:
                    raise UnavailableError("the database does not commit what is written to it") from error
            except HeadMovedError:
                self._unlearn(orders)
            except IntegrityError:
                # Somebody else may have kept the same refusal, for which they need not have moved the head.
                if alone:
                    raise
                self._unlearn(orders)
            self._wary = WARY
        raise UnavailableError("others write to this world all the time")

    async def _guarded(self, orders: Sequence[Order]) -> Group:
        group = await self._decided(orders)
        if not group.writes:
            await self._confirm(group)
            return group
        try:
            group.close()
            await self._context.units.write_batch(group.batch)
        except OutcomeUnknownError as unknown:
            await self._find_out(group, unknown)
        return group

    async def _confirm(self, group: Group) -> None:
        """See whether the worlds are as they are remembered, where there is nothing to write that would tell."""
        if group.outlooks:
            async with self._context.units.read() as unit:
                for world in group.outlooks:
                    if await eventlog.get_head(unit, world) != self._memories[world].head:
                        raise HeadMovedError("the world went on while its members were told no")

    async def _held(self, orders: list[Order], further: Waiting | None) -> Group:
        """Decide and write while nobody else can."""
        units, lost = self._context.units, None
        async with units.alone(HEADS, [(world,) for world in {order.world for order in orders}]) as write:
            self._wary -= 1
            if further is not None:
                orders += further.take(orders)
            for world in {order.world for order in orders}:
                await self._refresh(world)
            group = await self._decided(orders)
            if group.writes:
                group.close()
                try:
                    await write(group.batch)
                except OutcomeUnknownError as unknown:
                    lost = unknown
        if lost is not None:
            await self._find_out(group, lost)
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

    async def _find_out(self, group: Group, unknown: OutcomeUnknownError) -> None:
        """Look what came of a commit; raises HeadMovedError where it did not happen."""
        try:
            happened = await self._happened(group)
        except UnavailableError:
            raise unknown from None
        if not happened:
            raise NotCommittedError("the commit did not happen") from None

    async def _happened(self, group: Group) -> bool:
        async with self._context.units.write() as unit:
            for world, outlook in sorted(group.outlooks.items()):
                # It waits for a commit that is still under way.
                await eventlog.lock_head(unit, world)
                if not await eventlog.is_in_log(unit, world, outlook.head):
                    return False
            return (await unit.run(repository.kept_answers(unit.dialect, group.kept))).keys() == group.kept.keys()

    async def _decided(self, orders: Sequence[Order]) -> Group:
        units = self._context.units
        places = {order.place for order in orders if order.place is not None}
        kept = await units.page(lambda: repository.kept_answers(units.dialect, places)) if places else {}
        async with AsyncExitStack() as stack:
            read = Lookup(units, stack).unit
            group = Group(self._context, read, kept, expected(orders))
            for order in orders:
                try:
                    memory = await self._memory(order.world, read)
                except RealityError as error:
                    group.outcomes.append((order, error))
                else:
                    await group.decide(memory, order)
        return group

    async def _memory(self, world: str, read: Reader) -> Memory:
        if world not in self._memories:
            self._memories[world] = await begin(await read(), world, self._context.packs)
        return self._memories[world]

    def _unlearn(self, orders: Sequence[Order]) -> None:
        for world in {order.world for order in orders}:
            if world in self._memories:
                self._memories[world].unlearn()

    def _forget(self, orders: Sequence[Order]) -> None:
        self._memories.forget(order.world for order in orders)


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
