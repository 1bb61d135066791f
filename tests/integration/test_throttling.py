"""Guessing passwords over HTTP: it ends soon, and keeps nobody else out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest

from reality_engine.rates.throttle import BY_ACCOUNT, BY_BOTH
from tests.serving import PASSWORD, Serving, codes, serving

MIRA, NOBODY = "mira@example.org", "nobody@example.org"
TOKEN = "/api/v1/auth/token"


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Serving]:
    async with serving(database_url) as server:
        yield server


async def log_in(server: Serving, address: str, password: str, network: str = "127.0.0.1") -> httpx2.Response:
    transport = httpx2.ASGITransport(server.app, client=(network, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(TOKEN, data={"grant_type": "password", "username": address, "password": password})


async def test_guessing_ends_and_tells_nobody_who_has_an_account(server: Serving) -> None:
    await server.user("Mira")
    for address in (MIRA, NOBODY):
        for spelled in (address, f" {address.upper()} "):
            for _ in range(BY_BOTH.quota // 2):
                assert (await log_in(server, spelled, "wrong", "198.51.100.7")).status_code == 400
    refused = [await log_in(server, address, PASSWORD, "198.51.100.7") for address in (MIRA, NOBODY)]
    assert [(answer.status_code, codes(answer)) for answer in refused] == [(429, ["too_many_requests"])] * 2
    assert refused[0].headers["retry-after"] == refused[1].headers["retry-after"]
    server.clock.advance(timedelta(seconds=int(refused[0].headers["retry-after"])))
    assert (await log_in(server, MIRA, PASSWORD, "198.51.100.7")).status_code == 200


async def test_the_owner_comes_in_from_where_they_have_been_before(server: Serving) -> None:
    await server.user("Mira")
    for number in range(BY_ACCOUNT.quota):
        server.app.state.accounts.throttle.begin(MIRA, f"192.0.2.{number}")
    assert (await log_in(server, MIRA, PASSWORD, "198.51.100.7")).status_code == 429
    assert (await log_in(server, MIRA, PASSWORD)).status_code == 200


async def test_a_thief_of_a_session_cannot_guess_the_password(server: Serving) -> None:
    headers = await server.user("Mira")

    async def change(current: str) -> httpx2.Response:
        body = {"current_password": current, "password": "a wholly other one 7"}
        return await server.client.post("/api/v1/auth/password", json=body, headers=headers)

    found = [(await change("wrong")).status_code for _ in range(BY_BOTH.quota + 1)]
    assert found == [401] * BY_BOTH.quota + [429]
    assert (await change(PASSWORD)).status_code == 429
