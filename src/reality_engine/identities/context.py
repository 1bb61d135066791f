"""What the routes of identities need beside the common context; the composition root makes it."""

from dataclasses import dataclass

from reality_engine.identities.clerk_tokens import ClerkTokens
from reality_engine.identities.discovery import Discovery
from reality_engine.identities.fetching import Fetching
from reality_engine.identities.issuer_keys import IssuerKeys
from reality_engine.identities.oidc import OidcProvider
from reality_engine.identities.settings import ClerkSettings, IdentitySettings, OidcSettings
from reality_engine.identities.sign_in import SignIns
from reality_engine.identities.signed_tokens import SignedTokens
from reality_engine.identities.standing import IdentityStandings
from reality_engine.kernel.clock import Clock

CALLBACK = "/api/v1/auth/oidc/callback"
_CLERK_KEYS = "/.well-known/jwks.json"


@dataclass(frozen=True, slots=True)
class IdentityContext:
    """Stands at `app.state.identities`; what is off is None."""

    settings: IdentitySettings
    fetching: Fetching
    sign_ins: SignIns
    clerk: ClerkTokens | None
    standings: IdentityStandings | None
    oidc: OidcProvider | None

    @classmethod
    def build(cls, settings: IdentitySettings, secret: bytes, clock: Clock) -> "IdentityContext":
        """Make all of it; nothing is fetched before the first use."""
        fetching = Fetching()
        standings = None if settings.clerk is None else IdentityStandings(settings.clerk.issuer)
        clerk = None
        if settings.clerk is not None and standings is not None:
            clerk = _clerk(settings.clerk, fetching, standings, clock, make=settings.make_accounts)
        oidc = None if settings.oidc is None else _oidc(settings.oidc, settings.public_address, fetching, clock)
        return cls(settings, fetching, SignIns(secret), clerk, standings, oidc)

    @property
    def readers(self) -> tuple[ClerkTokens, ...]:
        """Return the readers of credentials."""
        return () if self.clerk is None else (self.clerk,)

    def forget_user(self, user_id: str) -> None:
        """Ask the tables again about somebody."""
        if self.standings is not None:
            self.standings.forget_user(user_id)


def _clerk(
    settings: ClerkSettings, fetching: Fetching, standings: IdentityStandings, clock: Clock, *, make: bool
) -> ClerkTokens:
    async def keys() -> str:
        return f"{settings.issuer}{_CLERK_KEYS}"

    tokens = SignedTokens(settings.issuer, IssuerKeys(fetching, keys, clock))
    return ClerkTokens(settings, tokens, standings, make=make)


def _oidc(settings: OidcSettings, public_address: str, fetching: Fetching, clock: Clock) -> OidcProvider:
    discovery = Discovery(fetching, settings.issuer, clock)
    tokens = SignedTokens(settings.issuer, IssuerKeys(fetching, discovery.keys, clock), settings.client)
    return OidcProvider(settings, f"{public_address}{CALLBACK}", discovery, fetching, tokens)
