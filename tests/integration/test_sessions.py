"""The token endpoint, revocation and the list of sessions over HTTP, on both databases."""

import base64
from typing import Any

import httpx2
import pytest

from tests.playing import NOWHERE
from tests.serving import PASSWORD, Serving, codes

FORM = {"grant_type": "password", "username": "mira@example.org", "password": PASSWORD}


async def token(server: Serving, headers: dict[str, str] | None = None, **form: Any) -> httpx2.Response:
    return await server.client.post("/api/v1/auth/token", data=form, headers=headers or {})


async def log_in(server: Serving, **headers: str) -> dict[str, Any]:
    answer = await token(server, headers, **FORM)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()
    return data


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def known(server: Serving, tokens: dict[str, Any]) -> bool:
    return (await server.client.get("/api/v1/auth/me", headers=bearer(tokens))).status_code == 200


async def revoke(server: Serving, **form: str) -> httpx2.Response:
    return await server.client.post("/api/v1/auth/revoke", data=form)


async def test_tokens_are_got_gone_on_with_and_revoked_by_forms(server: Serving) -> None:
    await server.user("Mira")
    first = await log_in(server)
    answer = await token(server, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    second = answer.json()
    assert second["data"]["refresh_token"] == second["refresh_token"] != first["refresh_token"]
    assert (await revoke(server, token=second["refresh_token"], token_type_hint="access_token")).status_code == 200
    assert not await known(server, second)
    answer = await token(server, grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert (answer.status_code, answer.json()["error"], codes(answer)) == (400, "invalid_grant", ["bad_grant"])
    third = await log_in(server)
    assert await known(server, third)
    assert (await revoke(server, token=third["access_token"])).status_code == 200
    assert not await known(server, third)
    for nothing in ("x", third["access_token"], third["refresh_token"], "\u00e9" * 2_000):
        assert (await revoke(server, token=nothing)).status_code == 200


async def test_errors_are_said_in_the_words_of_oauth2_and_in_ours(server: Serving) -> None:
    await server.user("Mira")
    used = await log_in(server)
    refreshing = {"grant_type": "refresh_token", "refresh_token": used["refresh_token"]}
    assert (await token(server, **refreshing)).status_code == 200
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({**FORM, "password": "wrong horse battery"}, "invalid_grant", "bad_credentials"),
        ({**FORM, "username": ""}, "invalid_request", "bad_token_request"),
        ({**FORM, "scope": "everything"}, "invalid_scope", "bad_scope"),
        ({**FORM, "grant_type": "client_credentials"}, "unsupported_grant_type", "unsupported_grant_type"),
        ({**FORM, "grant_type": ["password", "password"]}, "invalid_request", "bad_token_request"),
        ({**FORM, "password": "x" * 5_000}, "invalid_grant", "bad_credentials"),
        ({"grant_type": "refresh_token"}, "invalid_request", "bad_token_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant", "bad_grant"),
        (refreshing, "invalid_grant", "token_reused"),
        ({}, "invalid_request", "bad_token_request"),
    ]
    for form, word, code in cases:
        answer = await token(server, **form)
        body = answer.json()
        assert (answer.status_code, body["error"], codes(answer)) == (400, word, [code]), form
        assert body["data"] is None
        assert body["error_description"].isascii()
        assert "www-authenticate" not in answer.headers
    assert not await known(server, used)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"{}", "application/json"), (b"--x\r\nbroken", "multipart/form-data; boundary=x"), (b"", "text/plain")],
)
async def test_what_is_no_form_is_an_invalid_request(server: Serving, content: bytes, kind: str) -> None:
    for path in ("token", "revoke"):
        answer = await server.client.post(f"/api/v1/auth/{path}", content=content, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_who_is_no_application_may_name_one(server: Serving) -> None:
    await server.user("Mira")
    for sent in (base64.b64encode(b"some-app:").decode(), base64.b64encode(b"app:secret").decode(), "%%%", ""):
        assert (await token(server, {"Authorization": f"Basic {sent}"}, **FORM)).status_code == 200
    assert (await token(server, None, **FORM, client_id="app", client_secret="secret")).status_code == 200


async def test_sessions_are_listed_and_ended(server: Serving) -> None:
    await server.user("Mira")
    phone = await log_in(server, **{"User-Agent": "Phone/1 \x7f"})
    laptop = await log_in(server, **{"User-Agent": "Laptop/2" + "x" * 300})
    path = "/api/v1/auth/sessions"
    answer = (await server.client.get(path, headers=bearer(laptop))).json()
    agents = {one["agent"]: one for one in answer["data"]}
    assert len(answer["data"]) == 3
    assert [one["current"] for one in answer["data"]].count(True) == 1
    assert agents["Laptop/2" + "x" * 192]["current"]
    assert agents["Phone/1 "]["network"] == "127.0.0.1"
    assert (await server.client.delete(f"{path}/{agents['Phone/1 ']['id']}", headers=bearer(laptop))).status_code == 204
    assert not await known(server, phone)
    assert await known(server, laptop)
    again = await server.client.delete(f"{path}/{agents['Phone/1 ']['id']}", headers=bearer(laptop))
    assert (again.status_code, codes(again)) == (404, ["not_found"])
    page = (await server.client.get(f"{path}?limit=1&total=true", headers=bearer(laptop))).json()
    assert (len(page["data"]), page["meta"]["total"]) == (1, 2)
    cursor = page["meta"]["next"]
    rest = (await server.client.get(f"{path}?limit=1&cursor={cursor}", headers=bearer(laptop))).json()
    assert {one["id"] for one in (*page["data"], *rest["data"])} == {
        one["id"] for one in answer["data"] if one["agent"] != "Phone/1 "
    }
    other = await server.user("Jo")
    assert (await server.client.get(f"{path}?cursor={cursor}", headers=other)).status_code == 422


async def test_nobody_ends_a_session_of_somebody_else(server: Serving) -> None:
    await server.user("Mira")
    tokens, other = await log_in(server), await server.user("Jo")
    (mine, *_) = (await server.client.get("/api/v1/auth/sessions", headers=bearer(tokens))).json()["data"]
    for session in (mine["id"], NOWHERE, "x"):
        answer = await server.client.delete(f"/api/v1/auth/sessions/{session}", headers=other)
        assert (answer.status_code, codes(answer)) == (404, ["not_found"])
    assert await known(server, tokens)


async def test_logging_out_everywhere_ends_every_session_of_ones_own(server: Serving) -> None:
    await server.user("Mira")
    one, two, other = await log_in(server), await log_in(server), await server.user("Jo")
    assert await known(server, one)
    assert (await server.client.post("/api/v1/auth/logout/everywhere", headers=bearer(two))).status_code == 204
    for tokens in (one, two):
        assert not await known(server, tokens)
        answer = await token(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert codes(answer) == ["bad_grant"]
    assert (await server.client.get("/api/v1/auth/me", headers=other)).status_code == 200
