"""What an application is told of who has logged in there (OpenID Connect Core, section 5.3); not our envelope."""

from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reality_engine.accounts import repository as accounts
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.openid import repository
from reality_engine.openid.context import OpenId, OpenIdDep
from reality_engine.openid.id_tokens import claims_of
from reality_engine.openid.scopes import Scope
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.who import who_of

router = APIRouter(prefix="/oauth", include_in_schema=False)


# Both methods, as section 5.3.1 says.
@router.api_route("/userinfo", methods=["GET", "POST"])
async def userinfo(request: Request, openid: OpenIdDep, units: UnitsDep, clock: ClockDep) -> Response:
    """Tell who the access token belongs to, as far as that was agreed to."""
    moment = clock.now()
    session = await _session(request, openid, moment)
    async with units.read() as unit:
        user = await accounts.find_user_of_session(unit, session, moment)
        found = await repository.find_session(unit, session)
    if user is None:
        raise UnauthenticatedError("the session is over", hint="log in again")
    # Who comes with a session of their own is told all.
    scopes = tuple(Scope) if found is None else found[1]
    return JSONResponse({"sub": user.id, **claims_of(user, scopes)}, headers={"Cache-Control": "no-store"})


async def _session(request: Request, openid: OpenId, moment: datetime) -> str:
    """Return the session of a token that is good here: one for this alone, or one for the whole API."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        session = await openid.tokens.session_for_userinfo(token, moment)
        if session is not None:
            return session
    principal = who_of(request.scope)
    if principal.kind is not PrincipalKind.PERSON or principal.credential is None:
        raise UnauthenticatedError("this needs the access token of a person", hint="log in at /oauth/authorize")
    return principal.credential
