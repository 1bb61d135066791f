"""Takes the orders of worlds in turn: those that arrive while a group is on its way to the disk are the next group."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import Final, Self

from reality_engine.actions.answer import Answer
from reality_engine.actions.committing import Committer
from reality_engine.actions.group import Group
from reality_engine.actions.order import Order
from reality_engine.actions.waiting import Waiting
from reality_engine.kernel.errors import UnavailableError

logger = logging.getLogger(__name__)

# So many are decided at once while the group before is written: one by one would cost more than it gains.
LOT: Final = 8


class Lane:
    """A queue to one committer. On PostgreSQL each world has one, on SQLite all worlds of the file share it.

    It is not there for order alone, which the head of a world keeps: within a process, everybody writes by it.
    """

    def __init__(self, committer: Committer, *, ahead: bool) -> None:
        """Begin idle; with `ahead`, a group is decided while the one before is on its way."""
        self._committer: Final = committer
        self._ahead: Final = ahead
        self._waiting: Final = Waiting()
        self._task: asyncio.Task[None] | None = None
        # Set when enough wait to be decided, or what was on its way has arrived.
        self._called: Final = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing waits, and nothing is under way."""
        return self._task is None

    async def answer(self, order: Order) -> Answer:
        """Return what an order comes to, once that is durable; raises BusyError where too much waits already.

        Whoever is cancelled while waiting may have acted nevertheless.
        """
        self.take([order])
        return await order.answered

    def take(self, orders: Sequence[Order]) -> None:
        """Take orders of one world, to be answered in this order; raises BusyError where there is no room for all."""
        self._waiting.add(orders)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        elif self._ahead and len(self._waiting) >= LOT:
            self._called.set()

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._ahead and not self._committer.taking_turns:
                    await self._flow()
                else:
                    await self._settle(self._waiting.take(), self._waiting)
        finally:
            self._task = None

    async def _flow(self) -> None:
        """Have one group decided while the one before is written, until nobody waits, or something goes wrong."""
        ahead: Group | None = None
        written: asyncio.Task[Exception | None] | None = None
        while written is not None or self._waiting:
            group = self._committer.begun(ahead)
            trouble = await _trouble_of(self._fill(group, written))
            if ahead is not None and written is not None:
                failed = await written
                if failed is not None:
                    await self._again(ahead, failed, group)
                    return
                self._committer.remember(ahead)
                group.land()
            group.close()
            ahead = group
            written = asyncio.create_task(self._written(group, trouble)) if group.orders else None

    async def _fill(self, group: Group, written: "asyncio.Task[Exception | None] | None") -> None:
        """Decide what waits, and what comes while the group before is on its way."""
        if written is None:
            await self._committer.decide(group, self._waiting.take())
            return
        written.add_done_callback(lambda _: self._called.set())
        there = False
        while not there:
            there = written.done()
            if there or len(self._waiting) >= LOT:
                await self._committer.decide(group, self._waiting.take(group.orders))
            if not there:
                self._called.clear()
                # It may have been done since, and has called then.
                if not written.done():
                    await self._called.wait()

    async def _written(self, group: Group, trouble: Exception | None) -> Exception | None:
        """Answer a group once it is durable; returns what went wrong, `trouble` where that was before."""
        trouble = trouble or await _trouble_of(self._committer.write(group))
        if trouble is None:
            # Nothing that may fail stands between the commit and this: who is not answered would act again.
            group.answer()
        return trouble

    async def _again(self, failed: Group, trouble: Exception, above: Group) -> None:
        """Settle the orders of a group that failed, and then those that were decided on top of it."""
        self._committer.drop([*failed.orders, *above.orders], trouble)
        if self._committer.taking_turns:
            await self._settle(failed.orders)
        else:
            await self._mend(failed.orders, trouble)
        if above.orders:
            await self._settle(above.orders)

    async def _settle(self, orders: list[Order], further: Waiting | None = None) -> None:
        """Answer every order, whatever happens, and those among the further ones that are taken in."""
        trouble = await _trouble_of(self._commit(orders, further))
        if trouble is not None:
            await self._mend(orders, trouble)

    async def _commit(self, orders: list[Order], further: Waiting | None) -> None:
        (await self._committer.commit(orders, further)).answer()

    async def _mend(self, orders: Sequence[Order], trouble: Exception) -> None:
        """Answer every order where they could not be written together."""
        if len(orders) == 1 or isinstance(trouble, UnavailableError):
            for order in orders:
                order.settle(trouble)
            return
        # Somebody's rows are refused: the others shall not suffer for it.
        logger.error("a group of actions could not be written and is tried one by one", exc_info=trouble)
        for order in orders:
            await self._settle([order])


async def _trouble_of(work: Awaitable[None]) -> Exception | None:
    """Return what goes wrong, whatever it is: it is told to those who wait, or mended, and the lane goes on."""
    with _Trouble() as trouble:
        await work
    return trouble.error


class _Trouble:
    """Keeps an error instead of letting it pass."""

    error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return self.error is not None
