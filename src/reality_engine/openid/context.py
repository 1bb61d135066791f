"""What the routes of the provider need beside the common context; the composition root makes it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from reality_engine.openid.id_tokens import IdTokens
from reality_engine.openid.logins import Logins


@dataclass(frozen=True, slots=True)
class OpenId:
    """Stands at `app.state.openid`; `issuer` is the server's public address."""

    issuer: str
    logins: Logins
    tokens: IdTokens

    @classmethod
    def build(cls, secret: bytes, issuer: str, login_lifetime: timedelta, tokens: IdTokens) -> "OpenId":
        """Make all of it from the settings and the server's secret."""
        return cls(issuer, Logins(secret, login_lifetime, secure=issuer.startswith("https://")), tokens)


async def _openid(connection: HTTPConnection) -> OpenId:
    openid: OpenId = connection.app.state.openid
    return openid


OpenIdDep = Annotated[OpenId, Depends(_openid)]
