"""Every query on the outbox."""

from datetime import datetime

from sqlalchemy import insert

from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.ids import fresh_id
from reality_engine.outbox.models import OutboxRow


async def add_events(unit: WriteUnit, world: str, first: int, last: int, now: datetime) -> None:
    """Note that the events from `first` to `last` are to be told to the outside."""
    row = {"id": fresh_id(now), "world": world, "first": first, "last": last, "created_at": now}
    await unit.session.execute(insert(OutboxRow).values(**row))
