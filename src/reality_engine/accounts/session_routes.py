"""Sessions over HTTP: go on with one, see which there are, end one or all; nothing is decided here."""

from typing import Final

from fastapi import APIRouter, Response

from reality_engine.accounts import repository, sessions
from reality_engine.accounts.access import PERSON, PUBLIC
from reality_engine.accounts.answers import tokens_for
from reality_engine.accounts.dependencies import AccountsDep, CurrentPrincipal
from reality_engine.accounts.errors import BadClientError, BadGrantError, TokenExpiredError, TokenReusedError
from reality_engine.accounts.granting import TokenRequest
from reality_engine.accounts.grants import GrantsDep
from reality_engine.accounts.schemas import RefreshRequest, SessionResponse, TokenEnvelope
from reality_engine.kernel.errors import ConflictError, DeniedError, NotFoundError, UnauthenticatedError
from reality_engine.kernel.ids import is_id
from reality_engine.web.bodies import PathId
from reality_engine.web.cursors import BadCursorError
from reality_engine.web.dependencies import ClockDep, CursorsDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import responses

_LIST: Final = "sessions"
_SIGNED_IN: Final = responses(UnauthenticatedError, TokenExpiredError, DeniedError)
router = APIRouter(tags=["auth"])


@router.post("/refresh", dependencies=[PUBLIC], responses=responses(BadGrantError, TokenReusedError, BadClientError))
async def refresh(
    body: RefreshRequest,
    response: Response,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    grants: GrantsDep,
) -> TokenEnvelope:
    """Get new tokens for the refresh token, which is used up. Using one twice ends the session.

    The same as `POST /auth/token` with `grant_type=refresh_token`, in JSON.
    """
    asked = TokenRequest({"refresh_token": body.refresh_token})
    granted = await grants.types["refresh_token"](asked, units, accounts, clock.now())
    response.headers["Cache-Control"] = "no-store"
    return await tokens_for(granted, accounts, clock.now())


@router.post("/logout", status_code=204, dependencies=[PERSON], responses={**_SIGNED_IN, **responses(ConflictError)})
async def log_out(principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep) -> None:
    """End the session of the access token, with all of its tokens."""
    session = principal.credential or ""
    if not is_id(session):
        message = "this session was begun by an identity provider, and ends there"
        raise ConflictError(message, hint="log out where you logged in")
    async with units.write() as unit:
        await repository.revoke_session(unit, session, clock.now())
        unit.after_commit(lambda: accounts.standings.forget_session(session))
        await unit.commit()


@router.post("/logout/everywhere", status_code=204, dependencies=[PERSON], responses=_SIGNED_IN)
async def log_out_everywhere(
    principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> None:
    """End all sessions of whoever asks, this one too."""
    async with units.write() as unit:
        await sessions.end_sessions_of(unit, principal.id, clock.now())
        unit.after_commit(lambda: accounts.standings.forget_user(principal.id))
        await unit.commit()


@router.get("/sessions", dependencies=[PERSON], responses={**_SIGNED_IN, **responses(BadCursorError)})
async def list_sessions(
    principal: CurrentPrincipal, page: PageDep, units: UnitsDep, clock: ClockDep, cursors: CursorsDep
) -> Envelope[list[SessionResponse]]:
    """List one's own sessions that stand, the newest first."""
    now = clock.now()
    before = str(cursors.open(page.cursor, _LIST, principal.id)) if page.cursor else None
    async with units.read() as unit:
        found = await sessions.list_sessions(unit, principal.id, now, page.limit + 1, page.skip, before)
        total = await sessions.count_sessions(unit, principal.id, now) if page.total else None
    shown = found[: page.limit]
    following = cursors.seal(shown[-1].id, _LIST, principal.id) if len(found) > page.limit else None
    data = [SessionResponse.of(one, current=one.id == principal.credential) for one in shown]
    return Envelope(data=data, meta=page.meta(following, total))


@router.delete(
    "/sessions/{session}", status_code=204, dependencies=[PERSON], responses={**_SIGNED_IN, **responses(NotFoundError)}
)
async def end_session(
    session: PathId, principal: CurrentPrincipal, units: UnitsDep, clock: ClockDep, accounts: AccountsDep
) -> None:
    """End a session of one's own, with all of its tokens and live connections."""
    async with units.write() as unit:
        if not await sessions.end_session_of(unit, principal.id, session, clock.now()):
            raise NotFoundError("you have no such session")
        unit.after_commit(lambda: accounts.standings.forget_session(session))
        await unit.commit()
