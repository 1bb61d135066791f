"""What a client library needs to know of the provider to set itself up; written by the standards, not our envelope."""

from typing import Final

from fastapi import APIRouter, Response
from pydantic import Field

from reality_engine.openid.context import OpenIdDep
from reality_engine.openid.id_tokens import ALGORITHM
from reality_engine.openid.scopes import Scope
from reality_engine.web.bodies import ResponseBody

_API: Final = "/api/v1/auth"
_PROVES: Final = ("client_secret_basic", "client_secret_post", "none")
router = APIRouter(tags=["auth"])


class ProviderResponse(ResponseBody):
    """Metadata of the provider (OpenID Connect Discovery, section 3; RFC 8414; RFC 9207)."""

    issuer: str = Field(examples=["https://worlds.example.org"])
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    revocation_endpoint: str
    scopes_supported: tuple[str, ...] = tuple(scope.value for scope in Scope)
    response_types_supported: tuple[str, ...] = ("code",)
    response_modes_supported: tuple[str, ...] = ("query",)
    grant_types_supported: tuple[str, ...] = (
        "authorization_code",
        "refresh_token",
        "password",
    )
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...] = (ALGORITHM.value,)
    token_endpoint_auth_methods_supported: tuple[str, ...] = _PROVES
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = _PROVES
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    prompt_values_supported: tuple[str, ...] = (
        "none",
        "login",
        "consent",
        "select_account",
    )
    claims_supported: tuple[str, ...] = (
        "sub", "name", "email", "email_verified", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash",
    )  # fmt: skip
    authorization_response_iss_parameter_supported: bool = True
    claims_parameter_supported: bool = False
    request_parameter_supported: bool = False
    request_uri_parameter_supported: bool = False


@router.get("/.well-known/openid-configuration")
async def openid_configuration(openid: OpenIdDep, response: Response) -> ProviderResponse:
    """Tell OpenID Connect client libraries where everything is, and what is known here."""
    return _described(openid.issuer, response)


@router.get("/.well-known/oauth-authorization-server")
async def oauth_authorization_server(openid: OpenIdDep, response: Response) -> ProviderResponse:
    """Tell OAuth2 client libraries the same (RFC 8414)."""
    return _described(openid.issuer, response)


def _described(issuer: str, response: Response) -> ProviderResponse:
    response.headers["Cache-Control"] = "public, max-age=300"
    return ProviderResponse(
        issuer=issuer,
        authorization_endpoint=f"{issuer}/oauth/authorize",
        token_endpoint=f"{issuer}{_API}/token",
        userinfo_endpoint=f"{issuer}/oauth/userinfo",
        jwks_uri=f"{issuer}/.well-known/jwks.json",
        end_session_endpoint=f"{issuer}/oauth/logout",
        revocation_endpoint=f"{issuer}{_API}/revoke",
    )
