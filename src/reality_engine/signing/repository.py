"""Every query on the table of signing keys; not what they mean."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select, update

from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.signing.key import StoredKey
from reality_engine.signing.models import SigningKeyRow


async def list_accepted(unit: ReadUnit, moment: datetime) -> Sequence[SigningKeyRow]:
    """Return the keys whose signatures are accepted, the oldest first."""
    row = SigningKeyRow
    accepted = or_(row.accepted_until.is_(None), row.accepted_until > moment)
    return (await unit.session.scalars(select(row).where(accepted).order_by(row.created_at, row.id))).all()


async def list_all(unit: ReadUnit) -> Sequence[SigningKeyRow]:
    """Return every key that is still written down, the oldest first."""
    return (
        await unit.session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at, SigningKeyRow.id))
    ).all()


async def find(unit: WriteUnit, kid: str) -> SigningKeyRow | None:
    """Return a key, held until the transaction ends."""
    row: SigningKeyRow | None = await unit.session.scalar(
        unit.dialect.locked(select(SigningKeyRow).where(SigningKeyRow.id == kid))
    )
    return row


async def add_current(unit: WriteUnit, key: StoredKey, moment: datetime) -> bool:
    """Insert a key that signs from now on; False where another one of its algorithm does."""
    values = {
        "id": key.kid,
        "algorithm": key.algorithm.value,
        "current": key.algorithm.value,
        "public": key.public,
        "sealed": key.sealed,
        "created_at": moment,
    }
    statement = unit.dialect.insert_or_ignore(SigningKeyRow).returning(SigningKeyRow.id)
    return await unit.session.scalar(statement.values(values)) is not None


async def end_current(unit: WriteUnit, algorithm: str, accepted_until: datetime) -> None:
    """Have the key that signs by an algorithm sign no more; what it signed is accepted until then."""
    query = update(SigningKeyRow).where(SigningKeyRow.current == algorithm)
    await unit.session.execute(query.values(current=None, sealed=None, accepted_until=accepted_until))


async def accept_until(unit: WriteUnit, kid: str, moment: datetime) -> None:
    """Accept what a key signed until then alone."""
    query = update(SigningKeyRow).where(SigningKeyRow.id == kid)
    await unit.session.execute(query.values(accepted_until=moment))


async def forget_ended_before(unit: WriteUnit, moment: datetime) -> None:
    """Delete the keys that nothing is accepted of since then."""
    await unit.session.execute(delete(SigningKeyRow).where(SigningKeyRow.accepted_until < moment))
