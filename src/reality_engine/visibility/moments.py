"""Moments: which position of a log is meant by a time, and how a viewer sees the world as of it; not how one is asked.

The times at which events were recorded never fall from one position to the next, so that the last one by a time is
found by halving what is left, along the primary key: no index is needed, and appending costs nothing.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Select, case, cast, literal, select
from sqlalchemy.orm import aliased

from reality_engine.db.types import Moment
from reality_engine.db.unit import ReadUnit
from reality_engine.eventlog.models import EventRow
from reality_engine.eventlog.ruling import pack_at
from reality_engine.kernel.errors import InvalidError
from reality_engine.packs.cache import PackCache
from reality_engine.visibility.states import AsOf
from reality_engine.visibility.viewer import Viewer

FIELD: Final = "as_of"
_SECOND: Final = 1000


class BadAsOfError(InvalidError):
    """What is asked for is no moment of this world."""

    code = "bad_as_of"


async def position_at(unit: ReadUnit, world: str, head: int, moment: datetime) -> int:
    """Return the position of the last event up to the head that was recorded by a moment, 0 where none was."""
    return await unit.session.scalar(_halving(world, head, moment)) or 0


async def viewer_at(unit: ReadUnit, viewer: Viewer, position: int, cache: PackCache) -> Viewer:
    """Return how a viewer sees the world as of a position: the states and the pack of then, by the keys of now."""
    pack = await pack_at(unit, viewer.world, position, cache)
    below = _ids_below(await recorded_at(unit, viewer.world, position))
    return replace(viewer, pack=pack, states=AsOf(position, below, frozenset(viewer.pack.kinds)))


async def recorded_at(unit: ReadUnit, world: str, position: int) -> datetime:
    """Return when an event was recorded; raises BadAsOfError where there is none."""
    query = select(EventRow.recorded_at).where(EventRow.world == world, EventRow.position == position)
    found: datetime | None = await unit.session.scalar(query)
    if found is None:
        raise BadAsOfError("the log does not go so far", field=FIELD)
    return found


def _halving(world: str, head: int, moment: datetime) -> Select[Any]:
    low, high = (cast(literal(at), BigInteger) for at in (0, head))
    left = select(low.label("low"), high.label("high")).cte("looked", recursive=True)
    middle, event = (left.c.low + left.c.high + 1) // 2, aliased(EventRow)
    told = select(event.recorded_at).where(event.world == world, event.position == middle)
    by_then = told.correlate(left).scalar_subquery() <= literal(moment, Moment())
    halved = select(case((by_then, middle), else_=left.c.low), case((by_then, left.c.high), else_=middle - 1))
    left = left.union_all(halved.where(left.c.low < left.c.high))
    return select(left.c.low).where(left.c.low == left.c.high)


def _ids_below(moment: datetime) -> str:
    """Return an id above all that were drawn by a moment: they begin with the millisecond of their action.

    An action is recorded at the time by which it drew them, or later.
    """
    return str(UUID(int=(int(moment.timestamp() * _SECOND) + 2) << 80))
