"""Bounds on what a request may hold, checked before anything else looks at it; not how often one may come."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.json import Plain, decode_exact
from reality_engine.web.errors import NotJsonError, NullCharacterError, TooLargeError, answer_to

# Where in the scope the body stands as it was read; absent where none was sent, or none that is plainly this.
JSON_BODY: Final = "reality_engine.json"
_JSON: Final = b"application/json"
_BODILESS: Final = {"GET", "HEAD", "OPTIONS", "DELETE"}
_STRINGS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS: Final = re.compile(rb"[\[\]{}]")
_NULL: Final = b"\\u0000"
_ESCAPED_NULL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


@dataclass(frozen=True, slots=True)
class BodyBounds:
    """How large a body may be, in bytes, how deep its JSON, and how many seconds it may take to arrive.

    By path in `streamed`, how large those may be that are read by their routes as they come, and counted there.
    """

    size: int = 1_048_576
    depth: int = 64
    seconds: float = 60
    streamed: Mapping[str, int] = field(default_factory=dict)


class TooSlowError(RealityError):
    """The body did not arrive in time."""

    code = "too_slow"


class _GoneError(Exception):
    """The client left while it was sending."""


class BodyLimits:
    """Pure ASGI: reads the body up to the bound, refuses what is not sound, and hands on the rest as one message."""

    def __init__(self, app: ASGIApp, bounds: BodyBounds) -> None:
        """Wrap the app."""
        self._app = app
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _check_address(scope)
            if scope["path"] in self._bounds.streamed:
                _check_announced(scope, self._bounds.streamed[scope["path"]])
            elif _has_body(scope):
                body = await self._read(scope, receive)
                _check_body(scope, body, self._bounds.depth)
                receive = _replaying(body, receive)
        except RealityError as error:
            await answer_to(error)(scope, receive, send)
        except _GoneError:
            return
        else:
            await self._app(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        _check_announced(scope, self._bounds.size)
        first = await receive()
        if first["type"] == "http.request" and not first.get("more_body", False):
            body: bytes = first.get("body", b"")
            if len(body) > self._bounds.size:
                raise too_large(self._bounds.size)
            return body
        try:
            async with asyncio.timeout(self._bounds.seconds):
                return await self._read_on(first, receive)
        except TimeoutError as error:
            raise TooSlowError("the body took too long to arrive", hint="send less at once") from error

    async def _read_on(self, message: Message, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            if message["type"] == "http.disconnect":
                raise _GoneError
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._bounds.size:
                raise too_large(self._bounds.size)
            if not message.get("more_body", False):
                return b"".join(chunks)
            message = await receive()


def too_large(size: int) -> TooLargeError:
    """Return the error that a body is larger than so many bytes."""
    return TooLargeError(f"the body is larger than {size} bytes", hint="send less at once")


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return a header's value, the first where there are several."""
    for known, value in scope["headers"]:
        if known == name:
            held: bytes = value
            return held
    return None


def _check_announced(scope: Scope, size: int) -> None:
    announced = header(scope, b"content-length") or b""
    if announced.isdigit() and int(announced) > size:
        raise too_large(size)


def _has_body(scope: Scope) -> bool:
    if scope["method"] not in _BODILESS:
        return True
    return header(scope, b"content-length") is not None or header(scope, b"transfer-encoding") is not None


def _check_address(scope: Scope) -> None:
    if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
        raise NullCharacterError("the address contains the character U+0000")


def _check_body(scope: Scope, body: bytes, depth: int) -> None:
    sent = header(scope, b"content-type") or b""
    media_type = sent if sent == _JSON else sent.partition(b";")[0].strip().lower()
    if media_type == _JSON or media_type.endswith(b"+json"):
        if body:
            value, exact = check_json(body, depth)
            if exact and media_type == _JSON:
                scope[JSON_BODY] = value
    elif media_type == b"application/x-www-form-urlencoded" and b"%00" in body:
        raise NullCharacterError("the body contains the character U+0000")


def check_json(body: bytes, depth: int) -> tuple[Plain, bool]:
    """Read JSON, and say whether exactly; raises where it is lax (NaN, lone surrogates), too deep, or holds U+0000."""
    if _is_deeper(body, depth):
        raise NotJsonError(f"the JSON is nested more than {depth} levels deep")
    try:
        read = decode_exact(body)
    except ValueError as error:
        raise NotJsonError(f"the body is not JSON: {error}") from error
    if _NULL in body and _ESCAPED_NULL.search(body):
        raise NullCharacterError("the body contains the character U+0000")
    return read


def _is_deeper(body: bytes, bound: int) -> bool:
    if body.count(b"[") + body.count(b"{") <= bound:
        return False
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > bound:
            return True
    return False


def _replaying(body: bytes, receive: Receive) -> Receive:
    handed_on = False

    async def replay() -> Message:
        nonlocal handed_on
        if handed_on:
            return await receive()
        handed_on = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
