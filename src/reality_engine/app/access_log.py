"""Logs one line for each request that was answered; not its query, its headers or its body, which may hold secrets.

JSON lines are written here and not by the logger, whose pipeline takes longer than all else that HTTP needs.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final, Protocol, TextIO

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reality_engine.kernel.clock import Clock, to_text
from reality_engine.kernel.json import encode
from reality_engine.web.request_ids import request_id

NAME: Final = "reality_engine.access"
# So long may a line wait for others, to be written with them; and so many lines.
WAIT_SECONDS: Final = 0.1
MAX_HELD: Final = 1_000
# What is written at once into a pipe is not mixed with what other processes write, up to so many bytes.
MAX_WRITTEN: Final = 4_096

logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(NAME)


class AccessLines(Protocol):
    """Where the lines go."""

    def add(self, method: str, path: str, status: int, ms: float) -> None:
        """Log one request, from within it."""
        ...

    def flush(self) -> None:
        """Write what is held."""
        ...


class ReadableLines:
    """Lines like all others, by the logger; for people, who do not send thousands of requests a second."""

    def add(self, method: str, path: str, status: int, ms: float) -> None:
        """Log one request."""
        logger.info("request", method=method, path=path, status=status, ms=ms)

    def flush(self) -> None:
        """Hold nothing."""


class JsonLines:
    """Lines of the form that the logger gives its own, written several at once; only for one event loop."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        """Write to a stream that is open as long as the process."""
        self._stream = stream
        self._clock = clock
        self._held: list[bytes] = []

    def add(self, method: str, path: str, status: int, ms: float) -> None:
        """Hold a line, for a tenth of a second at most."""
        if not self._held:
            asyncio.get_running_loop().call_later(WAIT_SECONDS, self.flush)
        line = {
            "method": method, "path": path, "status": status, "ms": ms, "event": "request", "level": "info",
            "logger": NAME, "timestamp": to_text(self._clock.now()), "request_id": request_id(),
        }  # fmt: skip
        self._held.append(encode(line))
        if len(self._held) >= MAX_HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held. As of the logger's own lines, one that cannot be written stops nothing."""
        lines, self._held = self._held, []
        with suppress(OSError, ValueError):
            for piece in _pieces(lines):
                self._stream.write(piece.decode())
                self._stream.flush()


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Put lines together, as many as a pipe takes without mixing them with those of other processes."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) >= MAX_WRITTEN:
            yield piece
            piece = b""
        piece += line + b"\n"
    if piece:
        yield piece


class AccessLog:
    """Pure ASGI, inside the middleware that gives requests their ids."""

    def __init__(self, app: ASGIApp, lines: AccessLines) -> None:
        """Wrap the app."""
        self._app = app
        self._lines = lines

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
            self._lines.add(scope["method"], scope["path"], status, milliseconds)
