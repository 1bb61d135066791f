"""Every query that reads the log; not the one that writes it, see `writer`."""

from collections.abc import AsyncIterator, Collection
from typing import Any

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.eventlog.event import Event, Head
from reality_engine.eventlog.models import EventRow, HeadRow
from reality_engine.eventlog.reading import event_of
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.json import decode

BATCH = 500


async def lock_head(unit: WriteUnit, world: str) -> Head:
    """Return where a world's log stands and hold it until the transaction ends; raises NotFoundError."""
    query = unit.dialect.locked(select(HeadRow).where(HeadRow.world == world))
    return _head(await unit.session.scalar(query))


async def get_head(unit: ReadUnit, world: str) -> Head:
    """Return where a world's log stands; raises NotFoundError."""
    return _head(await unit.session.scalar(select(HeadRow).where(HeadRow.world == world)))


async def is_in_log(unit: ReadUnit, world: str, head: Head) -> bool:
    """Say whether a world's log once ended as this head says."""
    if head.position == 0:
        return True
    query = select(EventRow.digest).where(EventRow.world == world, EventRow.position == head.position)
    return await unit.session.scalar(query) == head.digest


async def rule_of(unit: ReadUnit, world: str, position: int) -> tuple[str, str | None]:
    """Return the pack version that an event happened under, and the reaction that made it, if one did."""
    query = select(EventRow.body).where(EventRow.world == world, EventRow.position == position)
    body: Any = decode((await unit.session.scalars(query)).one())
    return body["pack"], body.get("rule")


async def stored_events(unit: ReadUnit, world: str, after: int = 0) -> AsyncIterator[EventRow]:
    """Yield the rows of a world's events in order, from the position after `after`, a batch at a time."""
    while True:
        query = select(EventRow).where(EventRow.world == world, EventRow.position > after)
        rows = (await unit.session.scalars(query.order_by(EventRow.position).limit(BATCH))).all()
        for row in rows:
            yield row
        unit.session.expunge_all()
        if len(rows) < BATCH:
            return
        after = rows[-1].position


async def events_between(unit: ReadUnit, world: str, after: int, head: Head) -> list[Event]:
    """Return a world's events beyond the position `after`, up to a head of it, in order."""
    row = EventRow
    query = select(row).where(row.world == world, row.position > after, row.position <= head.position)
    return [event_of(one) for one in await unit.session.scalars(query.order_by(row.position))]


async def events_by_id(unit: ReadUnit, world: str, keys: Collection[str]) -> list[Event]:
    """Return those of the events that there are, in no order."""
    query = select(EventRow).where(EventRow.world == world, unit.dialect.among(EventRow.id, sorted(keys)))
    return [event_of(row) for row in await unit.session.scalars(query)]


def _head(row: HeadRow | None) -> Head:
    if row is None:
        raise NotFoundError("there is no such world")
    return Head(row.position, row.digest, row.epoch, row.pack, row.recorded_at, row.scopes)
