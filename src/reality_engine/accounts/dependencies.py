"""Who acts, as `Annotated` types for the parameters of routes; not what they may do."""

from typing import Annotated, Final

from fastapi import Depends
from fastapi.security import OAuth2PasswordBearer
from starlette.requests import HTTPConnection

from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.errors import MethodOffError
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.principal import Principal
from reality_engine.web.who import who_of

# Relative, so that /docs can authorize behind a proxy with a path of its own too.
_BEARER = OAuth2PasswordBearer(
    "api/v1/auth/token", scheme_name="Session", refreshUrl="api/v1/auth/refresh", auto_error=False
)


async def accounts_of(connection: HTTPConnection) -> AccountContext:
    """Return what the composition root stored."""
    accounts: AccountContext = connection.app.state.accounts
    return accounts


AccountsDep = Annotated[AccountContext, Depends(accounts_of)]


async def passwords_on(accounts: AccountsDep) -> None:
    """Raise MethodOffError where nobody comes in by a password."""
    if not accounts.settings.passwords:
        raise MethodOffError("this server lets nobody in by a password", hint="log in at its identity provider")


# What a route passes among its `dependencies` that is about passwords.
PASSWORDS: Final = Depends(passwords_on)


# The scheme is there for the documentation: who it is was found out by `authentication`.
async def optional_principal(connection: HTTPConnection, _token: Annotated[str | None, Depends(_BEARER)]) -> Principal:
    """Return who acts, `ANONYMOUS` without credentials; wrong credentials are refused, never taken for none."""
    return who_of(connection.scope)


OptionalPrincipal = Annotated[Principal, Depends(optional_principal)]


async def current_principal(principal: OptionalPrincipal) -> Principal:
    """Return who acts; raises UnauthenticatedError for the anonymous."""
    if not principal.known:
        raise UnauthenticatedError("this needs an account", hint="log in at /api/v1/auth/token")
    return principal


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]
