"""What is written to the outbox, and when it is forgotten."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.ids import fresh_id
from reality_engine.outbox.models import OutboxRow

OUTBOX: Final = shape_of(OutboxRow)


def add_events(batch: Batch, world: str, first: int, last: int, now: datetime) -> None:
    """Note that the events from `first` to `last` are to be told to the outside."""
    batch.insert(OUTBOX, (fresh_id(now), world, first, last, now, None))


async def forget_told_before(unit: WriteUnit, moment: datetime, many: int) -> int:
    """Delete rows that were told before a moment, the oldest first and at most so many; returns how many.

    Those that are yet to be told stay, however old they are.
    """
    row = OutboxRow
    query = select(row.id).where(row.told_at < moment).order_by(row.told_at, row.id).limit(many)
    found = [*await unit.session.scalars(query.with_for_update(skip_locked=True))]
    if found:
        await unit.session.execute(delete(row).where(unit.dialect.among(row.id, found)))
    return len(found)
