"""By which ways people may come in, and which identity providers are believed."""

import base64
import binascii
import re
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from reality_engine.app.options.base import Options

Way = Literal["local", "clerk", "oidc"]
Texts = Annotated[tuple[str, ...], NoDecode]
_ISSUER: Final = re.compile(r"https?://[^/\s?#@]+(/[^\s?#]*)?\Z")
_NEARBY: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MIN_WEBHOOK_BYTES: Final = 16
_NEEDS: Final = {"clerk": ("clerk_issuer",), "oidc": ("oidc_issuer", "oidc_client_id", "return_addresses")}


class IdentityOptions(Options):
    """Ways in, Clerk, OpenID Connect, and where browsers may be sent back to."""

    first_seen: Literal["create", "refuse"] | None = Field(
        None, description="Whether who comes by a provider the first time gets an account; by default as REGISTRATION"
    )
    clerk_issuer: str | None = Field(None, description="The Frontend API of the Clerk instance, as its tokens name it")
    clerk_authorized_parties: Texts = Field(
        (), description="Origins whose session tokens of Clerk are taken, parted by commas; all where there are none"
    )
    clerk_webhook_secret: SecretStr | None = Field(None, description="Signs what Clerk tells by itself: whsec_…")
    oidc_issuer: str | None = Field(None, description="The OpenID Connect provider, exactly as it names itself")
    oidc_client_id: str | None = Field(None, description="What the provider knows this server as")
    oidc_client_secret: SecretStr | None = Field(None, description="Proves to the provider that it is this server")
    oidc_scopes: str = Field("openid email profile", description="What the provider is asked to tell, openid included")
    oidc_name: str = Field("OpenID Connect", max_length=80, description="What to write on the button to log in")
    return_addresses: Texts = Field(
        (), description="Where browsers may be sent back to after a log-in, each in full, parted by commas"
    )
    # The last one, since it needs others.
    auth: Annotated[tuple[Way, ...], NoDecode] = Field(
        ("local",), description="Ways in, parted by commas: local (passwords), clerk, oidc"
    )

    @field_validator("auth", "clerk_authorized_parties", "return_addresses", mode="before")
    @classmethod
    def _parted_identities(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("auth")
    @classmethod
    def _whole(cls, ways: tuple[Way, ...], info: ValidationInfo) -> tuple[Way, ...]:
        if not ways:
            raise ValueError("name at least one of local, clerk and oidc: otherwise nobody could come in")
        for way in ways:
            missing = [f"REALITY_{name.upper()}" for name in _NEEDS.get(way, ()) if not info.data.get(name, True)]
            if missing:
                raise ValueError(f"{way} needs {' and '.join(missing)}")
        return ways

    @field_validator("clerk_issuer", "oidc_issuer")
    @classmethod
    def _believable(cls, issuer: str | None, info: ValidationInfo) -> str | None:
        if issuer is not None and not _ISSUER.match(issuer):
            raise ValueError("write the whole address, like https://accounts.example.org")
        if issuer is not None and not _safe(issuer, info):
            raise ValueError("an identity provider is believed over https alone")
        # Its tokens name Clerk without a slash; other issuers are compared as they are written.
        return issuer.rstrip("/") if issuer is not None and info.field_name == "clerk_issuer" else issuer

    @field_validator("return_addresses")
    @classmethod
    def _safe_returns(cls, addresses: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for address in addresses:
            parts = urlsplit(address)
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.fragment or not address.isprintable():
                raise ValueError(f"'{address}' is no whole address, like https://app.example.org/signed-in")
            if not _safe(address, info):
                raise ValueError(f"'{address}': browsers are sent back over https alone")
        return addresses

    @field_validator("oidc_scopes")
    @classmethod
    def _asks_who(cls, scopes: str) -> str:
        if "openid" not in scopes.split():
            raise ValueError("'openid' must be among them: without it a provider does not say who somebody is")
        return " ".join(scopes.split())

    @field_validator("clerk_webhook_secret")
    @classmethod
    def _readable_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            text = secret.get_secret_value().removeprefix("whsec_")
            try:
                raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
            except (binascii.Error, ValueError) as error:
                raise ValueError("this is no signing secret of Clerk's webhooks: whsec_ and base64") from error
            if len(raw) < _MIN_WEBHOOK_BYTES:
                raise ValueError("this signing secret is too short to be one of Clerk's webhooks")
        return secret


def _safe(address: str, info: ValidationInfo) -> bool:
    """Say whether an address is one of HTTPS, or of this machine in development."""
    parts = urlsplit(address)
    nearby = parts.netloc.rpartition(":")[0] in _NEARBY or parts.netloc in _NEARBY
    return parts.scheme == "https" or (nearby and info.data.get("environment") != "production")
