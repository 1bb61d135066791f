"""Takes the orders of worlds in turn: those that arrive while a group is on its way to the disk are the next group."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

from reality_engine.actions import repository
from reality_engine.actions.answer import Answer
from reality_engine.actions.context import ActionContext
from reality_engine.actions.errors import BusyError, StaleError
from reality_engine.actions.generations import Generations
from reality_engine.actions.group import Group
from reality_engine.actions.memory import Memory
from reality_engine.actions.order import Order
from reality_engine.actions.recalling import begin
from reality_engine.actions.turn import Reader
from reality_engine.db.applying import apply
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.unit import ReadUnit, Units, WriteUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.errors import NotFoundError, RealityError, UnavailableError
from reality_engine.kernel.json import Plain
from reality_engine.reads.shown import shown_events
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.viewer import viewer_of

logger = logging.getLogger(__name__)

# How many orders are committed together, and how many may wait, in all and of one world.
MAX_GROUP: Final = 128
MAX_WAITING: Final = 2_000
MAX_WAITING_OF_WORLD: Final = 1_500
# How many worlds are remembered, and how often a group is decided again because somebody else wrote in between.
MAX_WORLDS: Final = 100
MAX_ATTEMPTS: Final = 20
# Of what happened in between, who acts on a stale view is told the newest.
MAX_SINCE: Final = 50


class Lane:
    """One committer. On PostgreSQL each world has one, on SQLite all worlds of the file share it.

    It is not there for order alone, which the head of a world keeps: within a process, everybody writes by it.
    """

    def __init__(self, context: ActionContext) -> None:
        """Begin idle."""
        self._context: Final = context
        self._orders: Final[deque[Order]] = deque()
        self._of_world: Final[Counter[str]] = Counter()
        self._memories: Final = Generations[str, Memory](MAX_WORLDS)
        self._task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits, and nothing is under way."""
        return self._task is None

    async def answer(self, order: Order) -> Answer:
        """Return what an order comes to, once that is durable; raises BusyError where too much waits already.

        Whoever is cancelled while waiting may have acted nevertheless.
        """
        if len(self._orders) >= MAX_WAITING or self._of_world[order.world] >= MAX_WAITING_OF_WORLD:
            raise BusyError("too many actions are waiting", hint="try again in a moment")
        self._orders.append(order)
        self._of_world[order.world] += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return await order.answered

    async def _run(self) -> None:
        try:
            while self._orders:
                await self._settle(self._next())
        finally:
            self._task = None

    def _next(self) -> list[Order]:
        group = [self._orders.popleft() for _ in range(min(len(self._orders), MAX_GROUP))]
        for order in group:
            self._of_world[order.world] -= 1
            if not self._of_world[order.world]:
                del self._of_world[order.world]
        return group

    async def _settle(self, orders: Sequence[Order]) -> None:
        """Answer every order, whatever happens."""
        try:
            await self._commit(orders)
        except Exception as error:
            self._forget(orders)
            if len(orders) == 1 or isinstance(error, UnavailableError):
                for order in orders:
                    order.settle(error)
                return
            # Somebody's rows are refused: the others shall not suffer for it.
            logger.exception("a group of actions could not be written and is tried one by one")
            for order in orders:
                await self._settle([order])

    async def _commit(self, orders: Sequence[Order]) -> None:
        group = await self._written(orders)
        for order, error in group.stale:
            error.events = await self._since(order, error)
        group.settle()
        for world in group.outlooks:
            self._memories[world].rest()
        self._memories.rest()

    async def _written(self, orders: Sequence[Order]) -> Group:
        """Decide by what is remembered; where somebody else wrote in between, again, while nobody else can."""
        for attempt in range(MAX_ATTEMPTS):
            committer = self._held if attempt else self._guarded
            try:
                return await committer(orders)
            except HeadMovedError:
                self._forget(orders)
        raise UnavailableError("others write to this world all the time")

    async def _guarded(self, orders: Sequence[Order]) -> Group:
        async with AsyncExitStack() as stack:
            group = await self._decided(orders, Lookup(self._context.units, stack).unit)
        if group.writes:
            await self._write(group)
        else:
            await self._confirm(group)
        return group

    async def _confirm(self, group: Group) -> None:
        """See whether a world is as it is remembered, where there is nothing to write that would tell."""
        if group.outlooks:
            async with self._context.units.read() as unit:
                for world in group.outlooks:
                    if await eventlog.get_head(unit, world) != self._memories[world].head:
                        raise HeadMovedError("the world went on while its members were told no")

    async def _write(self, group: Group) -> None:
        try:
            await self._context.units.write_batch(group.batch)
        except OutcomeUnknownError:
            if not await self._happened(group):
                raise HeadMovedError("the commit did not happen") from None

    async def _happened(self, group: Group) -> bool:
        """Find out what came of a commit, once it can no longer be under way."""
        async with self._context.units.write() as unit:
            for world, outlook in group.outlooks.items():
                await eventlog.lock_head(unit, world)
                if not await eventlog.is_in_log(unit, world, outlook.head):
                    return False
            return (await repository.find_answers(unit, group.kept)).keys() == group.kept.keys()

    async def _held(self, orders: Sequence[Order]) -> Group:
        async with self._context.units.write() as unit:
            # Always in one order, so that two processes do not wait for each other.
            for world in sorted({order.world for order in orders}):
                await self._refresh(unit, world)

            async def read() -> ReadUnit:
                return unit

            group = await self._decided(orders, read)
            if group.writes:
                await apply(unit, group.batch)
                await unit.commit()
        return group

    async def _refresh(self, unit: WriteUnit, world: str) -> None:
        try:
            head = await eventlog.lock_head(unit, world)
        except NotFoundError:
            return
        if world in self._memories and self._memories[world].head != head:
            self._memories[world] = await begin(unit, world, self._context.packs)

    async def _decided(self, orders: Sequence[Order], read: Reader) -> Group:
        places = [order.place for order in orders if order.place is not None]
        kept = await repository.find_answers(await read(), places) if places else {}
        group = Group(self._context, read, kept)
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

    async def _since(self, order: Order, stale: StaleError) -> tuple[dict[str, Plain], ...] | None:
        """Return what the principal of a stale order sees of what happened since the point that they named."""
        if order.wish.since is None:
            return None
        async with self._context.units.read() as unit:
            viewer = await viewer_of(unit, order.world, order.wish.request.principal, self._context.viewers)
            newest = await feed_page(unit, viewer, MAX_SINCE, stale.position + 1)
        return tuple(shown_events([view for view in newest if view.position > order.wish.since], viewer))

    def _forget(self, orders: Sequence[Order]) -> None:
        for order in orders:
            if order.world in self._memories:
                del self._memories[order.world]


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
