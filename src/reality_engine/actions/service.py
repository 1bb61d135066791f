"""The one function that submits an action, and the one that tries it: from a wish to a durable answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from reality_engine.actions.answer import Answer
from reality_engine.actions.committing import Committer
from reality_engine.actions.context import ActionContext
from reality_engine.actions.errors import StaleError
from reality_engine.actions.founding import Unfounded
from reality_engine.actions.judging import refusal, waiting
from reality_engine.actions.lane import Lane
from reality_engine.actions.meanwhile import meanwhile
from reality_engine.actions.order import Order
from reality_engine.actions.recording import record, tell
from reality_engine.actions.wish import Together, Wish
from reality_engine.db.applying import apply
from reality_engine.db.batch import Batch
from reality_engine.db.unit import WriteUnit
from reality_engine.directory.repository import World
from reality_engine.eventlog import writer
from reality_engine.kernel.chance import Draws
from reality_engine.packs.compiled import CompiledPack
from reality_engine.rules.decide import decide
from reality_engine.rules.decision import Accepted, Deferred, Refused, Request

# Beyond so many, lanes that have nothing to do are let go, with all that they remember.
MAX_LANES: Final = 200


@dataclass(frozen=True)
class Actions(ActionContext):
    """What acting needs of the process, and the lanes by which its worlds are written."""

    lanes: dict[str, Lane] = field(default_factory=dict, init=False)

    def lane(self, world: str) -> Lane:
        """Return the lane of a world."""
        key = "" if self.units.single_writer else world
        if key not in self.lanes:
            if len(self.lanes) >= MAX_LANES:
                for name in [name for name, lane in self.lanes.items() if lane.idle]:
                    del self.lanes[name]
                    self.room.leave(name)
            # Where the writer is in this process, deciding meanwhile only takes the processor from it.
            self.lanes[key] = Lane(Committer(self), ahead=not self.units.single_writer)
        return self.lanes[key]


async def submit(actions: Actions, world: str, wish: Wish | Together) -> Answer:
    """Act: the answer is returned once it is durable, and the same key gives the same answer ever after.

    The actions of a world happen one after the other, in whichever process. Raises NotFoundError where the principal
    sees nothing of the world, KeyReusedError, StaleError where the target is not as the caller has seen it, and
    BusyError. Of wishes that belong together, AbandonedError tells which could not be judged.
    """
    return await _answered(actions, Order(world, wish))


async def submit_each(actions: Actions, world: str, wishes: Sequence[Wish]) -> list[Answer | BaseException]:
    """Act again and again, in this order: returns what `submit` would return or raise for each, once all are durable.

    None waits for the answer to the one before. Raises BusyError where there is no room for all: then none was begun.
    """
    orders = [Order(world, wish) for wish in wishes]
    actions.lane(world).take(orders)
    return await asyncio.gather(*(order.answered for order in orders), return_exceptions=True)


async def preview(actions: Actions, world: str, wish: Wish) -> Answer:
    """Say what an action would come to now, with other dice than when it is done; nothing of it stays."""
    return await _answered(actions, Order(world, replace(wish, key=None), preview=True))


async def _answered(actions: Actions, order: Order) -> Answer:
    try:
        return await actions.lane(order.world).answer(order)
    except StaleError as stale:
        if isinstance(order.wish, Wish):
            stale.events = await meanwhile(actions, order.world, order.wish, stale)
        raise


async def found_world(unit: WriteUnit, pack: CompiledPack, world: World, founding: Request, draws: Draws) -> Answer:
    """Begin the log of a world that this transaction has added to the directory."""
    opening = Batch()
    known = Unfounded(world.id, writer.open_log(opening, world.id, pack.digest, world.created_at), pack)
    decision = decide(pack, founding, known, world.created_at, draws())
    if isinstance(decision, Refused | Deferred):
        return refusal(waiting(pack, decision) if isinstance(decision, Deferred) else decision)
    if not isinstance(decision, Accepted):
        raise TypeError("a world that is not there yet lacks nothing")
    batch = Batch()
    record(known, decision, founding.principal, world.created_at).write(batch)
    tell(batch, world.created_at)
    await apply(unit, opening)
    await apply(unit, batch)
    return Answer("accepted")
