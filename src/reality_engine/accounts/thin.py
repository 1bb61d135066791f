"""Who acts, for thin routes; see `dependencies` for all others."""

from dataclasses import dataclass
from typing import Final

from reality_engine.accounts.context import AccountContext
from reality_engine.kernel.principal import ANONYMOUS, Principal
from reality_engine.web.context import Context
from reality_engine.web.thin import Asked, UnusualError

_SCHEME: Final = "Bearer "


@dataclass(frozen=True, slots=True)
class Principals:
    """Tells who acts from the one header that says so."""

    context: Context
    accounts: AccountContext

    async def of(self, asked: Asked) -> Principal:
        """Return who acts, `ANONYMOUS` without credentials; raises UnauthenticatedError and UnusualError."""
        sent = asked.header(b"authorization")
        if sent is None:
            return ANONYMOUS
        token = sent.removeprefix(_SCHEME)
        if token == sent or not token or " " in token:
            raise UnusualError
        context = self.context
        return await self.accounts.standings.principal_of(context.units, token, context.clock.now())
