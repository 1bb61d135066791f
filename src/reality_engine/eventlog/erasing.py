"""Takes private values out of events that stand in the log, of which the commitments stay; decides nothing.

It is the one thing that is ever done to an event. The digest, the chain and the columns are what they were.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select, update

from reality_engine.db.types import Id, Json
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.eventlog.event import Event
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.eventlog.reading import event_at
from reality_engine.eventlog.sealing import Private

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


async def take_out(unit: WriteUnit, world: str, events: Sequence[Spared]) -> None:
    """Leave events what is to be left of them."""
    if not events:
        return
    columns = EventRow.__table__.c
    there = (columns.world == bindparam("of_world", type_=Id())) & (columns.position == bindparam("of_position"))
    rows = [{"of_world": world, "of_position": one.position, "left": one.private} for one in events]
    statement = update(EventRow).where(there).values(private=bindparam("left", type_=Json))
    await (await unit.session.connection()).execute(statement, rows)


async def begin_epoch(unit: WriteUnit, world: str) -> None:
    """Have every process forget what it remembers of a world, whose head the transaction holds."""
    await unit.session.execute(update(HeadRow).where(HeadRow.world == world).values(epoch=HeadRow.epoch + 1))
