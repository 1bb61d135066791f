"""Plays a world's log, or what follows a place in it: checked, page by page; not what is made of it.

Whatever goes through a whole log goes through here: verifying it, folding it, making its tables anew. Each page can be
the last one, since the place that it led to is where the next one goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Head
from reality_engine.eventlog.reading import BEGINNING, Logged, Place, Stored, checked
from reality_engine.kernel.errors import IntegrityError
from reality_engine.state.entity import Entity
from reality_engine.state.folding import Folding


async def played(
    unit: ReadUnit, world: str, head: Head, play: Callable[[Logged], None], after: Place = BEGINNING,
    many: int = eventlog.PAGE,
) -> AsyncIterator[Place]:  # fmt: skip
    """Have each event up to the head played, in order and in a thread; yield where each page of them led to.

    Raises IntegrityError for the first event that is not whole or that `play` refuses, and where the log does not end
    as its head says. The unit must see one moment. At most one page of so many events is in memory.
    """
    page = await eventlog.stored_page(unit, world, after.position, many)
    while page:
        after = await asyncio.to_thread(_play, page, after, play)
        yield after
        page = await eventlog.stored_page(unit, world, after.position, many) if len(page) == many else []
    if after != (head.position, head.digest):
        raise IntegrityError(
            f"the log ends at event {after.position}, its head says {head.position}: events are missing"
        )


async def folded(unit: ReadUnit, world: str, head: Head) -> dict[str, Entity]:
    """Return the entities that a world's log makes; raises IntegrityError where it is not whole."""
    folding = Folding()

    def fold(logged: Logged) -> None:
        folding.play(logged.changes())

    async for _ in played(unit, world, head, fold):
        pass
    return folding.entities()


def _play(page: Sequence[Stored], after: Place, play: Callable[[Logged], None]) -> Place:
    for logged in checked(page, after):
        play(logged)
    return Place(page[-1][0], page[-1][4])
