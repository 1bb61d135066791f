"""Ends the session of a token that somebody holds, whichever kind of token it is; not how they ask for it."""

from datetime import datetime

from reality_engine.accounts import repository, service
from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.granting import SessionClients, TokenRequest
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnauthenticatedError


async def revoke(
    asked: TokenRequest, units: Units, accounts: AccountContext, clients: SessionClients, moment: datetime
) -> None:
    """End the session; nothing happens where the token is no good. Raises BadClientError."""
    token = asked.required("token")
    try:
        read = (await accounts.tokens.read(token, moment)).session
    except UnauthenticatedError:
        read = None
    async with units.write() as unit:
        session = read or await service.session_of_refresh_token(unit, token)
        if session is None:
            return
        await clients.require(unit, session, asked.client)
        await repository.revoke_session(unit, session, moment)
        unit.after_commit(lambda: accounts.standings.forget_session(session))
        await unit.commit()
