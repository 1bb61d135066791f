"""Asks a provider who somebody is (OpenID Connect, authorization code with PKCE); not what they get for it here."""

import base64
import hashlib
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from reality_engine.identities.discovery import Discovery
from reality_engine.identities.errors import BadSignInError, ForeignTokenError, IssuerUnavailableError
from reality_engine.identities.fetching import Fetching
from reality_engine.identities.identity import Kind, Proven, proven_by
from reality_engine.identities.settings import OidcSettings
from reality_engine.identities.signed_tokens import SignedTokens

logger = logging.getLogger(__name__)

OK: Final = 200


class OidcProvider:
    """One provider, which knows this server as a client of its own."""

    def __init__(
        self, settings: OidcSettings, redirect: str, discovery: Discovery, fetching: Fetching, tokens: SignedTokens
    ) -> None:
        """Have browsers come back to `redirect`, which is registered with the provider."""
        self.settings = settings
        self._redirect = redirect
        self._discovery = discovery
        self._fetching = fetching
        self._tokens = tokens

    async def authorize_address(self, state: str, nonce: str, verifier: str) -> str:
        """Return where to send a browser; raises IssuerUnavailableError."""
        query = {
            "response_type": "code",
            "client_id": self.settings.client,
            "redirect_uri": self._redirect,
            "scope": self.settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        address = (await self._discovery.endpoints()).authorization
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def require_named(self, issuer: str | None) -> None:
        """Raise BadSignInError where a browser was sent back by another provider (RFC 9207)."""
        named = (await self._discovery.endpoints()).names_itself
        if issuer != self.settings.issuer and (named or issuer is not None):
            raise BadSignInError("the browser was sent back by another identity provider")

    async def proven(self, code: str, nonce: str, verifier: str, moment: datetime) -> Proven:
        """Return who somebody is, for the code that a browser brought; raises BadSignInError where it is no good."""
        answer = await self._redeemed(code, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise IssuerUnavailableError("the identity provider does not say who it is")
        try:
            claims = await self._tokens.claims(token, moment)
            self._require_meant(claims, nonce)
            return proven_by(Kind.OIDC, self.settings.issuer, claims)
        except (ForeignTokenError, ValueError) as error:
            raise BadSignInError("the identity provider's token is not valid", hint="log in again") from error

    def _require_meant(self, claims: Mapping[str, Any], nonce: str) -> None:
        if claims.get("nonce") != nonce:
            raise ValueError("the token is of another log-in")
        several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.settings.client) != self.settings.client:
            raise ValueError("the token was given to another client")

    async def _redeemed(self, code: str, verifier: str) -> Mapping[str, Any]:
        endpoints = await self._discovery.endpoints()
        client, secret = self.settings.client, self.settings.secret
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": verifier,
        }
        basic = None
        if secret is None or endpoints.posts_secret:
            form |= {"client_id": client, **({} if secret is None else {"client_secret": secret})}
        else:
            basic = quote_plus(client), quote_plus(secret)  # RFC 6749, section 2.3.1
        status, answer = await self._fetching.post(endpoints.token, form, basic)
        if status == OK:
            return answer
        if answer.get("error") == "invalid_grant":
            raise BadSignInError("the identity provider does not take the code", hint="log in again")
        logger.warning("an identity provider refused a code with status %s", status)
        raise IssuerUnavailableError("the identity provider refuses this server")


def challenge_of(verifier: str) -> str:
    """Return what is shown of a verifier beforehand (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
