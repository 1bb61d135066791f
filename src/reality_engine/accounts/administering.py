"""Queries on accounts for those who manage them all; what is asked about one's own is in `repository`."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select, update

from reality_engine.accounts import bans, repository
from reality_engine.accounts.bans import Ban
from reality_engine.accounts.models import AccountBanRow, UserRow
from reality_engine.accounts.user import ServerRole, User
from reality_engine.db.unit import ReadUnit, WriteUnit


@dataclass(frozen=True, slots=True)
class Account:
    """A user, and the ban that they are under."""

    user: User
    ban: Ban | None = None


@dataclass(frozen=True, slots=True)
class SoughtAccounts:
    """Which accounts are meant: those that fit all that is given; `text` stands in a name or an address."""

    text: str | None = None
    role: ServerRole | None = None
    banned: bool | None = None


async def list_accounts(
    unit: ReadUnit, sought: SoughtAccounts, limit: int, before: str | None = None, skip: int = 0
) -> list[Account]:
    """Return the living accounts that are meant, the newest first."""
    row = UserRow
    query = select(row.id).where(row.deleted_at.is_(None)).order_by(row.id.desc()).limit(limit).offset(skip)
    if before is not None:
        query = query.where(row.id < before)
    if sought.role is not None:
        query = query.where(row.role == sought.role.value)
    if sought.banned is not None:
        query = query.where(~bans.not_banned() if sought.banned else bans.not_banned())
    if sought.text is not None:
        found = [func.lower(column).contains(sought.text.lower(), autoescape=True) for column in (row.name, row.email)]
        query = query.where(or_(*found))
    ids = [*await unit.session.scalars(query)]
    users = {user.id: user for user in await repository.list_users(unit, ids)}
    banned = await bans.bans_of(unit, ids)
    return [Account(users[key], banned.get(key)) for key in ids]


async def get_account(unit: ReadUnit, user: str) -> Account:
    """Return a living account; raises NotFoundError."""
    return Account(await repository.get_user(unit, user), (await bans.bans_of(unit, [user])).get(user))


async def lock_admins(unit: WriteUnit) -> set[str]:
    """Return who is an administrator and not banned; none of them changes until the transaction ends."""
    admins = select(UserRow.id).where(UserRow.role == ServerRole.ADMIN.value, UserRow.deleted_at.is_(None))
    held = {*await unit.session.scalars(unit.dialect.locked(admins.order_by(UserRow.id)))}
    # Asked after all are held, so that it tells of bans by whoever held them before.
    return held - {*await unit.session.scalars(select(AccountBanRow.user_id))}


async def set_role(unit: WriteUnit, user: str, role: ServerRole) -> None:
    """Give a user a server role."""
    await unit.session.execute(update(UserRow).where(UserRow.id == user).values(role=role.value))
