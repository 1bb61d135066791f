"""Logs one line for each request that was answered; not its query, its headers or its body, which may hold secrets."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger: structlog.typing.FilteringBoundLogger = structlog.get_logger("reality_engine.access")


class AccessLog:
    """Pure ASGI, inside the middleware that gives requests their ids."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and log when the answer has gone out or failed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0  # shown where the connection was cut before an answer

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = time.perf_counter()
        try:
            await self._app(scope, receive, watched)
        finally:
            milliseconds = round((time.perf_counter() - begun) * 1000, 1)
            logger.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)
