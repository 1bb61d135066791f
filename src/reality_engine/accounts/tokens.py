"""Access tokens, which are signed, and refresh tokens, which are looked up; not the sessions behind them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.settings import AccountSettings
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.ids import is_id
from reality_engine.signing.errors import BadTokenError
from reality_engine.signing.signing import Signing

AUDIENCE: Final = "reality-engine"
# What tells an access token from any other token of the same keys (RFC 9068, section 2.1).
KIND: Final = "at+jwt"
# Larger than any that is signed here, so that nothing of a client's choosing is parsed at length.
MAX_LENGTH: Final = 2_000


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Whose token it is, of which session, until when, and by which key."""

    user: str
    session: str
    expires_at: datetime
    key: str


class AccessTokens:
    """Signs access tokens and reads them back: JWT (RFC 7519) by the algorithm that the settings name."""

    def __init__(self, signing: Signing, settings: AccountSettings) -> None:
        """Sign by those keys."""
        self._signing = signing
        self._algorithm = settings.algorithm
        self._issuer = settings.issuer
        self.lifetime: timedelta = settings.access_lifetime

    async def sign(self, user: str, session: str, moment: datetime) -> str:
        """Return a token for the lifetime that begins now; never called inside a transaction."""
        claims = {
            "sub": user,
            "sid": session,
            "iat": int(moment.timestamp()),
            "exp": int((moment + self.lifetime).timestamp()),
            "iss": self._issuer,
            "aud": AUDIENCE,
        }
        return await self._signing.sign(claims, self._algorithm, moment, KIND)

    async def read(self, token: str, moment: datetime) -> AccessClaims:
        """Return the claims; raises UnauthenticatedError, the same for every reason but age."""
        try:
            if len(token) > MAX_LENGTH:
                raise BadTokenError("too long")
            signed = await self._signing.read(token, moment, KIND)
            claims = self._checked(signed.claims, signed.kid)
        # A time beyond the machine's calendar is an OverflowError or an OSError.
        except (BadTokenError, ValueError, KeyError, TypeError, OverflowError, OSError) as error:
            raise _invalid() from error
        require_unexpired(claims, moment)
        return claims

    def knows_key(self, claims: AccessClaims, moment: datetime) -> bool:
        """Say whether the key of a token that was read before is known to be accepted; where not, it may still be."""
        return self._signing.accepts(claims.key, moment)

    async def require_key(self, claims: AccessClaims, moment: datetime) -> None:
        """Raise UnauthenticatedError where the key of a token that was read before has been retired since."""
        if not await self._signing.still_accepts(claims.key, moment):
            raise _invalid()

    def _checked(self, found: Mapping[str, Any], kid: str) -> AccessClaims:
        user, session, expires = found["sub"], found["sid"], found["exp"]
        if found["iss"] != self._issuer or found["aud"] != AUDIENCE or not isinstance(expires, int):
            raise ValueError("not a token of this server")
        if not is_id(user) or not is_id(session):
            raise ValueError("not a token of this kind")
        return AccessClaims(user, session, datetime.fromtimestamp(expires, UTC), kid)


def _invalid() -> UnauthenticatedError:
    return UnauthenticatedError("the access token is not valid", hint="log in again")


def require_unexpired(claims: AccessClaims, moment: datetime) -> None:
    """Raise TokenExpiredError from the moment on in which the token ends."""
    if moment >= claims.expires_at:
        raise TokenExpiredError("the access token has expired", hint="get another one with the refresh token")


def new_refresh_token() -> str:
    """Return a fresh secret of 256 bits."""
    return new_token()


def digest_of(refresh_token: str) -> bytes:
    """Return what is stored of a refresh token. It is random already, so a plain SHA-256 is enough."""
    return hashlib.sha256(refresh_token.encode()).digest()
