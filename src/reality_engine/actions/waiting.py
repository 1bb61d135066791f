"""The orders that wait for a lane, in the order in which they came, and how many may; not what becomes of them."""

from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

from reality_engine.actions.order import Order
from reality_engine.kernel.errors import BusyError

# How many actions are committed together, where no single order has more, and how many may wait, in all and of a world.
MAX_GROUP: Final = 128
MAX_WAITING: Final = 5_000
MAX_WAITING_OF_WORLD: Final = 2_500


class Waiting:
    """Orders in a row, counted by how many actions they are."""

    def __init__(self) -> None:
        """Begin with none."""
        self._orders: Final[deque[Order]] = deque()
        self._of_world: Final[Counter[str]] = Counter()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._orders)

    def __len__(self) -> int:
        return len(self._orders)

    def add(self, orders: Sequence[Order]) -> None:
        """Let orders of one world wait; raises BusyError where there is not room for all of them."""
        size, world = sum(order.wish.size for order in orders), orders[0].world
        if self._size + size > MAX_WAITING or self._of_world[world] + size > MAX_WAITING_OF_WORLD:
            raise BusyError("too many actions are waiting", hint="try again in a moment", retry_after=1)
        self._orders.extend(orders)
        self._of_world[world] += size
        self._size += size

    def take(self, taken: Sequence[Order] = ()) -> list[Order]:
        """Take those that are next, of as many as there is room for in a group beside those that were taken already.

        Returns all of them but for those that nobody waits for any more.
        """
        group: list[Order] = []
        room = MAX_GROUP - sum(order.wish.size for order in taken)
        while self._orders and (not (group or taken) or self._orders[0].wish.size <= room):
            group.append(self._orders.popleft())
            room -= group[-1].wish.size
        for order in group:
            self._left(order)
        return [order for order in group if not order.answered.done()]

    def _left(self, order: Order) -> None:
        self._size -= order.wish.size
        self._of_world[order.world] -= order.wish.size
        if not self._of_world[order.world]:
            del self._of_world[order.world]
