from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.serving import Serving, codes, serving

ORIGIN = "https://console.example.org"
PRODUCTION: dict[str, Any] = {"environment": "production", "public_url": "http://localhost", "allowed_hosts": "test"}
SLOW = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Serving]:
    async with serving(database_url, cors_origins=ORIGIN) as server:
        yield server


async def test_a_migrated_database_is_ready(server: Serving) -> None:
    for path in ("/livez", "/readyz"):
        answer = await server.client.get(path)
        assert (answer.status_code, answer.json()["data"]) == (200, {"status": "ok"})


async def test_an_empty_database_is_alive_and_not_ready(empty_database_url: str) -> None:
    async with serving(empty_database_url) as server:
        assert (await server.client.get("/livez")).status_code == 200
        answer = await server.client.get("/readyz")
    assert (answer.status_code, codes(answer)) == (503, ["unavailable"])
    assert answer.json()["errors"][0]["hint"] == "run: reality db upgrade"


async def test_a_database_that_is_not_there_is_not_ready() -> None:
    async with serving(SLOW) as server:
        assert (await server.client.get("/livez")).status_code == 200
        answer = await server.client.get("/readyz")
    assert (answer.status_code, codes(answer)) == (503, ["unavailable"])
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/livez/", 404, "not_found"),
        ("DELETE", "/livez", 405, "method_not_allowed"),
        ("GET", "/api/v1/packs", 401, "unauthenticated"),
    ],
)
async def test_every_error_is_the_envelope(server: Serving, method: str, path: str, status: int, code: str) -> None:
    answer = await server.client.request(method, path)
    assert (answer.status_code, codes(answer), answer.json()["data"]) == (status, [code], None)


async def test_answers_name_their_request_for_pages_of_other_origins_too(server: Serving) -> None:
    answer = await server.client.get("/livez", headers={"X-Request-ID": "mine-1", "Origin": ORIGIN})
    assert answer.headers["x-request-id"] == "mine-1"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]


async def test_other_origins_are_not_let_in(server: Serving) -> None:
    asked = {"Origin": "https://elsewhere.example.org", "Access-Control-Request-Method": "POST"}
    answer = await server.client.options("/api/v1/packs", headers=asked)
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers


async def test_a_body_has_a_bound(database_url: str) -> None:
    async with serving(database_url, body_limit=1_024) as server:
        answer = await server.client.post("/api/v1/auth/register", json={"name": "x" * 2_000})
    assert (answer.status_code, codes(answer)) == (413, ["too_large"])


@pytest.mark.parametrize(
    ("chosen", "status"),
    [({}, 200), (PRODUCTION, 404), ({**PRODUCTION, "docs": True}, 200)],
)
async def test_the_documentation_is_closed_in_production_unless_opened(chosen: dict[str, Any], status: int) -> None:
    async with serving(SLOW, **chosen) as server:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert (await server.client.get(path)).status_code == status
