"""Tokens that an identity provider has signed (JWT, RFC 7519), verified by its published keys; not whom they are of."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import jwt
from jwt.types import Options

from reality_engine.accounts.errors import TokenExpiredError
from reality_engine.identities.errors import ForeignTokenError
from reality_engine.identities.issuer_keys import ALGORITHMS, IssuerKeys

# Clocks differ. No more than this: some of these tokens live for a minute only.
SKEW: Final = timedelta(seconds=10)
MAX_LENGTH: Final = 8_192
# Times are compared below with our own clock; the library would ask the machine's.
_CHECKS: Final[Options] = {
    "require": ["iss", "sub", "exp", "iat"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}

Claims = Mapping[str, Any]


class SignedTokens:
    """Verifies the tokens of one issuer, for one audience where one is given."""

    def __init__(self, issuer: str, keys: IssuerKeys, audience: str | None = None) -> None:
        """Believe this issuer, by these keys."""
        self._issuer = issuer
        self._keys = keys
        self._audience = audience

    async def claims(self, token: str, moment: datetime) -> Claims:
        """Return what a token says; raises ForeignTokenError, TokenExpiredError and IssuerUnavailableError."""
        try:
            if len(token) > MAX_LENGTH:
                raise ValueError("too long")
            head = jwt.get_unverified_header(token)
            # An algorithm that is never good is refused before anything is fetched for it.
            if head.get("alg") not in ALGORITHMS or "crit" in head:
                raise ValueError("not a signature that is taken here")
            key = await self._keys.key(_text(head.get("kid", "")))
            options: Options = {**_CHECKS, "verify_aud": self._audience is not None}
            found = jwt.decode(
                token, key.public, [key.algorithm], options, audience=self._audience, issuer=self._issuer
            )
            require_time(found, moment)
        except (jwt.InvalidTokenError, TypeError, ValueError, OverflowError) as error:
            raise ForeignTokenError("the token of the identity provider is not valid", hint="log in again") from error
        return found


def require_time(claims: Claims, moment: datetime) -> None:
    """Raise TokenExpiredError for a token that was good once, and others for one that is not good yet, or never."""
    now, skew = moment.timestamp(), SKEW.total_seconds()
    if now >= _seconds(claims["exp"]) + skew:
        raise TokenExpiredError("the token has expired", hint="get another one from the identity provider")
    if max(_seconds(claims["iat"]), _seconds(claims.get("nbf", 0))) > now + skew:
        raise ValueError("the token is of the future")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("not a time")
    if not math.isfinite(value):
        raise ValueError("not a time")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a name")
    return value
