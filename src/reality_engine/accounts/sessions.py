"""Queries by which somebody looks at their own sessions and ends them; what tokens need is in `repository`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from reality_engine.accounts.models import SessionRow
from reality_engine.accounts.session import Session
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.kernel.ids import is_id


async def list_sessions(
    unit: ReadUnit, user_id: str, moment: datetime, limit: int, skip: int = 0, before: str | None = None
) -> Sequence[Session]:
    """Return the sessions of a user that stand, the newest first, those before one where it is given."""
    query = _standing(select(SessionRow), user_id, moment).order_by(SessionRow.id.desc()).limit(limit).offset(skip)
    if before is not None:
        query = query.where(SessionRow.id < before)
    return [
        Session(row.id, row.created_at, row.last_used_at, row.expires_at, row.agent, row.network)
        for row in await unit.session.scalars(query)
    ]


async def count_sessions(unit: ReadUnit, user_id: str, moment: datetime) -> int:
    """Return how many sessions of a user stand."""
    return int(await unit.session.scalar(_standing(select(func.count()), user_id, moment)) or 0)


async def end_session_of(unit: WriteUnit, user_id: str, session_id: str, moment: datetime) -> bool:
    """End one session of a user; False where they have no such session that stands."""
    row = SessionRow
    query = update(row).where(row.id == session_id, row.user_id == user_id, row.revoked_at.is_(None))
    query = query.where(row.expires_at > moment).values(revoked_at=moment)
    return await unit.session.scalar(query.returning(row.id)) is not None


async def end_sessions_of(unit: WriteUnit, user_id: str, moment: datetime, but: str | None = None) -> None:
    """End all sessions of a user, but for one where it is given; the first end of each stands."""
    row = SessionRow
    query = update(row).where(row.user_id == user_id, row.revoked_at.is_(None)).values(revoked_at=moment)
    # Those of identity providers are called otherwise, and are none of these.
    await unit.session.execute(query if but is None or not is_id(but) else query.where(row.id != but))


def _standing(query: Select[Any], user_id: str, moment: datetime) -> Select[Any]:
    row = SessionRow
    return query.where(row.user_id == user_id, row.revoked_at.is_(None), row.expires_at > moment)
