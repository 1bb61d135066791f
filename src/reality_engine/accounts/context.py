"""What the routes of accounts need beside the common context; the composition root makes it."""

from collections.abc import Sequence
from dataclasses import dataclass

from reality_engine.accounts.credentials import CredentialReader, Credentials
from reality_engine.accounts.passwords import Passwords
from reality_engine.accounts.rights import NOTHING_CHOSEN, Rights
from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.standing import Standings
from reality_engine.accounts.tokens import AccessTokens
from reality_engine.kernel.clock import SystemClock
from reality_engine.rates.counts import Counts
from reality_engine.rates.throttle import Throttle
from reality_engine.signing.signing import Signing


@dataclass(frozen=True, slots=True)
class AccountContext:
    """Stands at `app.state.accounts`."""

    settings: AccountSettings
    passwords: Passwords
    tokens: AccessTokens
    standings: Standings
    credentials: Credentials
    rights: Rights
    throttle: Throttle

    @classmethod
    def build(
        cls,
        settings: AccountSettings,
        signing: Signing,
        readers: Sequence[CredentialReader] = (),
        rights: Rights = NOTHING_CHOSEN,
        counts: Counts | None = None,
    ) -> "AccountContext":
        """Make all of it from the settings and the keys that sign.

        `readers` are those of other kinds of tokens; attempts to log in are counted by `counts`, or else here alone.
        """
        tokens = AccessTokens(signing, settings)
        standings = Standings(tokens)
        throttle = Throttle(Counts(SystemClock()) if counts is None else counts)
        return cls(settings, Passwords(settings), tokens, standings, Credentials(standings, readers), rights, throttle)
