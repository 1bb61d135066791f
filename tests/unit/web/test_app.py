"""The parts of `web` together, in a small app: every answer is the envelope, whatever goes wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.errors import (
    BusyError,
    InvalidError,
    NotFoundError,
    Problem,
    ProblemsError,
    UnauthenticatedError,
    UnavailableError,
)
from reality_engine.kernel.ids import is_id
from reality_engine.web.bodies import PathId, RequestBody, ResponseBody, Timestamp
from reality_engine.web.envelope import Envelope
from reality_engine.web.errors import install
from reality_engine.web.limits import BodyBounds
from reality_engine.web.paging import PageDep
from reality_engine.web.responses import STANDARD, responses
from reality_engine.web.stack import middlewares

CLOCK = FixedClock(datetime(2026, 5, 1, 18, tzinfo=UTC))


class ThingRequest(RequestBody):
    name: str = Field(min_length=2)
    tags: list[int] = Field(default_factory=list)


class ThingResponse(ResponseBody):
    name: str
    at: Timestamp


def make_app() -> FastAPI:
    cors = Middleware(CORSMiddleware, allow_origins=["https://console.example"])
    app = FastAPI(middleware=middlewares(CLOCK, BodyBounds(size=200, depth=8), cors), responses=STANDARD)
    install(app)

    @app.post("/things", status_code=201, responses=responses(NotFoundError))
    async def create(body: ThingRequest) -> Envelope[ThingResponse]:
        return Envelope(data=ThingResponse(name=body.name, at=CLOCK.now()))

    @app.get("/things")
    async def things(page: PageDep) -> Envelope[list[int]]:
        return Envelope(data=list(range(page.limit)), meta=page.meta(following="abc", total=7))

    @app.get("/things/{thing}")
    async def thing(thing: PathId) -> Envelope[str]:
        return Envelope(data=thing)

    @app.get("/fail/{how}")
    async def fail(how: str) -> Envelope[str]:
        raise {
            "missing": NotFoundError("no such world", hint="look at the list"),
            "anonymous": UnauthenticatedError("who are you?"),
            "away": UnavailableError("try again"),
            "busy": BusyError("too much at once", retry_after=7),
            "many": ProblemsError(
                "two problems", problems=(Problem("unknown_key", "a", "x.y"), Problem("invalid", "b", hint="c"))
            ),
            "problemless": ProblemsError("nothing told"),
            "own": type("OwnError", (InvalidError,), {"code": "own_code"})("mine"),
            "unforeseen": RuntimeError("the password is hunter2"),
        }[how]

    @app.get("/half")
    async def half() -> StreamingResponse:
        async def content() -> AsyncIterator[bytes]:
            yield b"first half"
            raise RuntimeError("the second half is missing")

        return StreamingResponse(content())

    return app


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(make_app()), base_url="http://test") as client:
        yield client


def errors_of(answer: httpx2.Response) -> list[dict[str, Any]]:
    body = answer.json()
    assert set(body) == {"data", "meta", "errors"}
    assert body["data"] is None
    assert all(set(error) == {"code", "message", "field", "hint"} for error in body["errors"])
    errors: list[dict[str, Any]] = body["errors"]
    return errors


async def test_success_has_data_and_empty_errors(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/things", json={"name": "Mira"})
    assert answer.status_code == 201
    assert answer.json() == {
        "data": {"name": "Mira", "at": "2026-05-01T18:00:00.000000Z"},
        "meta": {},
        "errors": [],
    }


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("missing", 404, "not_found"),
        ("anonymous", 401, "unauthenticated"),
        ("away", 503, "unavailable"),
        ("busy", 503, "busy"),
        ("problemless", 422, "invalid"),
        ("own", 422, "own_code"),
        ("unforeseen", 500, "internal"),
    ],
)
async def test_each_error_has_its_status_and_code(client: httpx2.AsyncClient, how: str, status: int, code: str) -> None:
    answer = await client.get(f"/fail/{how}")
    assert answer.status_code == status
    assert [error["code"] for error in errors_of(answer)] == [code]


async def test_many_problems_are_all_told(client: httpx2.AsyncClient) -> None:
    assert errors_of(await client.get("/fail/many")) == [
        {"code": "unknown_key", "message": "a", "field": "x.y", "hint": None},
        {"code": "invalid", "message": "b", "field": None, "hint": "c"},
    ]


async def test_headers_say_how_to_prove_oneself_and_when_to_come_back(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/fail/anonymous")).headers["www-authenticate"] == "Bearer"
    assert (await client.get("/fail/away")).headers["retry-after"] == "2"
    assert (await client.get("/fail/busy")).headers["retry-after"] == "7"


async def test_an_unforeseen_error_tells_nothing_but_the_request_id(client: httpx2.AsyncClient) -> None:
    headers = {"Origin": "https://console.example", "X-Request-ID": "abc-1"}
    answer = await client.get("/fail/unforeseen", headers=headers)
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert "abc-1" in errors_of(answer)[0]["hint"]
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.headers["access-control-allow-origin"] == "https://console.example"


async def test_half_an_answer_does_not_become_a_whole_one(client: httpx2.AsyncClient) -> None:
    with pytest.raises(RuntimeError):
        await client.get("/half")


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({}, "name", "body"),
        ({"name": "M"}, "name", None),
        ({"name": "Mira", "nmae": 1}, "nmae", "no such key"),
        ({"name": "Mira", "tags": [1, "x"]}, "tags.1", None),
        ({"name": "Mira", "tags": [1, "2"]}, "tags.1", None),
        ({"name": "Mira", "tags": [True]}, "tags.0", None),
        ([], "body", "Content-Type"),
    ],
)
async def test_a_wrong_body_names_the_field(
    client: httpx2.AsyncClient, body: object, field: str, hint: str | None
) -> None:
    answer = await client.post("/things", json=body)
    assert answer.status_code == 422
    (error,) = errors_of(answer)
    assert (error["code"], error["field"]) == ("invalid", field)
    assert (hint or "") in str(error["hint"])


async def test_every_wrong_field_is_told(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/things", json={"name": 1, "tags": 2, "more": 3})
    assert {error["field"] for error in errors_of(answer)} == {"name", "tags", "more"}


async def test_a_wrong_value_is_not_repeated(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/things", json={"name": ["hunter2"]})
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "not_json"),
        (b"{", "application/vnd.x+json; charset=utf-8", 400, "not_json"),
        (b'{"name": "\\ud800\\ud800"}', "application/json", 400, "not_json"),
        (b'{"name": "a\\u0000b"}', "application/json", 400, "null_character"),
        (b"name=a%00b", "application/x-www-form-urlencoded", 400, "null_character"),
        (b"[" * 9 + b"]" * 9, "application/json", 400, "not_json"),
        (b'{"name": "Mira"}', "text/plain", 422, "invalid"),
        (b'"' + b"x" * 200 + b'"', "application/json", 413, "too_large"),
        (b"", "application/json", 422, "invalid"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    client: httpx2.AsyncClient, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = await client.post("/things", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert errors_of(answer)[0]["code"] == code


async def test_a_chunked_body_is_counted_too(client: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b'"012345"'

    answer = await client.post("/things", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert errors_of(answer)[0]["code"] == "too_large"


async def test_a_chunked_body_within_the_bound_arrives_whole(client: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in (b'{"na', b"", b'me": "Mira"', b"}"):
            yield part

    answer = await client.post("/things", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.json()["data"]["name"] == "Mira"


@pytest.mark.parametrize("path", ["/things?limit=%00", "/things/%00"])
async def test_the_null_character_in_an_address_is_refused(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 400
    assert errors_of(answer)[0]["code"] == "null_character"


async def test_what_is_no_id_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/things/01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10")).status_code == 200
    for text in ("x", "01938D2E-7A40-7C3E-9F52-4B1D8E6A2F10", "01938d2e7a407c3e9f524b1d8e6a2f10"):
        answer = await client.get(f"/things/{text}")
        assert answer.status_code == 404
        assert errors_of(answer)[0]["code"] == "not_found"


async def test_an_unknown_path_is_not_found(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert errors_of(answer)[0]["code"] == "not_found"


async def test_a_wrong_method_names_all_methods_of_the_path(client: httpx2.AsyncClient) -> None:
    answer = await client.delete("/things")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"
    assert errors_of(answer)[0]["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("query", "meta"),
    [
        ("", {"limit": 50, "next": "abc"}),
        ("?limit=3&offset=6", {"limit": 3, "offset": 6, "next": "abc"}),
        ("?limit=100&total=true", {"limit": 100, "next": "abc", "total": 7}),
    ],
)
async def test_meta_says_what_was_asked_for(client: httpx2.AsyncClient, query: str, meta: dict[str, Any]) -> None:
    assert (await client.get(f"/things{query}")).json()["meta"] == meta


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=1&cursor=a", "cursor="])
async def test_a_wrong_page_is_refused(client: httpx2.AsyncClient, query: str) -> None:
    answer = await client.get(f"/things?{query}")
    assert answer.status_code == 422
    assert errors_of(answer)[0]["field"] in ("limit", "offset", "cursor")


async def test_a_request_id_is_always_answered(client: httpx2.AsyncClient) -> None:
    given = await client.get("/things", headers={"X-Request-ID": "my-id_1.2"})
    assert given.headers["x-request-id"] == "my-id_1.2"
    fresh = (await client.get("/things")).headers["x-request-id"]
    assert is_id(fresh)


@pytest.mark.parametrize("unsafe", ["a b", "x" * 65, "<script>", "a\u00e9".encode()])
async def test_an_unsafe_request_id_is_replaced(client: httpx2.AsyncClient, unsafe: str | bytes) -> None:
    answer = await client.get(
        "/things", headers=[(b"X-Request-ID", unsafe if isinstance(unsafe, bytes) else unsafe.encode())]
    )
    assert is_id(answer.headers["x-request-id"])


async def test_openapi_documents_the_envelope_and_every_standard_error(client: httpx2.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    documented = document["paths"]["/things"]["post"]["responses"]
    assert set(documented) == {"201", "400", "404", "413", "422", "429", "500", "503"}
    for status in set(documented) - {"201"}:
        content = documented[status]["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorEnvelope"}
        assert content["examples"]
    assert set(documented["503"]["content"]["application/json"]["examples"]) == {"unavailable", "busy"}
    assert set(documented["503"]["headers"]) == {"Retry-After"}
    assert "HTTPValidationError" not in document["components"]["schemas"]
