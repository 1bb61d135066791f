"""The token endpoint (RFC 6749) and revocation (RFC 7009) over HTTP; the grants decide what is granted."""

from fastapi import APIRouter, Response

from reality_engine.accounts import revoking
from reality_engine.accounts.access import PUBLIC
from reality_engine.accounts.answers import tokens_for
from reality_engine.accounts.dependencies import AccountsDep
from reality_engine.accounts.errors import (
    BadClientError,
    BadCredentialsError,
    BadGrantError,
    BadScopeError,
    BadTokenRequestError,
    EmailUnverifiedError,
    MethodOffError,
    TokenReusedError,
    UnsupportedGrantTypeError,
)
from reality_engine.accounts.grants import GrantsDep
from reality_engine.accounts.oauth import OAuthRoute, oauth_responses
from reality_engine.accounts.schemas import TokenEnvelope
from reality_engine.accounts.token_forms import RevocationDep, TokenRequestDep
from reality_engine.factors.errors import BadSecondFactorError, SecondFactorRequiredError
from reality_engine.kernel.errors import TooManyRequestsError
from reality_engine.web.dependencies import ClockDep, UnitsDep
from reality_engine.web.envelope import Envelope

router = APIRouter(route_class=OAuthRoute, tags=["auth"], dependencies=[PUBLIC])


@router.post(
    "/token",
    responses=oauth_responses(
        BadTokenRequestError,
        UnsupportedGrantTypeError,
        BadCredentialsError,
        EmailUnverifiedError,
        SecondFactorRequiredError,
        BadSecondFactorError,
        MethodOffError,
        BadGrantError,
        TokenReusedError,
        BadScopeError,
        BadClientError,
        TooManyRequestsError,
    ),
)
async def log_in(
    asked: TokenRequestDep,
    response: Response,
    units: UnitsDep,
    clock: ClockDep,
    accounts: AccountsDep,
    grants: GrantsDep,
) -> TokenEnvelope:
    """Get tokens by one of the grants of OAuth2: log in with a password, go on with a refresh token, take a code.

    To log in, send the e-mail address as `username`. A refresh token is used up, and using one twice ends its session.
    """
    name = asked.value("grant_type") or "password"
    grant = grants.types.get(name)
    if grant is None:
        known = ", ".join(grants.types)
        raise UnsupportedGrantTypeError(
            "there is no such grant_type here", field="grant_type", hint=f"there is {known}"
        )
    granted = await grant(asked, units, accounts, clock.now())
    response.headers["Cache-Control"] = "no-store"
    return await tokens_for(granted, accounts, clock.now())


@router.post("/revoke", responses=oauth_responses(BadTokenRequestError, BadClientError))
async def revoke_token(
    asked: RevocationDep, units: UnitsDep, clock: ClockDep, accounts: AccountsDep, grants: GrantsDep
) -> Envelope[None]:
    """End the session of a refresh token or an access token, with all of its tokens.

    For a token that is no good, or no longer, the answer is the same: there is nothing left to be revoked.
    """
    await revoking.revoke(asked, units, accounts, grants.clients, clock.now())
    return Envelope(data=None)
