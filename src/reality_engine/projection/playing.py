"""Plays a world's log, or what follows a place in it: checked, page by page; not what is made of it.

Whatever goes through a whole log goes through here: verifying it, folding it, making its tables anew. Each page can be
the last one, since the place that it led to is where the next one goes on.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.event import Head
from reality_engine.eventlog.reading import BEGINNING, Logged, Place, Stored, checked
from reality_engine.eventlog.ruling import Ruling
from reality_engine.kernel.errors import IntegrityError
from reality_engine.state.entity import Entity
from reality_engine.state.folding import Folding

Play: TypeAlias = Callable[[Logged], None] | Ruling


async def played(
    unit: ReadUnit, world: str, head: Head, play: Play, after: Place = BEGINNING, many: int = eventlog.PAGE
) -> AsyncIterator[Place]:  # fmt: skip
    """Have each event up to the head played, in order and in a thread; yield where each page of them led to.

    What is a `Ruling` plays each event under its pack. Raises
    IntegrityError for the first event that is not whole or that `play` refuses, and where the log does not end as its
    head says. The unit must see one moment. At most one page of so many events is in memory.
    """
    page = await eventlog.stored_page(unit, world, after.position, many)
    while page:
        first = after.position
        after, turn = await asyncio.to_thread(_play, page, after, play)
        while turn is not None and isinstance(play, Ruling):
            await play.turn(*turn)
            after, turn = await asyncio.to_thread(_play, page[after.position - first :], after, play)
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


def _play(page: Sequence[Stored], after: Place, play: Play) -> tuple[Place, tuple[str, str] | None]:
    """Return where it led, and where that is not the end of the page: the pack of the next event, and its type."""
    for logged in checked(page, after):
        if not isinstance(play, Ruling):
            play(logged)
        elif play.pack is not None and play.pack.digest == logged.pack:
            play.play(logged, play.pack)
        else:
            return after, (logged.pack, logged.type)
        after = Place(logged.position, logged.digest)
    return after, None
