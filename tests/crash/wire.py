"""One keep-alive connection to a server, as light as it can be; it knows whether a request is still unanswered."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Final

HOST: Final = "127.0.0.1"
PATIENCE: Final = 60


class LostError(Exception):
    """The connection ended. `sent` tells whether a request had been sent and was not answered."""

    def __init__(self, *, sent: bool) -> None:
        super().__init__("sent" if sent else "not sent")
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Reply:
    """The status of an answer and its JSON."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        """Return what was asked for; raises AssertionError where the answer is not a success."""
        assert self.status < 300, (self.status, self.body)
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        """Return the codes of its errors."""
        return [str(error["code"]) for error in self.body.get("errors", ())]


@dataclass
class Wire:
    """Calls one server, as whoever's token it is given; connects anew after it was lost."""

    port: int
    token: str = ""
    waiting: bool = False
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None
    _given: dict[str, str] = field(default_factory=dict)

    async def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Reply:
        """Ask, and wait for the answer; raises LostError."""
        text = b"" if body is None else json.dumps(body).encode()
        return await self.send(method, path, text, "application/json", key)

    async def send(self, method: str, path: str, text: bytes, kind: str, key: str | None = None) -> Reply:
        """Ask with a body of any kind; raises LostError."""
        head = [f"{method} /api/v1{path} HTTP/1.1", f"Host: {HOST}", f"Content-Type: {kind}"]
        head += [f"Content-Length: {len(text)}"]
        head += [f"Authorization: Bearer {self.token}"] if self.token else []
        head += [f"Idempotency-Key: {key}"] if key is not None else []
        request = "\r\n".join(head).encode() + b"\r\n\r\n" + text
        try:
            reader, writer = await self._connected()
        except OSError as error:
            raise LostError(sent=False) from error
        try:
            self.waiting = True
            writer.write(request)
            return await asyncio.wait_for(_reply(reader), PATIENCE)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            raise LostError(sent=True) from error
        finally:
            self.waiting = False

    def close(self) -> None:
        """Let go of the connection."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(HOST, self.port)
        return self._reader, self._writer


async def _reply(reader: asyncio.StreamReader) -> Reply:
    head = await reader.readuntil(b"\r\n\r\n")
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    body = await reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
    return Reply(int(head.split(b" ", 2)[1]), json.loads(body) if body else {})
