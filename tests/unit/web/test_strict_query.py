from collections.abc import AsyncIterator
from typing import Annotated

import httpx2
import pytest
from fastapi import Depends, FastAPI

from reality_engine.web.errors import install
from reality_engine.web.paging import PageDep
from reality_engine.web.strict_query import no_unknown_query

PATH = "/things/1"


async def deeper(colour: str | None = None) -> str | None:
    return colour


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI(dependencies=[Depends(no_unknown_query)])
    install(app)

    @app.get("/things/{number}")
    async def list_things(number: int, page: PageDep, colour: Annotated[str | None, Depends(deeper)]) -> str:
        return f"{number} {page.limit} {colour}"

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_what_a_route_or_its_dependencies_know_is_taken(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"{PATH}?limit=3&colour=red")).json() == "1 3 red"


async def test_every_unknown_parameter_is_told_with_the_nearest_known_one(client: httpx2.AsyncClient) -> None:
    answer = await client.get(f"{PATH}?limt=3&filter=x")
    assert answer.status_code == 422
    first, second = answer.json()["errors"]
    assert (first["code"], first["field"], first["hint"]) == ("unknown_field", "limt", "did you mean 'limit'?")
    assert (second["field"], second["hint"]) == ("filter", "there is colour, cursor, limit, offset, total")


async def test_a_route_without_parameters_says_so(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/plain?x=1")).json()["errors"][0]["hint"] == "there is none here"
