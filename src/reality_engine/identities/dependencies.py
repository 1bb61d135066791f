"""What the routes of identities depend on, as `Annotated` types; not who acts, see `accounts.dependencies`."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.accounts.errors import MethodOffError
from reality_engine.identities.clerk_tokens import ClerkTokens
from reality_engine.identities.context import IdentityContext
from reality_engine.identities.oidc import OidcProvider

# Ends an account for good, with all that is said of its owner; returns once they can do nothing more.
EndAccount = Callable[[str], Awaitable[None]]


async def _identities(connection: HTTPConnection) -> IdentityContext:
    identities: IdentityContext = connection.app.state.identities
    return identities


IdentitiesDep = Annotated[IdentityContext, Depends(_identities)]


async def _end_account(connection: HTTPConnection) -> EndAccount:
    end: EndAccount = connection.app.state.end_account
    return end


EndAccountDep = Annotated[EndAccount, Depends(_end_account)]


async def _clerk(identities: IdentitiesDep) -> ClerkTokens:
    if identities.clerk is None:
        raise MethodOffError("this server does not know Clerk")
    return identities.clerk


ClerkDep = Annotated[ClerkTokens, Depends(_clerk)]


async def _oidc(identities: IdentitiesDep) -> OidcProvider:
    if identities.oidc is None:
        raise MethodOffError("this server has no identity provider that speaks OpenID Connect")
    return identities.oidc


OidcDep = Annotated[OidcProvider, Depends(_oidc)]
