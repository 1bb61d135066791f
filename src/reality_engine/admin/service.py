"""What administrators do to accounts of others: give roles, ban, lift bans; each is noted in the audit, once."""

from datetime import datetime

from reality_engine.accounts import administering, bans, repository
from reality_engine.accounts.administering import Account
from reality_engine.accounts.bans import Ban
from reality_engine.accounts.user import ServerRole
from reality_engine.admin.errors import LastAdminError
from reality_engine.audit.service import note
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.principal import Principal


async def change_role(unit: WriteUnit, user: str, role: ServerRole, by: Principal, moment: datetime) -> Account:
    """Give a user a server role; raises NotFoundError and LastAdminError. What they have already changes nothing."""
    account = await administering.get_account(unit, user)
    if role is account.user.role:
        return account
    if role is not ServerRole.ADMIN:
        await _require_another(unit, user)
    await administering.set_role(unit, user, role)
    await note(unit, moment, by, What.ACCOUNT_ROLE, user, {"from": account.user.role.value, "to": role.value})
    return await administering.get_account(unit, user)


async def ban(unit: WriteUnit, user: str, reason: str, by: Principal, moment: datetime) -> Account:
    """Ban a user: their sessions end, and nothing of theirs opens anything; raises NotFoundError and LastAdminError."""
    account = await administering.get_account(unit, user)
    if account.ban is not None:
        return account
    await _require_another(unit, user)
    if await bans.add_ban(unit, user, Ban(moment, reason)):
        await repository.revoke_sessions_of(unit, user, moment)
        # The reason is a text about a person, who may be erased; what is noted stays.
        await note(unit, moment, by, What.ACCOUNT_BANNED, user)
    return await administering.get_account(unit, user)


async def unban(unit: WriteUnit, user: str, by: Principal, moment: datetime) -> Account:
    """Lift a ban; who is not banned stays so. Raises NotFoundError."""
    account = await administering.get_account(unit, user)
    if await bans.delete_ban(unit, user):
        await note(unit, moment, by, What.ACCOUNT_UNBANNED, user)
    return Account(account.user)


async def end_sessions(unit: WriteUnit, user: str, by: Principal, moment: datetime) -> None:
    """End every session of a user, who logs in again; raises NotFoundError."""
    await repository.get_user(unit, user)
    await repository.revoke_sessions_of(unit, user, moment)
    await note(unit, moment, by, What.SESSIONS_ENDED, user)


async def _require_another(unit: WriteUnit, user: str) -> None:
    admins = await administering.lock_admins(unit)
    if admins == {user}:
        message = "this is the last administrator of the server"
        raise LastAdminError(message, field="user", hint="make somebody else an administrator first")
