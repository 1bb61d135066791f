"""Every query on the tables of second factors; not what they mean."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.factors.models import FactorRow, RecoveryCodeRow


async def find(unit: ReadUnit, user: str) -> FactorRow | None:
    """Return the factor of a user, confirmed or not."""
    row: FactorRow | None = await unit.session.scalar(select(FactorRow).where(FactorRow.user_id == user))
    return row


async def hold(unit: WriteUnit, user: str) -> FactorRow | None:
    """Return the factor of a user, held until the transaction ends, so that of two attempts at once one is second."""
    query = unit.dialect.locked(select(FactorRow).where(FactorRow.user_id == user))
    row: FactorRow | None = await unit.session.scalar(query)
    return row


async def add(unit: WriteUnit, user: str, sealed: str, moment: datetime) -> bool:
    """Insert a factor that is not confirmed; False where somebody else has just done so."""
    values = {"user_id": user, "sealed": sealed, "created_at": moment, "step": 0, "failures": 0}
    statement = unit.dialect.insert_or_ignore(FactorRow).returning(FactorRow.user_id)
    return await unit.session.scalar(statement.values(values)) is not None


async def replace_codes(unit: WriteUnit, user: str, digests: Iterable[bytes]) -> None:
    """Have these codes in place of those that there were."""
    await unit.session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user))
    unit.session.add_all(RecoveryCodeRow(digest=digest, user_id=user) for digest in digests)
    await unit.session.flush()


async def use_code(unit: WriteUnit, user: str, digest: bytes) -> bool:
    """Remove a code of a user; False where there is none."""
    row = RecoveryCodeRow
    query = delete(row).where(row.digest == digest, row.user_id == user).returning(row.digest)
    return await unit.session.scalar(query) is not None


async def count_codes(unit: ReadUnit, user: str) -> int:
    """Return how many codes a user has left."""
    query = select(func.count()).where(RecoveryCodeRow.user_id == user)
    return int(await unit.session.scalar(query) or 0)


async def forget(unit: WriteUnit, user: str) -> None:
    """Leave nothing of a user's factor."""
    await unit.session.execute(delete(FactorRow).where(FactorRow.user_id == user))
    await unit.session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user))
