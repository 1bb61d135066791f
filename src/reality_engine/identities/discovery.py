"""Where a provider's endpoints are, as it says itself (OpenID Connect Discovery 1.0), kept a while; not their use."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from reality_engine.identities.errors import IssuerUnavailableError
from reality_engine.identities.fetching import Fetching
from reality_engine.kernel.clock import Clock

logger = logging.getLogger(__name__)

DOCUMENT: Final = "/.well-known/openid-configuration"
FRESH: Final = timedelta(hours=1)
FAILED_AGAIN: Final = timedelta(seconds=5)
POST: Final = "client_secret_post"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What is used of a provider; `names_itself` says that it tells who it is when it sends a browser back."""

    authorization: str
    token: str
    keys: str
    posts_secret: bool = False
    names_itself: bool = False


class Discovery:
    """Asks once an hour; a provider that fails is left alone for a moment, and what it said before still holds."""

    def __init__(self, fetching: Fetching, issuer: str, clock: Clock) -> None:
        """Ask this issuer, at the first use."""
        self._fetching = fetching
        self._issuer = issuer
        self._clock = clock
        self._found: Endpoints | None = None
        self._asked = self._failed = clock.now() - FRESH
        self._one = asyncio.Lock()

    async def endpoints(self) -> Endpoints:
        """Return them; raises IssuerUnavailableError."""
        async with self._one:
            now = self._clock.now()
            if self._found is None or not self._asked <= now < self._asked + FRESH:
                await self._ask(now)
            if self._found is None:
                raise IssuerUnavailableError("the identity provider cannot be asked where to log in")
            return self._found

    async def keys(self) -> str:
        """Return where the keys are; raises IssuerUnavailableError."""
        return (await self.endpoints()).keys

    async def _ask(self, now: datetime) -> None:
        if self._failed <= now < self._failed + FAILED_AGAIN:
            return
        try:
            self._found = endpoints_in(await self._fetching.get(f"{self._issuer.rstrip('/')}{DOCUMENT}"), self._issuer)
            self._asked = now
        except IssuerUnavailableError as error:
            self._failed = now
            logger.warning("an identity provider does not say where its endpoints are: %s", error)


def endpoints_in(document: Mapping[str, Any], issuer: str) -> Endpoints:
    """Read a discovery document; raises IssuerUnavailableError where it is another issuer's, or of no use."""
    if document.get("issuer") != issuer:
        raise IssuerUnavailableError("the identity provider calls itself otherwise than it was named here")
    if "S256" not in document.get("code_challenge_methods_supported", ["S256"]):
        raise IssuerUnavailableError("the identity provider does not take PKCE by S256")
    methods = document.get("token_endpoint_auth_methods_supported", [])
    return Endpoints(
        _endpoint(document, "authorization_endpoint", issuer),
        _endpoint(document, "token_endpoint", issuer),
        _endpoint(document, "jwks_uri", issuer),
        posts_secret=POST in methods and "client_secret_basic" not in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, Any], name: str, issuer: str) -> str:
    found = document.get(name)
    # What is trusted because of HTTPS must not lead to where there is none.
    scheme = issuer.partition("://")[0]
    if not isinstance(found, str) or not found.startswith(("https://", f"{scheme}://")) or not found.isprintable():
        raise IssuerUnavailableError(f"the identity provider has no {name} that could be used")
    return found
