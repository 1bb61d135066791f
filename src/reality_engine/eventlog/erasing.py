"""Takes private values out of events that stand in the log, of which the commitments stay; decides nothing.

It is the one thing that is ever done to an event. The digest, the chain and the columns are what they were.
"""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from sqlalchemy import select, update

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.eventlog.reading import event_at
from reality_engine.eventlog.sealing import Private

_EVENTS: Final = shape_of(EventRow)
# So many are looked up by one statement.
BATCH: Final = 500


class Spared(NamedTuple):
    """An event as it stands, with the private values that are to be left of it, and how many are not."""

    position: int
    body: bytes
    private: Private
    dropped: int

    def event(self) -> Event:
        """Return what it says then; raises IntegrityError where it cannot be read."""
        return event_at(self.position, self.body, self.private)


async def spared(
    unit: ReadUnit, world: str, positions: Collection[int], drops: Mapping[int, Collection[str]]
) -> list[Spared]:
    """Return events in order, each without the values whose commitments are to be dropped there."""
    ordered, found, row = sorted(positions), list[Spared](), EventRow
    for start in range(0, len(ordered), BATCH):
        places = ordered[start : start + BATCH]
        query = select(row.position, row.body, row.private).where(row.world == world, row.position.in_(places))
        for position, body, private in await unit.session.execute(query.order_by(row.position)):
            dropped = drops.get(position, ())
            left = {key: held for key, held in private.items() if key not in dropped}
            found.append(Spared(position, bytes(body), left, len(private) - len(left)))
    return found


def take_out(batch: Batch, world: str, event: Spared) -> None:
    """Have a batch leave an event what is to be left of it."""
    batch.update(_EVENTS, (world, event.position), {"private": event.private})


async def begin_epoch(unit: WriteUnit, world: str) -> None:
    """Have every process forget what it remembers of a world, whose head the transaction holds."""
    await unit.session.execute(update(HeadRow).where(HeadRow.world == world).values(epoch=HeadRow.epoch + 1))
