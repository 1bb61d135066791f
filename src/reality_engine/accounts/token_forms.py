"""How the forms of the token endpoint and of revocation are read, strictly; not what is done with them."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Annotated, Any
from urllib.parse import unquote_plus

from fastapi import Depends, Form
from pydantic import BaseModel, Field
from starlette.requests import Request

from reality_engine.accounts.caller import Caller, CallerDep
from reality_engine.accounts.errors import BadTokenRequestError
from reality_engine.accounts.granting import ClientProof, TokenRequest


class TokenForm(BaseModel):
    """What the grants read; each of them says what it needs, and what is unknown is passed over (section 3.2)."""

    grant_type: str | None = Field(
        None, description="`password`, `refresh_token` or `authorization_code`; `password` where it is left out"
    )
    username: str | None = Field(None, description="The e-mail address, for `password`", examples=["mira@example.org"])
    password: str | None = Field(None, json_schema_extra={"format": "password"})
    otp: str | None = Field(
        None, description="A code of the second factor, or a recovery code, where the account wants one"
    )
    refresh_token: str | None = Field(None, description="For `refresh_token`; it is used up")
    code: str | None = Field(None, description="For `authorization_code`")
    redirect_uri: str | None = Field(None, description="For `authorization_code`: where the code was sent")
    code_verifier: str | None = Field(None, description="For `authorization_code` (RFC 7636)")
    client_id: str | None = Field(None, description="Of an application; others leave it out")
    client_secret: str | None = Field(None, json_schema_extra={"format": "password"})
    scope: str | None = None


class RevocationForm(BaseModel):
    """A token that is to be good for nothing (RFC 7009)."""

    token: str | None = Field(None, description="A refresh token or an access token")
    token_type_hint: str | None = Field(None, description="Not needed: tokens are told apart by themselves")
    client_id: str | None = None
    client_secret: str | None = Field(None, json_schema_extra={"format": "password"})


# The forms are declared for the documentation; they are read here, since what is there twice is a mistake.
async def _token_request(request: Request, caller: CallerDep, _form: Annotated[TokenForm, Form()]) -> TokenRequest:
    return await _asked(request, caller)


async def _revocation(request: Request, caller: CallerDep, _form: Annotated[RevocationForm, Form()]) -> TokenRequest:
    return await _asked(request, caller)


TokenRequestDep = Annotated[TokenRequest, Depends(_token_request)]
RevocationDep = Annotated[TokenRequest, Depends(_revocation)]


async def _asked(request: Request, caller: Caller) -> TokenRequest:
    values = await _values(request)
    return TokenRequest(values, _client(request, values), caller)


async def _values(request: Request) -> Mapping[str, str]:
    """Return what was sent and has a value; raises BadTokenRequestError for what is there twice (section 3.2)."""
    return dict(_checked(list((await request.form()).multi_items())))


def _checked(pairs: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    names = [name for name, _ in pairs]
    for name, value in pairs:
        if names.count(name) > 1:
            raise BadTokenRequestError(f"{name[:50]} is there more than once", field=name[:50], hint="send it once")
        if not isinstance(value, str):
            raise BadTokenRequestError(f"{name[:50]} is no text", field=name[:50])
        if value:
            yield name, value


def _client(request: Request, values: Mapping[str, str]) -> ClientProof | None:
    """Return which application asks (section 2.3.1). What is no proof of any is none."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, found, secret = base64.b64decode(sent, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        return ClientProof(unquote_plus(name), unquote_plus(secret)) if found else None
    named = values.get("client_id")
    return None if named is None else ClientProof(named, values.get("client_secret"))
