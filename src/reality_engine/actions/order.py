"""What waits for its turn, and the future on which its answer is awaited; not what becomes of it."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from reality_engine.actions.answer import Answer
from reality_engine.actions.repository import Place
from reality_engine.actions.wish import Together, Wish


@dataclass(eq=False, slots=True)
class Order:
    """What is wished for in a world; with `preview`, nothing of what it comes to stays."""

    world: str
    wish: Wish | Together
    preview: bool = False
    answered: "asyncio.Future[Answer]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def place(self) -> Place | None:
        """Where its answer is kept, for a repetition."""
        key = None if self.preview else self.wish.key
        return None if key is None else (self.world, self.wish.principal.id, key)

    def settle(self, outcome: Answer | Exception) -> None:
        """Tell whoever waits, if they still do."""
        if self.answered.done():
            return
        if isinstance(outcome, Exception):
            self.answered.set_exception(outcome)
        else:
            self.answered.set_result(outcome)


def expected(orders: Iterable[Order]) -> dict[str, list[Wish]]:
    """Return all that is wished for, by world."""
    wishes: dict[str, list[Wish]] = {}
    for order in orders:
        wishes.setdefault(order.world, []).extend(order.wish.wishes)
    return wishes
