"""The grant `authorization_code` of the token endpoint: a code for tokens (RFC 6749, 4.1.3; OpenID Connect, 3.1.3)."""

from dataclasses import dataclass
from datetime import datetime

from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.errors import BadGrantError
from reality_engine.accounts.granting import Granted, TokenRequest
from reality_engine.db.unit import Units
from reality_engine.openid import service
from reality_engine.openid.client import Client
from reality_engine.openid.id_tokens import IdTokens
from reality_engine.openid.proofs import proved
from reality_engine.openid.scopes import Scope, as_text
from reality_engine.openid.service import Exchanged, Lifetimes, Reused, Sent


@dataclass(frozen=True, slots=True)
class ByCode:
    """Takes a code, once, from the application that it was given to; a second use ends what came of the first."""

    tokens: IdTokens

    async def __call__(self, asked: TokenRequest, units: Units, accounts: AccountContext, moment: datetime) -> Granted:
        """Return the tokens; raises BadClientError, BadGrantError and BadTokenRequestError."""
        sent = Sent(
            asked.required("code"), asked.required("redirect_uri"), asked.required("code_verifier"), asked.caller
        )
        lifetimes = Lifetimes(accounts.tokens.lifetime, accounts.settings.refresh_lifetime)
        async with units.write() as unit:
            client = await proved(unit, asked.client)
            outcome = await service.exchange(unit, client, sent, lifetimes, moment)
            await unit.commit()
        if isinstance(outcome, Reused):
            accounts.standings.forget_session(outcome.session)
            outcome = None
        if outcome is None:
            message = "the code is not valid, or was used, or belongs to another request"
            raise BadGrantError(message, field="code", hint="send people to log in again")
        return await self._granted(client, outcome, accounts, moment)

    async def _granted(self, client: Client, told: Exchanged, accounts: AccountContext, moment: datetime) -> Granted:
        if Scope.WORLDS in told.scopes:
            access = await accounts.tokens.sign(told.user.id, told.session, moment)
        else:
            access = await self.tokens.sign_for_userinfo(told, accounts.settings.algorithm, moment)
        known = Scope.OPENID in told.scopes
        return Granted(
            told.user.id, told.session, told.refresh_token, as_text(told.scopes),
            await self.tokens.sign(client, told, access, moment) if known else None, access,
        )  # fmt: skip
