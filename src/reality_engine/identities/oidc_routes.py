"""Logging in at a provider that speaks OpenID Connect, over HTTP: there, and for tokens; the way back is a page."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response
from starlette.responses import RedirectResponse

from reality_engine.accounts import service as accounts_service
from reality_engine.accounts.access import PUBLIC
from reality_engine.accounts.answers import tokens_for
from reality_engine.accounts.caller import CallerDep
from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.accounts.errors import MethodOffError, RegistrationClosedError
from reality_engine.accounts.granting import Granted
from reality_engine.accounts.logging_in import require_second_factor
from reality_engine.accounts.schemas import TokenEnvelope
from reality_engine.factors.dependencies import FactorsDep
from reality_engine.factors.errors import BadSecondFactorError, SecondFactorRequiredError
from reality_engine.identities import service, sign_in_cookies
from reality_engine.identities.dependencies import IdentitiesDep, OidcDep
from reality_engine.identities.errors import (
    BadSignInError,
    IdentityEndedError,
    IssuerUnavailableError,
    LinkRequiredError,
    ReturnAddressError,
)
from reality_engine.identities.routes import redeem, told
from reality_engine.identities.schemas import Challenge, ExchangeRequest, OidcResponse
from reality_engine.identities.sign_in_cookies import NO_TRACE
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope
from reality_engine.web.responses import responses

router = APIRouter(prefix="/auth/oidc", tags=["identities"])

_REDIRECT: Final[dict[int | str, dict[str, Any]]] = {303: {"description": "Where the browser goes on"}}


@router.get("", dependencies=[PUBLIC], responses=responses(MethodOffError))
async def show_provider(provider: OidcDep) -> Envelope[OidcResponse]:
    """Show which provider one can log in at."""
    settings = provider.settings
    login = f"{router.prefix}/login"
    return Envelope(data=OidcResponse(name=settings.name, issuer=settings.issuer, login=f"/api/v1{login}"))


@router.get(
    "/login",
    status_code=303,
    response_class=RedirectResponse,
    dependencies=[PUBLIC],
    responses={**responses(MethodOffError, ReturnAddressError, IssuerUnavailableError), **_REDIRECT},
)
async def begin_sign_in(
    return_to: Annotated[str, Query(max_length=2_000, description="One of the addresses that the server allows")],
    code_challenge: Annotated[Challenge, Query(description="Of the verifier that you keep (RFC 7636, S256)")],
    provider: OidcDep,
    identities: IdentitiesDep,
    clock: ClockDep,
) -> RedirectResponse:
    """Send a browser to the provider. It comes back to `return_to` with a `code`, or with an `error`."""
    if return_to not in identities.settings.return_addresses:
        hint = "the server's administrator lists such addresses in REALITY_RETURN_ADDRESSES"
        raise ReturnAddressError("browsers are not sent back to that address", field="return_to", hint=hint)
    begun, kept = identities.sign_ins.begin(return_to, code_challenge, clock.now())
    answer = RedirectResponse(
        await provider.authorize_address(begun.state, begun.nonce, begun.verifier), 303, headers=NO_TRACE
    )
    sign_in_cookies.keep(answer, begun.state, kept, secure=identities.settings.secure)
    return answer


@router.post(
    "/exchange",
    dependencies=[PUBLIC],
    responses=responses(
        MethodOffError,
        BadSignInError,
        LinkRequiredError,
        IdentityEndedError,
        RegistrationClosedError,
        SecondFactorRequiredError,
        BadSecondFactorError,
    ),
)
async def exchange(
    body: ExchangeRequest,
    response: Response,
    _provider: OidcDep,
    caller: CallerDep,
    factors: FactorsDep,
    identities: IdentitiesDep,
    accounts: AccountsDep,
    units: UnitsDep,
    clock: ClockDep,
) -> TokenEnvelope:
    """Get tokens for the code of a log-in. Where that asks for a link, the code stays good for making it."""
    moment = clock.now()
    async with units.write() as unit:
        proven = await told(unit, body.code, body.code_verifier, clock)
        user = await service.account_of(unit, proven, moment, make=identities.settings.make_accounts)
        await unit.commit()
    # Whoever wants a second factor wants it however they come.
    await require_second_factor(user.id, body.otp, units, factors, moment)
    async with units.write() as unit:
        await redeem(unit, body.code, body.code_verifier, clock)
        grant = await accounts_service.open_session(unit, user, accounts.settings.refresh_lifetime, moment, caller)
        await unit.commit()
    response.headers["Cache-Control"] = "no-store"
    return await tokens_for(Granted(user.id, grant.session, grant.refresh_token), accounts, moment)
