"""Makes the answer to who was granted a session; not the decision."""

from datetime import datetime

from reality_engine.accounts.context import AccountContext
from reality_engine.accounts.granting import Granted
from reality_engine.accounts.schemas import TokenEnvelope


async def tokens_for(granted: Granted, accounts: AccountContext, moment: datetime) -> TokenEnvelope:
    """Return the tokens, the access token among them; never called inside a transaction."""
    access = granted.access_token or await accounts.tokens.sign(granted.user, granted.session, moment)
    return TokenEnvelope.of(granted, access, int(accounts.tokens.lifetime.total_seconds()))
