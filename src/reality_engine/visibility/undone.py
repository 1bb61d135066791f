"""By what events were undone last; not whether that holds, since an undo may be undone itself."""

from collections.abc import Collection

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.event import Undone
from reality_engine.visibility.models import UndoneEventRow


async def undone_last(unit: ReadUnit, world: str, keys: Collection[str]) -> dict[str, Undone]:
    """Return the undos of those of the events that were ever undone, by id; for deciding."""
    row = UndoneEventRow
    query = select(row.event, row.by, row.whole).where(row.world == world, unit.dialect.among(row.event, sorted(keys)))
    return {event: Undone(event, by, whole) for event, by, whole in await unit.session.execute(query)}
