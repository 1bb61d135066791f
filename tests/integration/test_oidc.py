from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pyotp
import pytest

from reality_engine.identities.oidc import challenge_of
from reality_engine.identities.sign_in import LIFETIME
from reality_engine.kernel.clock import FixedClock
from tests.issuer import (
    CLIENT,
    CLIENT_SECRET,
    DISCOVERY,
    KEYS,
    TOKEN,
    Issuer,
    Person,
    Reply,
    issuing,
    signing_key,
)
from tests.serving import NOON, PASSWORD, Serving, codes, serving

BACK = "https://app.example.org/signed-in"
VERIFIER = "what-the-page-keeps-for-itself-0123456789-abcdef"
LOGIN, IDENTITIES = "/api/v1/auth/oidc/login", "/api/v1/auth/identities"
ME = "/api/v1/auth/me"


@dataclass
class Doors:
    """A server that knows a provider, the provider, and a browser that has been to neither."""

    server: Serving
    issuer: Issuer
    browser: httpx2.AsyncClient = field(default_factory=httpx2.AsyncClient)

    async def begin(self, **changed: str) -> httpx2.Response:
        query = {"return_to": BACK, "code_challenge": challenge_of(VERIFIER), **changed}
        return await self.server.client.get(LOGIN, params=query)

    async def visit(self, begun: httpx2.Response) -> str:
        """Send the browser to the provider, and return where that sends it back to."""
        visited = await self.browser.get(begun.headers["location"])
        return str(visited.headers["location"])

    async def back(self, address: str) -> dict[str, str]:
        """Send the browser back to the server, and return what that tells the page."""
        answer = await self.server.client.get(address.partition("http://localhost:8000")[2])
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"].startswith(BACK)
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

    async def sign_in(self) -> dict[str, str]:
        return await self.back(await self.visit(await self.begin()))

    async def exchange(self, code: str, verifier: str = VERIFIER) -> httpx2.Response:
        return await self.server.client.post(
            "/api/v1/auth/oidc/exchange", json={"code": code, "code_verifier": verifier}
        )

    async def me(self) -> dict[str, Any]:
        granted = await self.exchange((await self.sign_in())["code"])
        assert granted.status_code == 200, granted.text
        headers = {"Authorization": f"Bearer {granted.json()['access_token']}"}
        found: dict[str, Any] = (await self.server.client.get(ME, headers=headers)).json()["data"]
        return found


@asynccontextmanager
async def doors_of(url: str, **chosen: Any) -> AsyncIterator[Doors]:
    with issuing(FixedClock(NOON)) as issuer:
        oidc = {
            "auth": ("local", "oidc"), "oidc_issuer": issuer.address, "oidc_client_id": CLIENT,
            "oidc_client_secret": CLIENT_SECRET, "return_addresses": (BACK,), "oidc_name": "House", **chosen,
        }  # fmt: skip
        async with serving(url, **oidc) as server:
            issuer.clock = server.clock
            async with httpx2.AsyncClient() as browser:
                yield Doors(server, issuer, browser)


@pytest.fixture
async def doors(database_url: str) -> AsyncIterator[Doors]:
    async with doors_of(database_url) as doors:
        yield doors


async def test_who_logs_in_at_the_provider_has_one_account_here(doors: Doors) -> None:
    shown = (await doors.server.client.get("/api/v1/auth/oidc")).json()["data"]
    assert shown == {"name": "House", "issuer": doors.issuer.address, "login": LOGIN}
    me = await doors.me()
    assert (me["name"], me["email"], me["role"]) == ("Mira", "mira@example.org", "user")
    assert await doors.me() == me
    doors.issuer.person = Person("jo-there", None, name="")
    jo = await doors.me()
    assert (jo["name"], jo["email"]) == ("Somebody", None)


async def test_the_browser_carries_nothing_that_could_be_read_or_used_elsewhere(doors: Doors) -> None:
    begun = await doors.begin()
    cookie = begun.headers["set-cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"))
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert asked["code_challenge_method"] == "S256"
    assert VERIFIER not in cookie + begun.headers["location"]
    assert asked["nonce"] not in cookie
    assert (begun.headers["cache-control"], begun.headers["referrer-policy"]) == ("no-store", "no-referrer")


async def test_over_https_cookies_are_secure_and_of_this_host_alone(database_url: str) -> None:
    async with doors_of(database_url, public_url="https://worlds.example.org") as doors:
        cookie = (await doors.begin()).headers["set-cookie"]
        assert cookie.startswith("__Host-reality-sign-in-")
        assert "Secure" in cookie


@pytest.mark.parametrize(
    "changed",
    [
        {"return_to": "https://elsewhere.example.org/"}, {"return_to": BACK + "/"}, {"return_to": BACK + "@evil.org"},
        {"return_to": "//app.example.org/signed-in"}, {"return_to": ""}, {"code_challenge": "short"},
        {"code_challenge": ""}, {"more": "1"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_browsers_are_sent_back_to_listed_addresses_alone(doors: Doors, changed: dict[str, str]) -> None:
    answer = await doors.begin(**changed)
    assert answer.status_code == 422
    assert "location" not in answer.headers


async def test_a_code_is_good_once_for_who_began_and_not_for_long(doors: Doors) -> None:
    code = (await doors.sign_in())["code"]
    for wrong in (await doors.exchange(code, "x" * 43), await doors.exchange("y" * 43)):
        assert codes(wrong) == ["bad_sign_in"]
    assert (await doors.exchange(code)).status_code == 200
    assert codes(await doors.exchange(code)) == ["bad_sign_in"]
    late = (await doors.sign_in())["code"]
    doors.server.clock.advance(LIFETIME)
    assert codes(await doors.exchange(late)) == ["bad_sign_in"]


async def test_nobody_finishes_a_log_in_of_another_browser(doors: Doors) -> None:
    address = (await doors.visit(await doors.begin())).partition("http://localhost:8000")[2]
    kept = dict(doors.server.client.cookies)
    doors.server.client.cookies.clear()
    answer = await doors.server.client.get(address)
    assert (answer.status_code, "not begun in this browser" in answer.text) == (422, True)
    await doors.begin()
    other = {name: next(iter(doors.server.client.cookies.values())) for name in kept}
    doors.server.client.cookies.clear()
    mixed = await doors.server.client.get(address, headers={"Cookie": "; ".join(map("=".join, other.items()))})
    assert mixed.status_code == 422
    right = await doors.server.client.get(address, headers={"Cookie": "; ".join(map("=".join, kept.items()))})
    assert right.status_code == 303


async def test_a_log_in_that_takes_too_long_is_over(doors: Doors) -> None:
    address = (await doors.visit(await doors.begin())).partition("http://localhost:8000")[2]
    doors.server.clock.advance(LIFETIME)
    answer = await doors.server.client.get(address)
    assert (answer.status_code, "took too long" in answer.text) == (422, True)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"}, {"nonce": None}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"azp": "another"},
        {"iss": "https://elsewhere.example.org"}, {"exp": int(NOON.timestamp()) - 60}, {"sub": ""}, {"sub": "a\0b"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_token_that_was_not_meant_is_refused(doors: Doors, claims: dict[str, Any]) -> None:
    doors.issuer.claims = claims
    assert (await doors.sign_in())["error"] in ("bad_sign_in", "token_expired")


@pytest.mark.parametrize(
    ("path", "reply", "error"),
    [
        (TOKEN, Reply(400, {"error": "invalid_grant"}), "bad_sign_in"),
        (TOKEN, Reply(401, {"error": "invalid_client"}), "issuer_unavailable"),
        (TOKEN, Reply(200, {}), "issuer_unavailable"),
        (TOKEN, Reply(200, {"id_token": "a.b.c"}), "bad_sign_in"),
        (TOKEN, Reply(200, b"<html>"), "issuer_unavailable"),
        (KEYS, Reply(500, {}), "issuer_unavailable"),
    ],
)
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_provider_that_misbehaves_lets_nobody_in(doors: Doors, path: str, reply: Reply, error: str) -> None:
    doors.issuer.instead[path] = reply
    assert (await doors.sign_in())["error"] == error


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://elsewhere.example.org"}, {"authorization_endpoint": None}, {"token_endpoint": "ftp://a"},
        {"jwks_uri": ["a"]}, {"authorization_endpoint": "javascript:alert(1)"},
        {"code_challenge_methods_supported": ["plain"]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_provider_that_describes_itself_wrongly_is_not_used(doors: Doors, document: dict[str, Any]) -> None:
    doors.issuer.document = document
    for _ in range(2):
        answer = await doors.begin()
        assert (answer.status_code, codes(answer)) == (503, ["issuer_unavailable"])
    assert doors.issuer.asked[DISCOVERY] == 1, "and is left alone for a moment"
    doors.issuer.document = {}
    doors.server.clock.advance(timedelta(seconds=5))
    assert (await doors.begin()).status_code == 303


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_comes_back_is_of_this_provider_and_may_say_more(doors: Doors) -> None:
    address = await doors.visit(await doors.begin())
    mixed_up = address.replace(
        f"iss={doors.issuer.address.replace(':', '%3A').replace('/', '%2F')}", "iss=https%3A%2F%2Fb"
    )
    assert mixed_up != address
    assert (await doors.back(mixed_up))["error"] == "bad_sign_in"
    assert "code" in await doors.back(await doors.visit(await doors.begin()) + "&session_state=1&scope=openid")
    refused = (await doors.visit(await doors.begin())).replace("code=", "error=access_denied&not_code=")
    assert (await doors.back(refused))["error"] == "bad_sign_in"


async def test_keys_may_change_between_log_ins(doors: Doors) -> None:
    me = await doors.me()
    doors.server.clock.advance(timedelta(minutes=1))
    doors.issuer.rotate("second", "EdDSA", overlap=False)
    assert await doors.me() == me
    doors.issuer.keys = [signing_key("first")]
    assert (await doors.sign_in())["error"] == "bad_sign_in"


async def test_a_known_address_is_linked_by_its_owner_alone(doors: Doors) -> None:
    mira = await doors.server.user("Mira")
    code = (await doors.sign_in())["code"]
    refused = await doors.exchange(code)
    assert (refused.status_code, codes(refused)) == (409, ["link_required"])
    body = {"code": code, "code_verifier": VERIFIER}
    for wrong in (body, {**body, "password": "wrong"}):
        assert codes(await doors.server.client.post(IDENTITIES, json=wrong, headers=mira)) == ["bad_credentials"]
    linked = await doors.server.client.post(IDENTITIES, json={**body, "password": PASSWORD}, headers=mira)
    assert linked.status_code == 201, linked.text
    assert (await doors.me())["id"] == (await doors.server.client.get(ME, headers=mira)).json()["data"]["id"]
    spent = await doors.server.client.post(IDENTITIES, json={**body, "password": PASSWORD}, headers=mira)
    assert codes(spent) == ["bad_sign_in"]


async def test_who_wants_a_second_factor_wants_it_here_too(doors: Doors) -> None:
    headers, client = await doors.server.user("Mira"), doors.server.client
    body = {"code": (await doors.sign_in())["code"], "code_verifier": VERIFIER, "password": PASSWORD}
    assert (await client.post(IDENTITIES, json=body, headers=headers)).status_code == 201
    begun = await client.post("/api/v1/auth/factor", json={"password": PASSWORD}, headers=headers)
    assert begun.status_code == 201, begun.text
    totp = pyotp.TOTP(begun.json()["data"]["secret"])
    now = doors.server.clock.now()
    confirmed = await client.post("/api/v1/auth/factor/confirm", json={"otp": totp.at(now)}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    code = (await doors.sign_in())["code"]
    assert codes(await doors.exchange(code)) == ["second_factor_required"]
    doors.server.clock.advance(timedelta(seconds=30))
    body = {"code": code, "code_verifier": VERIFIER, "otp": totp.at(doors.server.clock.now())}
    assert (await client.post("/api/v1/auth/oidc/exchange", json=body)).status_code == 200


async def test_an_address_that_nobody_verified_is_nobody_s(doors: Doors) -> None:
    mira = await doors.server.user("Mira")
    doors.issuer.person.verified = False
    me = await doors.me()
    assert me["email"] is None
    assert me["id"] != (await doors.server.client.get(ME, headers=mira)).json()["data"]["id"]


async def test_without_leave_nobody_new_gets_an_account(database_url: str) -> None:
    async with doors_of(database_url, first_seen="refuse") as doors:
        answer = await doors.exchange((await doors.sign_in())["code"])
        assert codes(answer) == ["registration_closed"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"code": "x" * 43}, {"code_verifier": VERIFIER}, {"clerk_token": "a", "code": "x" * 43},
        {"code": "x" * 43, "code_verifier": VERIFIER, "clerk_token": "a"},
        {"clerk_token": ""}, {"code": "x", "code_verifier": VERIFIER},
    ],
)  # fmt: skip
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_link_takes_one_proof(doors: Doors, body: dict[str, str]) -> None:
    mira = await doors.server.user("Mira")
    assert (await doors.server.client.post(IDENTITIES, json=body, headers=mira)).status_code == 422


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_what_is_off_is_not_there(database_url: str) -> None:
    async with serving(database_url) as server:
        for path in ("", f"/login?return_to={BACK}&code_challenge={'x' * 43}"):
            assert codes(await server.client.get(f"/api/v1/auth/oidc{path}")) == ["method_off"]
        assert (await server.client.get("/api/v1/auth/oidc/callback?state=x")).status_code == 404
