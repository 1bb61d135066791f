"""Requests as the server hands them to an application, to the byte, and the answers; no client in between."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Pairs = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A whole answer: its status, its headers in their order, its body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Counting:
    """A middleware that notes what comes through it."""

    def __init__(self, app: ASGIApp, seen: list[str]) -> None:
        """Note into a list."""
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note, then pass on."""
        if scope["type"] == "http":
            self._seen.append(scope["path"])
        await self._app(scope, receive, send)


async def exchanged(
    app: ASGIApp, method: str, address: str, headers: Pairs = (), parts: Sequence[bytes] = (b"",), root: str = ""
) -> Exchanged:
    """Send a request, its body in parts."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http",
        "method": method, "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": root, "headers": list(headers), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
        "state": {},
    }  # fmt: skip
    waiting: list[Message] = [
        {"type": "http.request", "body": part, "more_body": number < len(parts)} for number, part in enumerate(parts, 1)
    ]
    sent: list[Message] = []
    answered = asyncio.Event()

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await answered.wait()  # a client that has sent everything stays until it has its answer
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()

    await app(scope, receive, send)
    begin, *rest = sent
    body = b"".join(message.get("body", b"") for message in rest)
    return Exchanged(begin["status"], tuple((name, value) for name, value in begin["headers"]), body)
