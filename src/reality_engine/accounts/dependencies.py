"""Who acts, as `Annotated` types for the parameters of routes; not what they may do."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer
from starlette.requests import HTTPConnection

from reality_engine.accounts.context import AccountContext
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.principal import ANONYMOUS, Principal
from reality_engine.web.dependencies import ClockDep, UnitsDep

# Relative, so that /docs can authorize behind a proxy with a path of its own too.
_BEARER = OAuth2PasswordBearer(
    "api/v1/auth/token", scheme_name="Session", refreshUrl="api/v1/auth/refresh", auto_error=False
)


async def accounts_of(connection: HTTPConnection) -> AccountContext:
    """Return what the composition root stored."""
    accounts: AccountContext = connection.app.state.accounts
    return accounts


AccountsDep = Annotated[AccountContext, Depends(accounts_of)]


async def optional_principal(
    connection: HTTPConnection,
    token: Annotated[str | None, Depends(_BEARER)],
    accounts: AccountsDep,
    units: UnitsDep,
    clock: ClockDep,
) -> Principal:
    """Return who acts, `ANONYMOUS` without credentials; wrong credentials are refused, never taken for none."""
    if "authorization" not in connection.headers:
        return ANONYMOUS
    if not token:
        raise UnauthenticatedError("the Authorization header has no bearer token", hint="send: Bearer <access token>")
    return await accounts.standings.principal_of(units, token, clock.now())


OptionalPrincipal = Annotated[Principal, Depends(optional_principal)]


async def current_principal(principal: OptionalPrincipal) -> Principal:
    """Return who acts; raises UnauthenticatedError for the anonymous."""
    if not principal.known:
        raise UnauthenticatedError("this needs an account", hint="log in at /api/v1/auth/token")
    return principal


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]
