"""ID tokens, which tell an application who somebody is, and tokens for userinfo alone; not access tokens of the API."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from reality_engine.accounts.user import User
from reality_engine.kernel.ids import is_id
from reality_engine.openid.client import Client
from reality_engine.openid.scopes import Scope
from reality_engine.openid.service import Exchanged
from reality_engine.signing.algorithms import Algorithm
from reality_engine.signing.errors import BadTokenError
from reality_engine.signing.signing import Signing

# What every client library takes without being told (OpenID Connect Core, section 15.1).
ALGORITHM: Final = Algorithm.RS256
_USERINFO: Final = "userinfo+jwt"


@dataclass(frozen=True, slots=True)
class Hint:
    """Of an ID token that was given out before: for which application, and who it is about."""

    client: str
    user: str


class IdTokens:
    """Signs and reads them; `issuer` is the server's public address."""

    def __init__(self, signing: Signing, issuer: str, lifetime: timedelta) -> None:
        """Sign by those keys."""
        self._signing = signing
        self._issuer = issuer
        self.lifetime = lifetime

    async def sign(self, client: Client, told: Exchanged, access_token: str, moment: datetime) -> str:
        """Return an ID token (OpenID Connect Core, sections 2 and 3.1.3.6)."""
        digest = hashlib.sha256(access_token.encode()).digest()
        claims = {
            **self._of(told.user, moment),
            **claims_of(told.user, told.scopes),
            "aud": client.id,
            "auth_time": int(told.logged_in_at.timestamp()),
            "at_hash": base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode(),
            **({} if told.nonce is None else {"nonce": told.nonce}),
        }
        return await self._signing.sign(claims, ALGORITHM, moment)

    async def sign_for_userinfo(self, told: Exchanged, algorithm: Algorithm, moment: datetime) -> str:
        """Return a token that is good for userinfo, and nowhere else."""
        claims = {**self._of(told.user, moment), "aud": self._issuer, "sid": told.session}
        return await self._signing.sign(claims, algorithm, moment, _USERINFO)

    async def session_for_userinfo(self, token: str, moment: datetime) -> str | None:
        """Return the session of such a token; None for any other, and for one that is over."""
        try:
            claims = (await self._signing.read(token, moment, _USERINFO)).claims
            session, until = claims["sid"], claims["exp"]
        except (BadTokenError, KeyError):
            return None
        fits = claims.get("iss") == self._issuer and is_id(session) and moment.timestamp() < until
        return str(session) if fits else None

    async def hint(self, token: str, moment: datetime) -> Hint | None:
        """Return what an ID token is about, however old it is; None for what is no ID token of this server."""
        try:
            claims = (await self._signing.read(token, moment)).claims
            found = Hint(claims["aud"], claims["sub"])
        except (BadTokenError, KeyError):
            return None
        fits = claims.get("iss") == self._issuer and is_id(found.client) and is_id(found.user)
        return found if fits and "auth_time" in claims else None

    def _of(self, user: User, moment: datetime) -> dict[str, Any]:
        seconds = int(moment.timestamp())
        return {
            "iss": self._issuer, "sub": user.id, "iat": seconds, "exp": seconds + int(self.lifetime.total_seconds())
        }  # fmt: skip


def claims_of(user: User, scopes: tuple[Scope, ...]) -> dict[str, Any]:
    """Return what is told of somebody (OpenID Connect Core, section 5.4)."""
    claims: dict[str, Any] = {}
    if Scope.PROFILE in scopes:
        claims["name"] = user.name
    if Scope.EMAIL in scopes and user.email:
        claims.update(email=user.email, email_verified=user.verified)
    return claims
