"""Access tokens, which are signed, and refresh tokens, which are looked up; not the sessions behind them."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
from jwt.types import Options

from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.accounts.settings import AccountSettings
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.errors import UnauthenticatedError
from reality_engine.kernel.ids import is_id
from reality_engine.web.keys import derive

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "reality-engine"
TYPE: Final = "access"
# Larger than any that is signed here, so that nothing of a client's choosing is parsed at length.
MAX_LENGTH: Final = 2_000
_CLAIMS: Final = ["sub", "sid", "iat", "exp", "iss", "aud", "typ"]
# The library would ask the machine's clock; `read` asks ours.
_CHECKS: Final[Options] = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """Whose token it is, of which session, and until when."""

    user: str
    session: str
    expires_at: datetime


class AccessTokens:
    """Signs access tokens and reads them back: JWT (RFC 7519) by HMAC-SHA256, and by nothing else."""

    def __init__(self, secret: bytes, settings: AccountSettings) -> None:
        """Derive the key from the server's secret."""
        self._key = derive(secret, "access tokens")
        self._issuer = settings.issuer
        self.lifetime: timedelta = settings.access_lifetime

    def sign(self, user: str, session: str, moment: datetime) -> str:
        """Return a token for the lifetime that begins now."""
        claims = {
            "sub": user,
            "sid": session,
            "iat": int(moment.timestamp()),
            "exp": int((moment + self.lifetime).timestamp()),
            "iss": self._issuer,
            "aud": AUDIENCE,
            "typ": TYPE,
        }
        return jwt.encode(claims, self._key, ALGORITHM)

    def read(self, token: str, moment: datetime) -> AccessClaims:
        """Return the claims; raises UnauthenticatedError, the same for every reason but age."""
        try:
            claims = self._verified(token)  # a time beyond the machine's calendar is an OverflowError or an OSError
        except (jwt.InvalidTokenError, ValueError, OverflowError, OSError) as error:
            raise UnauthenticatedError("the access token is not valid", hint="log in again") from error
        require_unexpired(claims, moment)
        return claims

    def _verified(self, token: str) -> AccessClaims:
        if len(token) > MAX_LENGTH:
            raise ValueError("too long")
        found = jwt.decode(token, self._key, [ALGORITHM], options=_CHECKS, audience=AUDIENCE, issuer=self._issuer)
        user, session, expires = found["sub"], found["sid"], found["exp"]
        if found["typ"] != TYPE or not is_id(user) or not is_id(session) or not isinstance(expires, int):
            raise ValueError("not a token of this kind")
        return AccessClaims(user, session, datetime.fromtimestamp(expires, UTC))


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
