"""Finds out who acts, once for each request and before the routes; what they may do is decided further in."""

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

from reality_engine.kernel.errors import RealityError, UnauthenticatedError
from reality_engine.kernel.principal import ANONYMOUS, Principal
from reality_engine.web.limits import header
from reality_engine.web.who import WHO

if TYPE_CHECKING:
    from reality_engine.accounts.context import AccountContext
    from reality_engine.web.context import Context


class Authentication:
    """Pure ASGI: leaves in the scope who acts, for `web.who.who_of`.

    Wrong credentials are left there too, as the error for whoever asks: what anybody may have, they may have.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out, then pass on."""
        if scope["type"] in ("http", "websocket"):
            scope[WHO] = await _found(scope)
        await self._app(scope, receive, send)


async def _found(scope: Scope) -> Principal | RealityError:
    sent = header(scope, b"authorization")
    if sent is None:
        return ANONYMOUS
    scheme, _, token = sent.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        message = "the Authorization header has no bearer token"
        return UnauthenticatedError(message, hint="send: Bearer <access token>")
    state = scope["app"].state
    accounts: AccountContext = state.accounts
    context: Context = state.context
    try:
        return await accounts.credentials.principal_of(context.units, token, context.clock.now())
    except RealityError as error:
        return error
