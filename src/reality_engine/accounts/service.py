"""What can be done with accounts: register, log in, refresh, log out, rename; not how a client asks for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from reality_engine.accounts import bans, repository
from reality_engine.accounts.caller import UNKNOWN, Caller
from reality_engine.accounts.errors import BadGrantError, EmailTakenError
from reality_engine.accounts.tokens import digest_of, new_refresh_token
from reality_engine.accounts.user import ServerRole, User
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.ids import fresh_id


@dataclass(frozen=True, slots=True)
class NewUser:
    """Someone who is to have an account; `email` in its normal form, the password hashed already."""

    email: str
    name: str
    password_hash: str
    role: ServerRole = ServerRole.USER
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A session with the refresh token that goes on with it; the token is known only here and to the client."""

    user: User
    session: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Reuse:
    """A refresh token came a second time; its session has been revoked."""

    session: str


async def register(unit: WriteUnit, new: NewUser, moment: datetime) -> User:
    """Make an account; raises EmailTakenError."""
    user = User(fresh_id(moment), new.email, new.name, new.role, moment, new.verified)
    if not await repository.add_user(unit, user, new.password_hash):
        raise EmailTakenError("there is an account with this e-mail address", field="email", hint="log in instead")
    return user


async def open_session(
    unit: WriteUnit, user: User, lifetime: timedelta, moment: datetime, caller: Caller = UNKNOWN
) -> Grant:
    """Begin a session for a user who has proved who they are; raises AccountBannedError."""
    if await repository.find_user(unit, user.id) is None:
        raise UnauthenticatedError("the account was deleted")  # after the password was checked
    await bans.require_not_banned(unit, user.id)
    await repository.delete_expired_sessions(unit, user.id, moment)
    session = fresh_id(moment)
    await repository.add_session(unit, session, user.id, moment, moment + lifetime, caller)
    return Grant(user, session, await _issue(unit, session, moment + lifetime))


async def rotate(unit: WriteUnit, refresh_token: str, lifetime: timedelta, moment: datetime) -> Grant | Reuse:
    """Go on with a session: the token is used up and replaced. A used one revokes the session.

    The caller commits in both cases. Raises BadGrantError where the token is unknown or its session is over.
    """
    row = await repository.find_refresh_token(unit, digest_of(refresh_token))
    if row is not None and row.used_at is not None:
        await repository.revoke_session(unit, row.session_id, moment)
        return Reuse(row.session_id)
    if row is None or (user := await repository.find_user_of_session(unit, row.session_id, moment)) is None:
        raise BadGrantError("the refresh token is not valid", hint="log in again")
    session, expires_at = row.session_id, moment + lifetime
    await repository.use_refresh_token(unit, row, moment)
    await repository.touch_session(unit, session, moment, expires_at)
    return Grant(user, session, await _issue(unit, session, expires_at))


async def session_of_refresh_token(unit: WriteUnit, refresh_token: str) -> str | None:
    """Return which session a refresh token is of, used or not, and hold it until the transaction ends."""
    row = await repository.find_refresh_token(unit, digest_of(refresh_token))
    return None if row is None else row.session_id


async def close_session(unit: WriteUnit, session: str, moment: datetime) -> None:
    """End a session and all of its tokens."""
    await repository.revoke_session(unit, session, moment)


async def rename(unit: WriteUnit, user_id: str, name: str) -> User:
    """Give a user another name; what events already say of them stays."""
    await repository.rename_user(unit, user_id, name)
    return await repository.get_user(unit, user_id)


async def _issue(unit: WriteUnit, session: str, expires_at: datetime) -> str:
    token = new_refresh_token()
    await repository.add_refresh_token(unit, digest_of(token), session, expires_at)
    return token
