"""What the provider does: log a browser in, give out codes, take them for sessions, end all that; no HTTP."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reality_engine.accounts import repository as accounts
from reality_engine.accounts import service as sessions
from reality_engine.accounts.bans import require_not_banned
from reality_engine.accounts.caller import Caller
from reality_engine.accounts.user import User
from reality_engine.audit import service as audit
from reality_engine.audit.words import What
from reality_engine.db.unit import WriteUnit
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.openid import repository
from reality_engine.openid.client import Client, digest_of
from reality_engine.openid.logins import Login
from reality_engine.openid.models import ClientSessionRow, CodeRow
from reality_engine.openid.requests import AuthorizationRequest
from reality_engine.openid.scopes import Scope, as_text, scopes_in

# A code goes from the browser straight to the application's server.
CODE_LIFETIME: Final = timedelta(minutes=1)
# So long it is noticed that a code comes again.
CODE_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What an application sends with a code."""

    code: str
    redirect: str
    verifier: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session of an application lasts: as long as its token, or until it is out of use for so long."""

    token: timedelta
    unused: timedelta


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What a code was exchanged for: a session of somebody, and what of it is told to the application."""

    user: User
    session: str
    refresh_token: str | None
    scopes: tuple[Scope, ...]
    nonce: str | None
    logged_in_at: datetime


@dataclass(frozen=True, slots=True)
class Reused:
    """A code came a second time; the session that it was exchanged for, if any, has been ended."""

    session: str


async def log_in(
    unit: WriteUnit, user: User, lifetime: timedelta, moment: datetime, caller: Caller, before: Login | None
) -> str:
    """Begin the session of a browser, and end the one that it had; raises AccountBannedError."""
    if before is not None:
        await accounts.revoke_session(unit, before.session, moment)
    await require_not_banned(unit, user.id)
    session = fresh_id(moment)
    await accounts.add_session(unit, session, user.id, moment, moment + lifetime, caller)
    return session


async def agree(unit: WriteUnit, request: AuthorizationRequest, user: User, moment: datetime) -> None:
    """Write down that somebody allows what an application asks for, beside what they allowed it before."""
    held = await repository.find_consent(unit, user.id, request.client.id)
    if set(held) >= set(request.scopes):
        return
    scopes = scopes_in(scope.value for scope in (*held, *request.scopes))
    await repository.put_consent(unit, user.id, request.client.id, scopes, moment)
    details = {"scope": as_text(scopes)}
    await audit.note(unit, moment, user.principal(), What.CONSENT_GIVEN, request.client.id, details)


async def give_code(unit: WriteUnit, request: AuthorizationRequest, login: Login, moment: datetime) -> str:
    """Return a code, which is known only here and to whom it is sent."""
    code = new_token()
    row = CodeRow(
        digest=digest_of(code), client_id=request.client.id, login_id=login.session, redirect=request.redirect,
        scope=as_text(request.scopes), nonce=request.nonce, challenge=request.challenge, logged_in_at=login.at,
        expires_at=moment + CODE_LIFETIME,
    )  # fmt: skip
    await repository.add_code(unit, row, moment - CODE_KEPT)
    return code


async def exchange(
    unit: WriteUnit, client: Client, sent: Sent, lifetimes: Lifetimes, moment: datetime
) -> Exchanged | Reused | None:
    """Take a code for a session; None where it is no good, never said why. The caller commits in every case.

    One that is used twice was stolen before or after its first use, so what it was exchanged for is ended.
    """
    row = await repository.find_code(unit, digest_of(sent.code))
    if row is None or row.client_id != client.id:
        return None
    if row.used_at is not None:
        session = row.session_id or ""
        if session:
            await accounts.revoke_session(unit, session, moment)
        return Reused(session)
    user = await accounts.find_user_of_session(unit, row.login_id, moment)
    fits = row.redirect == sent.redirect and proves(sent.verifier, row.challenge) and moment < row.expires_at
    if user is None or not fits:
        # Whoever guesses at what belongs to a code has one guess.
        row.used_at = moment
        return None
    scopes = scopes_in(row.scope.split())
    # Its owner is to know it again among their sessions: by the application, and not by what that runs on.
    caller = Caller(client.name, sent.caller.network)
    session, refresh_token = await _session(unit, user, caller, scopes, lifetimes, moment)
    await accounts.lend_session(unit, session)
    await repository.add_session(
        unit,
        ClientSessionRow(
            session_id=session, client_id=client.id, user_id=user.id, login_id=row.login_id, scope=row.scope
        ),
    )
    await repository.use_code(unit, row, moment, session)
    return Exchanged(user, session, refresh_token, scopes, row.nonce, row.logged_in_at)


async def log_out(unit: WriteUnit, login: Login, moment: datetime) -> list[str]:
    """End the session of a browser, and those that applications got by it, but for those that may go on without."""
    within = await repository.sessions_within(unit, login.session)
    ended = [login.session, *(session for session, scopes in within if Scope.OFFLINE_ACCESS not in scopes)]
    await end(unit, ended, moment)
    return ended


async def withdraw(unit: WriteUnit, principal: Principal, client_id: str, moment: datetime) -> list[str]:
    """Take back what somebody allows an application, and end its sessions of theirs; raises NotFoundError."""
    if not await repository.withdraw_consent(unit, principal.id, client_id):
        raise NotFoundError("you allow no such application anything")
    ended = await repository.sessions_of(unit, client_id, principal.id)
    await end(unit, ended, moment)
    await audit.note(unit, moment, principal, What.CONSENT_WITHDRAWN, client_id)
    return list(ended)


def proves(verifier: str, challenge: str) -> bool:
    """Say whether a verifier is the one of a challenge (RFC 7636, section 4.6)."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode())


async def _session(
    unit: WriteUnit, user: User, caller: Caller, scopes: Sequence[Scope], lifetimes: Lifetimes, moment: datetime
) -> tuple[str, str | None]:
    """Open a session that can be gone on with where that was agreed to, and otherwise lasts as long as one token."""
    if Scope.OFFLINE_ACCESS in scopes:
        grant = await sessions.open_session(unit, user, lifetimes.unused, moment, caller)
        return grant.session, grant.refresh_token
    session = fresh_id(moment)
    await accounts.add_session(unit, session, user.id, moment, moment + lifetimes.token, caller)
    return session, None


async def end(unit: WriteUnit, sessions: Sequence[str], moment: datetime) -> None:
    """End sessions; the caller has them forgotten after the commit."""
    for session in sessions:
        await accounts.revoke_session(unit, session, moment)
