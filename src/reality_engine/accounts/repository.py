"""Every query on the tables of accounts; not what they mean."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from reality_engine.accounts.bans import delete_ban, not_banned
from reality_engine.accounts.caller import UNKNOWN, Caller
from reality_engine.accounts.models import RefreshTokenRow, SessionRow, UserRow
from reality_engine.accounts.user import ServerRole, User
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.factors import repository as factors
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.mail import service as mail
from reality_engine.tickets import repository as tickets


async def add_user(unit: WriteUnit, user: User, password_hash: str) -> bool:
    """Insert a user; False where the address is taken, even by a registration that commits at the same time.

    An empty hash is that of no password.
    """
    statement = unit.dialect.insert_or_ignore(UserRow).returning(UserRow.id)
    values = {
        "id": user.id,
        "email": user.email or None,
        "name": user.name,
        "role": user.role.value,
        "created_at": user.created_at,
        "verified_at": user.created_at if user.verified else None,
        "password_hash": password_hash,
    }
    return await unit.session.scalar(statement.values(values)) is not None


async def find_user_with_hash(unit: ReadUnit, email: str) -> tuple[User, str] | None:
    """Return the living user with an address, and the stored password hash."""
    row = await unit.session.scalar(select(UserRow).where(UserRow.email == email, UserRow.deleted_at.is_(None)))
    return (_user(row), row.password_hash) if row is not None else None


async def find_user_by_email(unit: ReadUnit, email: str) -> User | None:
    """Return the living user with an address."""
    found = await find_user_with_hash(unit, email)
    return None if found is None else found[0]


async def find_user(unit: ReadUnit, user_id: str) -> User | None:
    """Return the living user with an id."""
    row = await unit.session.scalar(select(UserRow).where(UserRow.id == user_id, UserRow.deleted_at.is_(None)))
    return _user(row) if row is not None else None


async def get_user(unit: ReadUnit, user_id: str) -> User:
    """Return the living user with an id; raises NotFoundError."""
    user = await find_user(unit, user_id)
    if user is None:
        raise NotFoundError("there is no such user")
    return user


async def has_come_from(unit: ReadUnit, user_id: str, network: str) -> bool:
    """Say whether a user has logged in from a network, as far as their sessions are remembered."""
    query = select(SessionRow.id).where(SessionRow.user_id == user_id, SessionRow.network == network).limit(1)
    return network != "" and await unit.session.scalar(query) is not None


async def get_password_hash(unit: ReadUnit, user_id: str) -> str:
    """Return the stored hash of a living user, empty where they have no password; raises NotFoundError."""
    query = select(UserRow.password_hash).where(UserRow.id == user_id, UserRow.deleted_at.is_(None))
    found: str | None = await unit.session.scalar(query)
    if found is None:
        raise NotFoundError("there is no such user")
    return found


async def rename_user(unit: WriteUnit, user_id: str, name: str) -> None:
    """Set the name."""
    await unit.session.execute(update(UserRow).where(UserRow.id == user_id).values(name=name))


async def set_password_hash(unit: WriteUnit, user_id: str, password_hash: str) -> None:
    """Replace the stored hash."""
    await unit.session.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))


async def verify_user(unit: WriteUnit, user_id: str, email: str, moment: datetime) -> bool:
    """Note that a living user has shown that an address is theirs; False where it is not their address any more."""
    row = UserRow
    query = update(row).where(row.id == user_id, row.email == email, row.deleted_at.is_(None))
    return await unit.session.scalar(query.values(verified_at=moment).returning(row.id)) is not None


async def readdress_user(unit: WriteUnit, user_id: str, email: str, moment: datetime) -> bool:
    """Give a living user another address, which they have shown to be theirs; False where it is taken."""
    row = UserRow
    query = update(row).where(row.id == user_id, row.deleted_at.is_(None)).values(email=email, verified_at=moment)
    try:
        return await unit.session.scalar(query.returning(row.id)) is not None
    except IntegrityError:
        return False


async def revoke_sessions_of(unit: WriteUnit, user_id: str, moment: datetime, but: str | None = None) -> None:
    """End every session of a user, but perhaps one; the first end of each stands."""
    row = SessionRow
    query = update(row).where(row.user_id == user_id, row.revoked_at.is_(None))
    await unit.session.execute((query.where(row.id != but) if but and is_id(but) else query).values(revoked_at=moment))


async def end_user(unit: WriteUnit, user_id: str, moment: datetime) -> None:
    """Leave nothing of an account but its id and when it began and ended; its sessions and tokens are gone.

    What stands in place of the address is none, so that nobody can come to have it.
    """
    email = await unit.session.scalar(select(UserRow.email).where(UserRow.id == user_id))
    await tickets.forget(unit, user_id, email or "")
    await mail.forget(unit, user_id, email or "")
    await unit.session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))
    await factors.forget(unit, user_id)
    await delete_ban(unit, user_id)
    left = {"email": f"erased:{user_id}", "name": "", "password_hash": "", "role": ServerRole.USER.value}
    query = update(UserRow).where(UserRow.id == user_id)
    await unit.session.execute(query.values(**left, deleted_at=moment, verified_at=None))


async def add_session(
    unit: WriteUnit,
    session_id: str,
    user_id: str,
    moment: datetime,
    expires_at: datetime,
    caller: Caller = UNKNOWN,
) -> None:
    """Insert a session that was opened now."""
    unit.session.add(
        SessionRow(
            id=session_id, user_id=user_id, created_at=moment, last_used_at=moment, expires_at=expires_at,
            agent=caller.agent, network=caller.network, lent=False,
        )
    )  # fmt: skip
    await unit.session.flush()


async def lend_session(unit: WriteUnit, session_id: str) -> None:
    """Have a session be an application's, so that it is good in worlds alone."""
    await unit.session.execute(update(SessionRow).where(SessionRow.id == session_id).values(lent=True))


async def find_user_of_session(unit: ReadUnit, session_id: str, moment: datetime) -> User | None:
    """Return the living user of a session that still stands."""
    return (await find_users_of_sessions(unit, [session_id], moment)).get(session_id)


async def find_users_of_sessions(unit: ReadUnit, sessions: Sequence[str], moment: datetime) -> dict[str, User]:
    """Return the living users of those sessions that still stand; whoever is banned has none."""
    query = (
        select(SessionRow.id, SessionRow.lent, UserRow)
        .join(UserRow, SessionRow.user_id == UserRow.id)
        .where(unit.dialect.among(SessionRow.id, sessions))
        .where(SessionRow.revoked_at.is_(None), SessionRow.expires_at > moment)
        .where(UserRow.deleted_at.is_(None), not_banned())
    )
    return {session: replace(_user(row), lent=lent) for session, lent, row in await unit.session.execute(query)}


async def touch_session(unit: WriteUnit, session_id: str, moment: datetime, expires_at: datetime) -> None:
    """Note that a session was used, and let it live on."""
    values = {"last_used_at": moment, "expires_at": expires_at}
    await unit.session.execute(update(SessionRow).where(SessionRow.id == session_id).values(values))


async def revoke_session(unit: WriteUnit, session_id: str, moment: datetime) -> None:
    """End a session; the first end stands."""
    query = update(SessionRow).where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None))
    await unit.session.execute(query.values(revoked_at=moment))


async def delete_expired_sessions(unit: WriteUnit, user_id: str, moment: datetime) -> None:
    """Remove what can never be used again, with its tokens."""
    await unit.session.execute(delete(SessionRow).where(SessionRow.user_id == user_id, SessionRow.expires_at <= moment))


async def forget_sessions_ended_before(unit: WriteUnit, moment: datetime, after: str, many: int) -> tuple[int, str]:
    """Look at so many sessions beyond an id, in the order in which they began, and delete those that had ended.

    With their tokens. Returns how many were deleted, and the id of the last one looked at; "" where there are no more.
    """
    row = SessionRow
    page = select(row.id, row.expires_at, row.revoked_at).order_by(row.id).limit(many)
    seen = (await unit.session.execute(page.where(row.id > after) if after else page)).all()
    ended = [key for key, expires, revoked in seen if min(expires, revoked or expires) < moment]
    if ended:
        await unit.session.execute(delete(row).where(unit.dialect.among(row.id, ended)))
    return len(ended), seen[-1][0] if len(seen) == many else ""


async def add_refresh_token(unit: WriteUnit, digest: bytes, session_id: str, expires_at: datetime) -> None:
    """Insert a token that was not used yet."""
    unit.session.add(RefreshTokenRow(digest=digest, session_id=session_id, expires_at=expires_at))
    await unit.session.flush()


async def find_refresh_token(unit: WriteUnit, digest: bytes) -> RefreshTokenRow | None:
    """Return a token, held until the transaction ends, so that of two uses at once one comes second."""
    query = unit.dialect.locked(select(RefreshTokenRow).where(RefreshTokenRow.digest == digest))
    row: RefreshTokenRow | None = await unit.session.scalar(query)
    return row


async def use_refresh_token(unit: WriteUnit, row: RefreshTokenRow, moment: datetime) -> None:
    """Note the use of a token, and remove those of its session that are too old to be used at all."""
    row.used_at = moment
    await unit.session.flush()
    old = delete(RefreshTokenRow).where(
        RefreshTokenRow.session_id == row.session_id, RefreshTokenRow.expires_at <= moment
    )
    await unit.session.execute(old)


def _user(row: UserRow) -> User:
    verified = row.verified_at is not None
    return User(row.id, row.email or "", row.name, ServerRole(row.role), row.created_at, verified)


async def list_users(unit: ReadUnit, users: Sequence[str]) -> list[User]:
    """Return those of the users that live, in no order."""
    query = select(UserRow).where(unit.dialect.among(UserRow.id, users), UserRow.deleted_at.is_(None))
    return [_user(row) for row in await unit.session.scalars(query)]


async def known_as(unit: ReadUnit, users: Sequence[str], emails: Sequence[str]) -> list[tuple[str, str, bool]]:
    """Return id, address and whether it lives of every account that has one of these ids or of these addresses."""
    by_either = or_(unit.dialect.among(UserRow.id, users), unit.dialect.among(UserRow.email, emails))
    query = select(UserRow.id, UserRow.email, UserRow.deleted_at).where(by_either)
    return [(key, email or "", deleted is None) for key, email, deleted in await unit.session.execute(query)]
