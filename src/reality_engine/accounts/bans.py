"""Which accounts are banned from the server, and why: every query about that; not bans from worlds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from reality_engine.accounts.errors import AccountBannedError
from reality_engine.accounts.models import AccountBanRow, UserRow
from reality_engine.db.unit import ReadUnit, WriteUnit


@dataclass(frozen=True, slots=True)
class Ban:
    """Since when an account is banned, and why, as whoever did it wrote."""

    at: datetime
    reason: str


def not_banned() -> ColumnElement[bool]:
    """Return the condition on a query of users that leaves out those who are banned."""
    return ~select(AccountBanRow.user_id).where(AccountBanRow.user_id == UserRow.id).exists()


async def require_not_banned(unit: ReadUnit, user: str) -> None:
    """Raise AccountBannedError for who is banned; only ever asked about who has proved who they are."""
    if await bans_of(unit, [user]):
        raise AccountBannedError("this account is banned from this server", hint="ask its administrator")


async def bans_of(unit: ReadUnit, users: Collection[str]) -> dict[str, Ban]:
    """Return the bans of those of the users that are banned."""
    query = select(AccountBanRow).where(unit.dialect.among(AccountBanRow.user_id, sorted(users)))
    return {row.user_id: Ban(row.created_at, row.reason) for row in await unit.session.scalars(query)}


async def add_ban(unit: WriteUnit, user: str, ban: Ban) -> bool:
    """Ban an account; False where it is banned already."""
    statement = unit.dialect.insert_or_ignore(AccountBanRow).returning(AccountBanRow.user_id)
    values = {"user_id": user, "created_at": ban.at, "reason": ban.reason}
    return await unit.session.scalar(statement.values(values)) is not None


async def delete_ban(unit: WriteUnit, user: str) -> bool:
    """Lift a ban; False where there is none."""
    query = delete(AccountBanRow).where(AccountBanRow.user_id == user).returning(AccountBanRow.user_id)
    return await unit.session.scalar(query) is not None
