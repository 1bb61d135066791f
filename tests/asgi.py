"""Requests as the server hands them to an application, to the byte, and the answers; no client in between."""

from collections.abc import Sequence
from dataclasses import dataclass

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
        "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": root,
        "headers": list(headers), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip
    waiting: list[Message] = [
        {"type": "http.request", "body": part, "more_body": number < len(parts)} for number, part in enumerate(parts, 1)
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    begin, *rest = sent
    body = b"".join(message.get("body", b"") for message in rest)
    return Exchanged(begin["status"], tuple((name, value) for name, value in begin["headers"]), body)
