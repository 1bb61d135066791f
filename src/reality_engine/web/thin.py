"""Thin routes: what is asked for by the thousand, answered before the framework's own machinery; not what they answer.

Each stands for a declared route, from which it has its method and path, and answers byte for byte as that does. What it
does not take, such as anything malformed, it passes on: the declared route tells what is wrong.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from re import Pattern
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import ANONYMOUS, Principal
from reality_engine.web.errors import answer_to
from reality_engine.web.limits import JSON_BODY
from reality_engine.web.who import WHO, who_of

T = TypeVar("T")


class UnusualError(Exception):
    """A request that the declared route is to answer; raised before anything was done."""


class Asked(NamedTuple):
    """A request that may be answered here: its body is JSON that is within the bounds, or absent."""

    path: dict[str, str]
    headers: dict[bytes, bytes]
    query: bytes
    body: Plain
    who: Principal | RealityError = ANONYMOUS

    def principal(self) -> Principal:
        """Return who acts, `ANONYMOUS` without credentials; raises UnauthenticatedError where these are no good."""
        return who_of({WHO: self.who})

    def queried(self, known: TypeAdapter[T]) -> T:
        """Return the query as the declared route would read it; raises UnusualError where it would not."""
        if not self.query:
            return valid(known, {})
        pairs = parse_qsl(self.query.decode("latin-1"), keep_blank_values=True)
        named = dict(pairs)
        if len(named) != len(pairs):
            raise UnusualError
        return valid(known, named)

    def header(self, name: bytes) -> str | None:
        """Return a header's value, None where it was not sent."""
        sent = self.headers.get(name)
        return None if sent is None else sent.decode("latin-1")


# Headers that are read whatever the route: who acts, and what the body is.
_ALWAYS: Final = frozenset({"Authorization", "Content-Type"})
# The bytes of an answer that went well, or a whole response.
Answering: TypeAlias = Callable[[Asked], Awaitable[bytes | Response]]


@dataclass(frozen=True, slots=True)
class ThinRoute:
    """`name` is that of the declared route, `headers` those it reads that are read here too.

    A request with another of them is passed on.
    """

    name: str
    answer: Answering
    headers: frozenset[str] = frozenset()


def valid(known: TypeAdapter[T], given: object) -> T:
    """Return what was given as the declared route would read it; raises UnusualError where it would not."""
    try:
        return known.validate_python(given)
    except ValidationError as error:
        raise UnusualError from error


@dataclass(frozen=True, slots=True)
class _Bound:
    """A thin route with what it has from the declared one."""

    path: Pattern[str]
    read: frozenset[bytes]
    passed_on: frozenset[bytes]
    answer: Answering


class ThinRoutes:
    """Pure ASGI, inside all other middlewares, whose work is done for these requests as for any."""

    def __init__(self, app: ASGIApp, routes: Iterable[ThinRoute]) -> None:
        """Wrap the app; the declared routes are looked up at the first request."""
        self._app = app
        self._routes = tuple(routes)
        self._bound: dict[str, list[_Bound]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        answered = await self._answered(scope) if scope["type"] == "http" else None
        if answered is None:
            await self._app(scope, receive, send)
        elif isinstance(answered, Response):
            await answered(scope, receive, send)
        else:
            headers = [(b"content-length", b"%d" % len(answered)), (b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": answered})

    async def _answered(self, scope: Scope) -> bytes | Response | None:
        if self._bound is None:
            self._bound = bound(self._routes, scope["app"].routes)
        # A server below a path of its own has it in `root_path`, which the framework knows how to undo.
        for route in self._bound.get(scope["method"], ()) if not scope.get("root_path") else ():
            found = route.path.match(scope["path"])
            if found is not None:
                return await _taken(route, found.groupdict(), scope)
        return None


async def _taken(route: _Bound, path: dict[str, str], scope: Scope) -> bytes | Response | None:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if not route.passed_on.isdisjoint(headers) or (
        # Proxies repeat some that nobody reads here.
        len(headers) != len(scope["headers"]) and _repeats(scope, route.read)
    ):
        return None
    try:
        return await route.answer(
            Asked(path, headers, scope["query_string"], scope.get(JSON_BODY), scope.get(WHO, ANONYMOUS))
        )
    except UnusualError:
        return None
    except RealityError as error:
        return answer_to(error)


def bound(routes: Iterable[ThinRoute], declared: Any) -> dict[str, list[_Bound]]:
    """Return the thin routes by method; raises KeyError where there is no declared route of a name."""
    contexts: dict[str | None, RouteContext] = {context.name: context for context in iter_route_contexts(declared)}
    found: dict[str, list[_Bound]] = {}
    for route in routes:
        context = contexts[route.name]
        passed_on = set(_headers(context.dependant)) - route.headers
        one = _Bound(context.path_regex, _names(route.headers | _ALWAYS), _names(passed_on), route.answer)
        for method in context.methods or ():
            found.setdefault(method, []).append(one)
    return found


def _repeats(scope: Scope, read: frozenset[bytes]) -> bool:
    sent = [name for name, _ in scope["headers"] if name in read]
    return len(set(sent)) != len(sent)


def _names(headers: Iterable[str]) -> frozenset[bytes]:
    return frozenset(name.lower().encode() for name in headers)


def _headers(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.header_params)
    for other in dependant.dependencies:
        yield from _headers(other)
