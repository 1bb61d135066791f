"""What is written to the outbox."""

from datetime import datetime
from typing import Final

from reality_engine.db.batch import Batch
from reality_engine.db.shape import shape_of
from reality_engine.kernel.ids import fresh_id
from reality_engine.outbox.models import OutboxRow

OUTBOX: Final = shape_of(OutboxRow)


def add_events(batch: Batch, world: str, first: int, last: int, now: datetime) -> None:
    """Note that the events from `first` to `last` are to be told to the outside."""
    batch.insert(OUTBOX, (fresh_id(now), world, first, last, now, None))
