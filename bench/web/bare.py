"""The least that can be served: an ASGI callable that reads the body and answers with bytes that it always has."""

from collections.abc import Awaitable, Callable
from typing import Any

from bench.web.stubbed import ANSWER
from reality_engine.actions.thin import told

_BODY = told(ANSWER)
_HEADERS = [(b"content-length", b"%d" % len(_BODY)), (b"content-type", b"application/json")]


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Answer anything."""
    if scope["type"] == "http":
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})
