from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Header
from pydantic import TypeAdapter
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from reality_engine.kernel.clock import FixedClock
from reality_engine.kernel.errors import BusyError, NotFoundError
from reality_engine.web.errors import install
from reality_engine.web.limits import BodyBounds
from reality_engine.web.stack import middlewares
from reality_engine.web.thin import Asked, ThinRoute, UnusualError, valid
from tests.asgi import Exchanged, Pairs, exchanged

CLOCK = FixedClock(datetime(2026, 5, 1, tzinfo=UTC))
JSON = (b"content-type", b"application/json")
NAMED = (b"x-request-id", b"r-1")
FAILURES = {
    "busy": BusyError("too much at once", retry_after=9),
    "missing": NotFoundError("not here"),
    "unforeseen": RuntimeError("the password is hunter2"),
}


def make_app(answer: Callable[[Asked], Awaitable[bytes | Response]] | None) -> FastAPI:
    """An app whose declared route and whose thin one can be told apart, unless they fail."""
    routes = [ThinRoute("act", answer, frozenset({"X-Read"}))] if answer else []
    cors = Middleware(CORSMiddleware, allow_origins=["https://console.example"])
    app = FastAPI(middleware=middlewares(CLOCK, BodyBounds(), cors, thin=routes))
    router = APIRouter(prefix="/things/{thing}")

    @router.post("/acts/{name}")
    async def act(
        thing: str,
        name: str,
        read: Annotated[str | None, Header(alias="X-Read")] = None,
        other: Annotated[str | None, Header(alias="X-Other")] = None,
    ) -> str:
        if name in FAILURES:
            raise FAILURES[name]
        return f"declared {thing} {name} {read} {other}"

    app.include_router(router, prefix="/api")
    install(app)
    return app


async def thin(asked: Asked) -> bytes | Response:
    """Answer as the request says."""
    name = asked.path["name"]
    if name in FAILURES:
        raise FAILURES[name]
    if name == "odd":
        raise UnusualError
    if name == "response":
        return Response("whole", 202)
    return f"thin {asked.path['thing']} {name} {asked.header(b'x-read')} {asked.body}".encode()


async def ask(app: FastAPI, path: str, headers: Pairs = (), body: bytes = b"", method: str = "POST") -> Exchanged:
    return await exchanged(app, method, path, [NAMED, *headers], [body])


async def test_it_answers_at_the_path_of_the_declared_route() -> None:
    answer = await ask(make_app(thin), "/api/things/a/acts/b", [JSON, (b"x-read", b"r")], b'{"c": [1]}')
    assert (answer.status, answer.body) == (200, b"thin a b r {'c': [1]}")
    assert dict(answer.headers)[b"x-request-id"] == b"r-1"


@pytest.mark.parametrize("path", ["/api/things/a/acts/odd", "/api/things/a/acts/b/"])
async def test_what_it_does_not_take_comes_to_the_declared_route(path: str) -> None:
    assert await ask(make_app(thin), path) == await ask(make_app(None), path)


@pytest.mark.parametrize("headers", [[(b"x-other", b"o")], [(b"x-read", b"r"), (b"x-read", b"s")], [JSON, JSON]])
async def test_a_header_that_is_not_read_here_or_is_there_twice_is_passed_on(headers: Pairs) -> None:
    answer = await ask(make_app(thin), "/api/things/a/acts/b", headers)
    assert answer.body.startswith(b'"declared a b')


async def test_what_nobody_reads_may_be_there_twice() -> None:
    answer = await ask(make_app(thin), "/api/things/a/acts/b", [(b"via", b"1"), (b"via", b"2")])
    assert answer.body.startswith(b"thin")


async def test_another_method_is_passed_on() -> None:
    answer = await ask(make_app(thin), "/api/things/a/acts/b", method="GET")
    assert answer.status == 405


@pytest.mark.parametrize("name", sorted(FAILURES))
async def test_errors_are_told_as_the_declared_route_tells_them(name: str) -> None:
    answer = await ask(make_app(thin), f"/api/things/a/acts/{name}")
    assert answer == await ask(make_app(None), f"/api/things/a/acts/{name}")
    assert b"hunter2" not in answer.body


@pytest.mark.parametrize("name", ["b", "busy", "unforeseen", "odd"])
async def test_a_page_of_another_origin_may_read_every_answer(name: str) -> None:
    answer = await ask(make_app(thin), f"/api/things/a/acts/{name}", [(b"origin", b"https://console.example")])
    assert dict(answer.headers)[b"access-control-allow-origin"] == b"https://console.example"


async def test_who_is_too_busy_says_for_how_long() -> None:
    answer = await ask(make_app(thin), "/api/things/a/acts/busy")
    assert (answer.status, dict(answer.headers)[b"retry-after"]) == (503, b"9")


async def test_a_whole_response_is_sent_as_it_is() -> None:
    answer = await ask(make_app(thin), "/api/things/a/acts/response")
    assert (answer.status, answer.body) == (202, b"whole")


async def test_without_a_declared_route_there_is_no_thin_one() -> None:
    app = FastAPI(middleware=middlewares(CLOCK, BodyBounds(), thin=[ThinRoute("nothing", thin)]))
    install(app)
    assert (await ask(app, "/api/things/a/acts/b")).status == 500


@pytest.mark.parametrize("query", [b"a=1&a=2", b"a=x", b"a="])
def test_a_query_that_the_declared_route_would_refuse_is_passed_on(query: bytes) -> None:
    with pytest.raises(UnusualError):
        Asked({}, {}, query, None).queried(TypeAdapter(dict[str, int]))


def test_what_is_valid_is_read() -> None:
    assert Asked({}, {}, b"a=1&b=%32", None).queried(TypeAdapter(dict[str, int])) == {"a": 1, "b": 2}
    assert Asked({}, {}, b"", None).queried(TypeAdapter(dict[str, int])) == {}
    assert valid(TypeAdapter(int), 3) == 3
