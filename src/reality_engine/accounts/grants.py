"""The grants that need no application: a password for a session, and a refresh token to go on with one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.accounts import service
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.errors import BadScopeError, TokenReusedError
from reality_engine.accounts.granting import Granted, GrantType, NoClients, SessionClients, TokenRequest
from reality_engine.accounts.logging_in import Typed, log_in
from reality_engine.accounts.service import Reuse
from reality_engine.db.unit import Units
from reality_engine.factors.factors import Factors


@dataclass(frozen=True, slots=True)
class ByPassword:
    """Opens a session for who has an address and its password, and a code where one is wanted (RFC 6749, 4.3)."""

    factors: Factors

    async def __call__(self, asked: TokenRequest, units: Units, accounts: AccountContext, moment: datetime) -> Granted:
        """Return the first tokens; raises what logging in raises, and BadScopeError."""
        username, password = asked.required("username"), asked.required("password")
        typed = Typed(username, password, asked.value("otp"), asked.caller.network)
        if asked.value("scope"):
            # What cannot be granted must not look as if it was.
            raise BadScopeError("a log-in by password has no scopes: it may do all that its user may", field="scope")
        user = await log_in(typed, units, accounts, self.factors, moment)
        async with units.write() as unit:
            grant = await service.open_session(unit, user, accounts.settings.refresh_lifetime, moment, asked.caller)
            await unit.commit()
        return Granted(user.id, grant.session, grant.refresh_token)


@dataclass(frozen=True, slots=True)
class ByRefreshToken:
    """Goes on with a session; the token is used up (RFC 6749, section 6). Using one twice ends the session."""

    clients: SessionClients

    async def __call__(self, asked: TokenRequest, units: Units, accounts: AccountContext, moment: datetime) -> Granted:
        """Return the next tokens; raises BadGrantError, TokenReusedError and BadClientError."""
        token = asked.required("refresh_token")
        async with units.write() as unit:
            session = await service.session_of_refresh_token(unit, token)
            if session is not None:
                await self.clients.require(unit, session, asked.client)
            outcome = await service.rotate(unit, token, accounts.settings.refresh_lifetime, moment)
            await unit.commit()
        if isinstance(outcome, Reuse):
            accounts.standings.forget_session(outcome.session)
            raise TokenReusedError("this refresh token was used before, so its session is over", hint="log in again")
        return Granted(outcome.user.id, outcome.session, outcome.refresh_token)


@dataclass(frozen=True, slots=True)
class TokenGrants:
    """Stands at `app.state.grants`: the grant types of the token endpoint by name, and whose sessions are whose."""

    types: Mapping[str, GrantType]
    clients: SessionClients

    @classmethod
    def build(
        cls,
        factors: Factors,
        further: Mapping[str, GrantType] = MappingProxyType({}),
        clients: SessionClients | None = None,
    ) -> "TokenGrants":
        """Have those that need no application, and further ones, which may stand in for these."""
        clients = clients or NoClients()
        own: dict[str, GrantType] = {"password": ByPassword(factors), "refresh_token": ByRefreshToken(clients)}
        return cls({**own, **further}, clients)


async def _grants(connection: HTTPConnection) -> TokenGrants:
    grants: TokenGrants = connection.app.state.grants
    return grants


GrantsDep = Annotated[TokenGrants, Depends(_grants)]
