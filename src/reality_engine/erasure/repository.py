"""Every query on the table of people who were erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.erasure.models import ErasureRow


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of somebody's erasure so far: in so many worlds, so many values in so many events."""

    user_id: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None = None
    worlds: int = 0
    events: int = 0
    values: int = 0


async def begin(unit: WriteUnit, user: str, by: str, now: datetime) -> None:
    """Note that somebody is to be erased, again where they were before: who asked first stands."""
    row = {
        "user_id": user,
        "asked_by": by,
        "asked_at": now,
        "touched_at": now,
        "world_count": 0,
        "event_count": 0,
        "value_count": 0,
    }
    await unit.session.execute(unit.dialect.insert_or_ignore(ErasureRow).values(**row))
    query = update(ErasureRow).where(ErasureRow.user_id == user)
    await unit.session.execute(query.values(finished_at=None, touched_at=now))


async def touch(unit: WriteUnit, user: str, now: datetime) -> None:
    """Note that somebody gets on with it."""
    await unit.session.execute(update(ErasureRow).where(ErasureRow.user_id == user).values(touched_at=now))


async def claim(unit: WriteUnit, user: str, before: datetime, now: datetime) -> bool:
    """Take over what nobody got on with since a moment; False where somebody else does."""
    row = ErasureRow
    query = update(row).where(row.user_id == user, row.finished_at.is_(None), row.touched_at < before)
    return (await (await unit.session.connection()).execute(query.values(touched_at=now))).rowcount == 1


async def count(unit: WriteUnit, user: str, events: int, values: int) -> None:
    """Note what was erased in one more world."""
    row = ErasureRow
    added = {
        "world_count": row.world_count + 1, "event_count": row.event_count + events,
        "value_count": row.value_count + values,
    }  # fmt: skip
    await unit.session.execute(update(row).where(row.user_id == user).values(**added))


async def finish(unit: WriteUnit, user: str, now: datetime) -> None:
    """Note that every world was gone through."""
    await unit.session.execute(update(ErasureRow).where(ErasureRow.user_id == user).values(finished_at=now))


async def find(unit: ReadUnit, user: str) -> Erasure | None:
    """Return what became of somebody's erasure, None where there was none."""
    row = await unit.session.scalar(
        select(ErasureRow).where(ErasureRow.user_id == user).execution_options(populate_existing=True)
    )
    return None if row is None else _erasure(row)


async def list_all(unit: ReadUnit, *, unfinished: bool = False) -> Sequence[Erasure]:
    """Return all that were erased in order of their ids, or those with whom nobody has come to the end."""
    query = select(ErasureRow).order_by(ErasureRow.user_id)
    if unfinished:
        query = query.where(ErasureRow.finished_at.is_(None))
    return [_erasure(row) for row in await unit.session.scalars(query)]


def _erasure(row: ErasureRow) -> Erasure:
    return Erasure(
        row.user_id, row.asked_by, row.asked_at, row.finished_at, row.world_count, row.event_count, row.value_count
    )  # fmt: skip
