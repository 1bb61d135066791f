"""Orders that are decided one after the other, each seeing those before it, and written together; not which of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from reality_engine.actions import repository
from reality_engine.actions.answer import Answer
from reality_engine.actions.context import ActionContext
from reality_engine.actions.events import next_moment
from reality_engine.actions.granting import require_all_granted
from reality_engine.actions.memory import Memory
from reality_engine.actions.order import Order
from reality_engine.actions.outlook import Outlook
from reality_engine.actions.recalling import first_questions
from reality_engine.actions.recording import tell
from reality_engine.actions.repository import KeptAnswer, Place
from reality_engine.actions.together import take_together
from reality_engine.actions.turn import Reader, Taken, Turn
from reality_engine.actions.wish import Together, Wish
from reality_engine.db.batch import Batch
from reality_engine.eventlog import writer
from reality_engine.rules.decision import Question


@dataclass(frozen=True, slots=True)
class Lot:
    """What is at hand for some orders of a group: a unit to read by, and the wishes of each world.

    These are there until something of the world is lacking.
    """

    read: Reader
    expected: dict[str, list[Wish]]


@dataclass(eq=False)
class Group:
    """Orders with what they came to, and the rows to write before anybody may be told.

    What is pending lies over the memories, so that dropping the group undoes it; and over what the group ahead has
    pending, which is on its way to the disk. `kept` are the answers that were given before to the keys of these orders,
    and those that they come to.
    """

    context: ActionContext
    ahead: "Group | None" = None
    orders: Final[list[Order]] = field(default_factory=list)
    memories: Final[dict[str, Memory]] = field(default_factory=dict)
    kept: Final[dict[Place, KeptAnswer]] = field(default_factory=dict)
    batch: Final[Batch] = field(default_factory=Batch)
    outcomes: Final[list[tuple[Order, Answer | Exception]]] = field(default_factory=list)
    outlooks: Final[dict[str, Outlook]] = field(default_factory=dict)

    def unknown_places(self, orders: Iterable[Order]) -> set[Place]:
        """Return where answers to orders may be kept of which only the database knows.

        The group ahead has given some that are not there yet.
        """
        places = {order.place for order in orders if order.place is not None} - self.kept.keys()
        if self.ahead is None:
            return places
        self.kept.update({place: kept for place, kept in self.ahead.kept.items() if place in places})
        return places - self.kept.keys()

    def memory(self, world: str) -> Memory | None:
        """Return the memory by which a world is decided, in this group or the one ahead."""
        if self.ahead is not None and world in self.ahead.memories:
            return self.ahead.memories[world]
        return self.memories.get(world)

    async def decide(self, memory: Memory, order: Order, lot: Lot) -> None:
        """Decide an order on top of those before it; what goes wrong with it is its own outcome."""
        try:
            taken = await self._take(memory, order, lot)
        except Exception as error:  # noqa: BLE001 - whatever it is: it is raised where it is awaited, the others go on
            self.outcomes.append((order, error))
        else:
            self._pend(order, taken)
            self.outcomes.append((order, taken.answer))

    @property
    def writes(self) -> bool:
        """Whether there is anything to write beside the guards."""
        return any(True for _ in self.batch.tables)

    def close(self) -> None:
        """Decide no more, and have the outside told of what happened, once it is written."""
        tell(self.batch, self.context.clock.now())
        for memory in self.memories.values():
            memory.turn()

    def remember(self) -> None:
        """Have the memories take over what is pending no longer."""
        for outlook in self.outlooks.values():
            outlook.settle()

    def land(self) -> None:
        """Go on over the memories, which have taken over what the group ahead had pending."""
        self.ahead = None
        for world, outlook in self.outlooks.items():
            outlook.lie_over(self.memories[world])

    def answer(self) -> None:
        """Answer everybody."""
        for order, outcome in self.outcomes:
            order.settle(outcome)

    async def _take(self, memory: Memory, order: Order, lot: Lot) -> Taken:
        require_all_granted(order.world, order.wish)
        if order.place is not None and order.place in self.kept:
            # Before anything else: who has left the world, or deleted it, may still ask what came of that.
            return Taken(self.kept[order.place].again(order.wish.digest))
        if memory.world not in self.outlooks:
            # Whatever comes of it, a no as well, holds only if the world is as it is remembered.
            ahead = None if self.ahead is None else self.ahead.outlooks.get(memory.world)
            self.outlooks[memory.world] = Outlook(ahead or memory)
            writer.hold(self.batch, memory.world, self.outlooks[memory.world].head)
        pending = self.outlooks[memory.world]
        if isinstance(order.wish, Together):
            return await take_together(order.wish, pending, partial(self._turn, memory, lot))
        return await self._turn(memory, lot, pending, order.wish).take()

    def _turn(self, memory: Memory, lot: Lot, pending: Outlook, wish: Wish) -> Turn:
        moment = next_moment(pending.head, self.context.clock.now())
        draws, etag_key = self.context.chance(), self.context.etag_key
        return Turn(wish, memory, pending, moment, draws, etag_key, lot.read, partial(_foreseen, memory, lot, wish))

    def _pend(self, order: Order, taken: Taken) -> None:
        if taken.write is not None and taken.outlook is not None and not order.preview:
            taken.write(self.batch)
            taken.outlook.settle()
        if order.place is not None and order.place not in self.kept:
            kept = self.kept[order.place] = KeptAnswer(order.wish.digest, taken.answer)
            repository.keep_answer(self.batch, order.place, kept, self.context.clock.now())


def _foreseen(memory: Memory, lot: Lot, wish: Wish) -> set[Question]:
    """Ask at the first lack what all wishes in this world will ask, and after that what this one will."""
    wishes = lot.expected.pop(memory.world, None) or [wish]
    return {question for each in wishes for question in first_questions(memory, each.request)}
