"""An account that has ended, as only whoever has the database can end one yet; not a service of the product."""

from datetime import datetime

from sqlalchemy import update

from reality_engine.accounts.models import UserRow
from reality_engine.db.unit import Units


async def delete_user(units: Units, user: str, moment: datetime) -> None:
    """Mark a user as deleted, which ends all that hangs on the account."""
    async with units.write() as unit:
        await unit.session.execute(update(UserRow).where(UserRow.id == user).values(deleted_at=moment))
        await unit.commit()
