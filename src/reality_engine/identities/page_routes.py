"""The way back from a provider, which a browser takes: what goes wrong before its page is known is told as a page."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse

from reality_engine.accounts.access import PUBLIC
from reality_engine.accounts.tokens import digest_of
from reality_engine.db.unit import Units
from reality_engine.identities import repository, sign_in_cookies
from reality_engine.identities.dependencies import IdentitiesDep, OidcDep
from reality_engine.identities.errors import BadSignInError
from reality_engine.identities.identity import Proven
from reality_engine.identities.oidc import OidcProvider
from reality_engine.identities.sign_in import LIFETIME, SignIn
from reality_engine.identities.sign_in_cookies import NO_TRACE
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import RealityError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.page_routes import PageRoute

router = APIRouter(prefix="/auth/oidc", route_class=PageRoute, include_in_schema=False, dependencies=[PUBLIC])


@router.get("/callback")
async def finish_sign_in(
    request: Request, provider: OidcDep, identities: IdentitiesDep, units: UnitsDep, clock: ClockDep
) -> RedirectResponse:
    """Take a browser back from the provider, and send it on with a code, or with what went wrong."""
    query, secure = request.query_params, identities.settings.secure
    state = query.get("state", "")
    kept = sign_in_cookies.held(request, state, secure=secure)
    begun = identities.sign_ins.resume(state, kept, clock.now())
    try:
        proven = await _proven(provider, begun, query.get("code"), query.get("iss"), clock)
        address = begun.back(code=await _ticket(units, begun, proven, clock))
    except RealityError as error:
        # The page that began this is who can tell its user.
        address = begun.back(error=error.code)
    answer = RedirectResponse(address, 303, headers=NO_TRACE)
    sign_in_cookies.forget(answer, state, secure=secure)
    return answer


async def _proven(provider: OidcProvider, begun: SignIn, code: str | None, issuer: str | None, clock: Clock) -> Proven:
    await provider.require_named(issuer)
    if not code:
        raise BadSignInError("the identity provider did not let anybody in")
    return await provider.proven(code, begun.nonce, begun.verifier, clock.now())


async def _ticket(units: Units, begun: SignIn, proven: Proven, clock: Clock) -> str:
    """Keep what was proved, and return what it is fetched by."""
    ticket, moment = new_token(), clock.now()
    async with units.write() as unit:
        await repository.delete_expired_sign_ins(unit, moment)
        await repository.add_sign_in(unit, digest_of(ticket), begun.challenge, proven, moment + LIFETIME)
        await unit.commit()
    return ticket
