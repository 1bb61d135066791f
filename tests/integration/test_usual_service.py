"""The service that the product is compared with does what it is said to do: else comparing were not fair."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from bench.commons import PLENTY
from bench.template import filling
from bench.template.app import app
from bench.template.dependencies import token_of

from reality_engine.db.engine import parse_url

USERS, CRATES = 3, 500


@pytest.fixture
async def client(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx2.AsyncClient]:
    url = parse_url(empty_database_url).render_as_string(hide_password=False)
    await filling.fill(url, USERS, CRATES)
    monkeypatch.setenv("TEMPLATE_DATABASE_URL", url)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://service") as client,
    ):
        yield client


async def ask(client: httpx2.AsyncClient, user: int, method: str, path: str, body: Any = None) -> httpx2.Response:
    return await client.request(method, path, json=body, headers={"Authorization": f"Bearer {token_of(user)}"})


async def test_what_is_gathered_is_taken_from_the_patch_and_kept(client: httpx2.AsyncClient) -> None:
    for times in (1, 2):
        answer = await ask(client, 1, "POST", "/patches/7/gather", {"gatherer": 1, "effort": 3})
        told = answer.json()
        assert (told["stock"], told["store"]) == (PLENTY - 3 * times, 3 * times)
        assert told["event"]["narrative"] == "bot1 takes 3 from Patch 7"


@pytest.mark.parametrize(
    ("user", "patch", "body", "status"),
    [
        (1, 7, {"gatherer": 2}, 403),
        (1, 5_000, {"gatherer": 1}, 404),
        (1, 7, {"gatherer": 1, "effort": 6}, 409),
        (1, 7, {"gatherer": 1, "effort": 0}, 422),
        (9, 7, {"gatherer": 1}, 401),
    ],
)
async def test_what_the_product_refuses_is_refused(
    client: httpx2.AsyncClient, user: int, patch: int, body: dict[str, int], status: int
) -> None:
    assert (await ask(client, user, "POST", f"/patches/{patch}/gather", body)).status_code == status
    told = (await ask(client, 2, "POST", "/patches/7/gather", {"gatherer": 2})).json()
    assert told["stock"] == PLENTY - 1


async def test_a_list_shows_the_newest_of_where_one_has_a_seat_and_differs_from_user_to_user(
    client: httpx2.AsyncClient,
) -> None:
    first, second = [(await ask(client, user, "GET", "/crates?limit=20")).json() for user in (1, 2)]
    assert len(first) == len(second) == 20
    assert first != second
    numbers = [one["id"] for one in first]
    assert numbers == sorted(numbers, reverse=True)
    assert all(one["place_id"] is not None for one in first)
    rest = (await ask(client, 1, "GET", f"/crates?limit=20&before={numbers[-1]}")).json()
    assert rest
    assert all(one["id"] < numbers[-1] for one in rest)
