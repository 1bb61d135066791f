"""Applications that log people in with their account here, in tests; what each asks for and how it takes a code."""

import base64
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import httpx2

from reality_engine.kernel.principal import SERVER
from reality_engine.openid import clients
from reality_engine.openid.client import Client
from reality_engine.openid.clients import NewClient
from reality_engine.openid.scopes import Scope
from tests.browsing import Browser, told
from tests.serving import PASSWORD, Serving

HOME = "https://app.example.org/callback"
BYE = "https://app.example.org/bye?from=here"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ISSUER = "http://localhost:8000"


async def added(server: Serving, **chosen: Any) -> tuple[Client, str | None]:
    """Add an application that may ask for everything; return it and its secret."""
    new = NewClient(
        **{"name": "Quest <Log>", "redirects": [HOME], "after_log_out": [BYE], "scopes": tuple(Scope), **chosen}
    )
    async with server.app.state.context.units.write() as unit:
        made = await clients.add(unit, SERVER, new, server.clock.now())
        await unit.commit()
    return made


def asking(client: Client, **changed: str) -> str:
    """Return where an application sends people; what is changed to nothing is left out."""
    asked = {
        "client_id": client.id, "redirect_uri": HOME, "response_type": "code", "scope": "openid email", "state": "s&1",
        "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256", **changed,
    }  # fmt: skip
    return f"/oauth/authorize?{urlencode({name: value for name, value in asked.items() if value})}"


async def code_for(server: Serving, client: Client, name: str = "Mira", **changed: str) -> str:
    """Have somebody log in and agree where they are asked, and return the code."""
    browser = Browser(server.client)
    page = await browser.open(asking(client, **changed))
    if 'type="password"' in page.text:
        page = await browser.log_in(page, name, PASSWORD)
    if not page.is_redirect:
        page = await browser.send(page, decision="allow")
    return told(page)["code"]


async def exchanged(
    server: Serving, client: Client, secret: str | None, code: str, changed: Mapping[str, str] = MappingProxyType({})
) -> httpx2.Response:
    """Have an application take a code for tokens; what is changed to nothing is left out."""
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": HOME, "code_verifier": VERIFIER,
        "client_id": client.id, "client_secret": secret or "", **changed,
    }  # fmt: skip
    sent = {name: value for name, value in form.items() if value}
    return await server.client.post("/api/v1/auth/token", data=sent)
