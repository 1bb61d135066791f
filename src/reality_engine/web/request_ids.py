"""Gives every request an id, for its log lines and its answer; not tracing."""

import re
from contextvars import ContextVar
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reality_engine.kernel.clock import Clock
from reality_engine.kernel.ids import fresh_id

HEADER: Final = "X-Request-ID"
_NAME: Final = HEADER.lower().encode()
# What may stand in a log line and a header as it is; another id that a client sends is replaced.
_SAFE: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
current: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """Return the id of the request that is being answered."""
    return current.get()


class RequestIds:
    """Pure ASGI: takes the client's id where it is safe, or a fresh one, and answers with it."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        """Wrap the app."""
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, then pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        identity = _sent(scope) or fresh_id(self._clock.now())
        header = (_NAME, identity.encode())

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        # Never reset: a request has a task of its own, and what the server logs after a failure has the id too.
        current.set(identity)
        await self._app(scope, receive, named)


def _sent(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == _NAME:
            return value.decode() if _SAFE.fullmatch(value) else None
    return None
