"""What an application gets for a code: once, for itself, and good for what somebody agreed to."""

from datetime import timedelta
from typing import Any

import jwt
import pytest

from tests.applications import BYE, HOME, ISSUER, added, asking, code_for, exchanged
from tests.browsing import Browser
from tests.serving import NOON, PASSWORD, Serving

MISFITS: list[tuple[dict[str, str], str]] = [
    ({"code": "x"}, "invalid_grant"),
    ({"code_verifier": "w" * 43}, "invalid_grant"),
    ({"redirect_uri": f"{HOME}/"}, "invalid_grant"),
    ({"code_verifier": ""}, "invalid_request"),
    ({"redirect_uri": ""}, "invalid_request"),
    ({"code": ""}, "invalid_request"),
    ({"client_secret": "wrong"}, "invalid_client"),
    ({"client_secret": ""}, "invalid_client"),
    ({"client_id": ""}, "invalid_client"),
    ({"client_id": "nobody"}, "invalid_client"),
]


@pytest.fixture(autouse=True)
async def mira(server: Serving) -> dict[str, str]:
    return await server.user("Mira")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def read(server: Serving, id_token: str, client: str) -> dict[str, Any]:
    """Check an ID token as an application does, by the public keys of the server."""
    keys = jwt.PyJWKSet.from_dict((await server.client.get("/.well-known/jwks.json")).json())
    key = keys[jwt.get_unverified_header(id_token)["kid"]]
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims: dict[str, Any] = jwt.decode(id_token, key.key, ["RS256"], audience=client, issuer=ISSUER, options=options)
    return claims


async def test_a_code_becomes_an_id_token_and_a_token_for_userinfo_alone(server: Serving, mira: dict[str, str]) -> None:
    client, secret = await added(server)
    answer = await exchanged(server, client, secret, await code_for(server, client))
    got = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (got["token_type"], got["scope"], got["expires_in"]) == ("bearer", "openid email", 900)
    assert "refresh_token" not in got
    me = (await server.client.get("/api/v1/auth/me", headers=mira)).json()["data"]
    claims, noon = await read(server, got["id_token"], client.id), int(NOON.timestamp())
    assert claims.pop("at_hash")
    assert claims == {
        "iss": ISSUER, "sub": me["id"], "aud": client.id, "iat": noon, "exp": noon + 900, "auth_time": noon,
        "nonce": "n", "email": "mira@example.org", "email_verified": True,
    }  # fmt: skip
    for method in ("GET", "POST"):
        told = await server.client.request(method, "/oauth/userinfo", headers=bearer(got["access_token"]))
        assert told.json() == {"sub": me["id"], "email": "mira@example.org", "email_verified": True}
    refused = await server.client.get("/api/v1/auth/me", headers=bearer(got["access_token"]))
    assert refused.status_code == 401
    server.clock.advance(timedelta(minutes=15))
    over = await server.client.get("/oauth/userinfo", headers=bearer(got["access_token"]))
    assert (over.status_code, over.headers["www-authenticate"]) == (401, "Bearer")


async def test_who_agrees_to_it_is_acted_for_also_while_away(server: Serving, mira: dict[str, str]) -> None:
    client, secret = await added(server)
    code = await code_for(server, client, scope="openid profile worlds offline_access")
    got = (await exchanged(server, client, secret, code)).json()
    for method, path, status in (
        ("GET", "/api/v1/worlds", 200), ("POST", "/api/v1/worlds", 403), ("GET", "/api/v1/auth/me", 403),
        ("POST", "/api/v1/auth/password", 403), ("DELETE", f"/api/v1/auth/consents/{client.id}", 403),
        ("GET", "/api/v1/admin/users", 403),
    ):  # fmt: skip
        assert (await server.client.request(method, path, headers=bearer(got["access_token"]))).status_code == status
    told = await server.client.get("/oauth/userinfo", headers=bearer(got["access_token"]))
    assert (told.json()["name"], "email" in told.json()) == ("Mira", False)
    sessions = (await server.client.get("/api/v1/auth/sessions", headers=mira)).json()["data"]
    assert [one["agent"] for one in sessions].count(client.name) == 1
    form = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"]}
    for wrong in ({}, {"client_id": client.id}, {"client_id": client.id, "client_secret": "wrong"}):
        refused = await server.client.post("/api/v1/auth/token", data={**form, **wrong})
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    renewed = await server.client.post("/api/v1/auth/token", data=form, auth=(client.id, secret or ""))
    assert renewed.status_code == 200, renewed.text
    assert "refresh_token" in renewed.json()
    path = f"/api/v1/auth/consents/{client.id}"
    assert (await server.client.delete(path, headers=mira)).status_code == 204
    over = await server.client.get("/api/v1/worlds", headers=bearer(renewed.json()["access_token"]))
    assert over.status_code == 401


async def test_a_code_that_comes_twice_ends_what_it_was_taken_for(server: Serving) -> None:
    client, secret = await added(server)
    code = await code_for(server, client, scope="openid worlds")
    got = (await exchanged(server, client, secret, code)).json()
    assert (await server.client.get("/api/v1/worlds", headers=bearer(got["access_token"]))).status_code == 200
    again = await exchanged(server, client, secret, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await server.client.get("/api/v1/worlds", headers=bearer(got["access_token"]))).status_code == 401


async def test_what_does_not_fit_a_code_gets_nothing(server: Serving) -> None:
    client, secret = await added(server)
    for change, error in MISFITS:
        refused = await exchanged(server, client, secret, await code_for(server, client), change)
        assert (change, refused.json()["error"]) == (change, error)
        assert refused.status_code == (401 if error == "invalid_client" else 400)


async def test_a_code_is_for_one_application_for_a_minute_and_for_one_guess(server: Serving) -> None:
    client, secret = await added(server)
    other, others_secret = await added(server)
    code = await code_for(server, client)
    assert (await exchanged(server, other, others_secret, code)).status_code == 400
    assert (await exchanged(server, client, secret, code, {"code_verifier": "w" * 43})).status_code == 400
    assert (await exchanged(server, client, secret, code)).status_code == 400
    code = await code_for(server, client)
    server.clock.advance(timedelta(minutes=1))
    assert (await exchanged(server, client, secret, code)).status_code == 400


async def test_a_public_application_has_no_secret_to_send(server: Serving) -> None:
    client, _ = await added(server, public=True)
    code = await code_for(server, client)
    assert (await exchanged(server, client, "made-up", code)).json()["error"] == "invalid_client"
    assert (await exchanged(server, client, None, code)).status_code == 200


async def test_logging_out_ends_the_browser_and_what_applications_got_by_it(
    server: Serving, mira: dict[str, str]
) -> None:
    client, secret = await added(server, trusted=True)
    staying = await exchanged(server, client, secret, await code_for(server, client, scope="worlds offline_access"))
    going = await exchanged(server, client, secret, await code_for(server, client, scope="openid worlds"))
    hint = going.json()["id_token"]
    browser = Browser(server.client)
    address = f"/oauth/logout?id_token_hint={hint}&post_logout_redirect_uri={BYE.replace('?', '%3F')}&state=t"
    answer = await browser.open(address)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{BYE}&state=t")
    assert 'type="password"' in (await browser.open(asking(client))).text
    for got, status in ((going, 401), (staying, 200)):
        me = await server.client.get("/api/v1/worlds", headers=bearer(got.json()["access_token"]))
        assert me.status_code == status
    assert (await server.client.get("/api/v1/auth/me", headers=mira)).status_code == 200


async def test_who_is_not_named_by_an_id_token_is_asked(server: Serving, mira: dict[str, str]) -> None:
    client, _ = await added(server, trusted=True)
    browser = Browser(server.client)
    await browser.log_in(await browser.open(asking(client)), "Mira", PASSWORD)
    for hint in ("", "&id_token_hint=forged", f"&id_token_hint={mira['Authorization'].removeprefix('Bearer ')}"):
        page = await browser.open(f"/oauth/logout?client_id={client.id}{hint}")
        assert "mira@example.org" in page.text
    # Nobody is logged out by an address, nor by a form of another site.
    assert "mira@example.org" in (await browser.open("/oauth/logout?sure=yes")).text
    assert (await server.client.post("/oauth/logout", data={"sure": "yes"})).status_code == 403
    assert (await server.client.post("/oauth/logout", data={"state": "x"})).status_code == 303
    for wrong in ("https://evil.example/", f"{BYE}x"):
        refused = await browser.open(f"/oauth/logout?client_id={client.id}&post_logout_redirect_uri={wrong}")
        assert refused.status_code == 422
    page = await browser.send(await browser.open("/oauth/logout"))
    assert "You have logged out" in page.text
    assert 'type="password"' in (await browser.open(asking(client))).text


async def test_a_removed_application_is_over_at_once(server: Serving) -> None:
    client, secret = await added(server)
    got = (await exchanged(server, client, secret, await code_for(server, client, scope="openid worlds"))).json()
    admin = await server.user("Ada", admin=True)
    assert (await server.client.delete(f"/api/v1/admin/clients/{client.id}", headers=admin)).status_code == 204
    for path in ("/api/v1/worlds", "/oauth/userinfo"):
        assert (await server.client.get(path, headers=bearer(got["access_token"]))).status_code == 401


async def test_userinfo_is_for_people_with_a_session(server: Serving, mira: dict[str, str]) -> None:
    assert (await server.client.get("/oauth/userinfo", headers=mira)).json()["email"] == "mira@example.org"
    for headers in ({}, bearer("x"), {"Authorization": "Basic eDp5"}):
        assert (await server.client.get("/oauth/userinfo", headers=headers)).status_code == 401
