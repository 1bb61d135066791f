"""Takes the orders of worlds in turn: those that arrive while a group is on its way to the disk are the next group."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from reality_engine.actions.answer import Answer
from reality_engine.actions.committing import Committer
from reality_engine.actions.order import Order
from reality_engine.actions.waiting import Waiting
from reality_engine.kernel.errors import UnavailableError

logger = logging.getLogger(__name__)


class Lane:
    """A queue to one committer. On PostgreSQL each world has one, on SQLite all worlds of the file share it.

    It is not there for order alone, which the head of a world keeps: within a process, everybody writes by it.
    """

    def __init__(self, committer: Committer) -> None:
        """Begin idle."""
        self._committer: Final = committer
        self._waiting: Final = Waiting()
        self._task: asyncio.Task[None] | None = None

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

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._settle(self._waiting.take(), self._waiting)
        finally:
            self._task = None

    async def _settle(self, orders: list[Order], further: Waiting | None = None) -> None:
        """Answer every order, whatever happens, and those among the further ones that are taken in."""
        try:
            group = await self._committer.commit(orders, further)
        except Exception as error:
            if len(orders) == 1 or isinstance(error, UnavailableError):
                for order in orders:
                    order.settle(error)
                return
            # Somebody's rows are refused: the others shall not suffer for it.
            logger.exception("a group of actions could not be written and is tried one by one")
            for order in orders:
                await self._settle([order])
        else:
            # Nothing that may fail stands between the commit and this: who is not answered would act again.
            group.answer()
