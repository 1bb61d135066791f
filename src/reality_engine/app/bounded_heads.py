"""Bounds what a connection may send before it is known what is asked for, and how long it may take; not bodies.

The server by itself reads a head of any length, and waits for its end, or for the rest of a body, for ever: so few
connections could take all of its memory, or all the connections that it may have.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from reality_engine.app.joined_writes import JoiningProtocol
from reality_engine.web.codes import CODES
from reality_engine.web.envelope import ErrorEnvelope, ErrorItem

MAX_ADDRESS: Final = 8_192
MAX_HEAD: Final = 32_768
MAX_HEADERS: Final = 100
# So long may a head take from its first byte, or from the connection's beginning; and so long may a body stand still.
HEAD_SECONDS: Final = 15.0
PAUSE_SECONDS: Final = 30.0


class BoundedProtocol(JoiningProtocol):
    """HTTP/1.1 as the server speaks it, within bounds. What comes whole at once costs three comparisons more."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Take what the server gives."""
        super().__init__(*given, **named)
        self._arrived = 0  # bytes since the last head was whole
        self._in_head = True
        self._in_body = False
        self._refusal = ""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, and wait for a head."""
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; refuse a head that has no end."""
        self._arrived += len(data)
        super().data_received(data)
        if self._in_head and self._arrived > MAX_HEAD and not self._refusal:
            self._refuse("headers_too_large")
        elif self._in_body:
            self._wait_no_more()
            self._wait(PAUSE_SECONDS)
        elif self._in_head and self._arrived and self._timer is None:
            self._wait(HEAD_SECONDS)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """End a head, and begin to answer; raises ValueError, so that nothing more is read, where it is too large."""
        self._wait_no_more()
        arrived, self._arrived = self._arrived, 0
        self._in_head, self._in_body = False, True
        if len(self.url) > MAX_ADDRESS:
            self._refusal = "address_too_long"
        elif len(self.headers) > MAX_HEADERS or (arrived > MAX_HEAD and _size(self.headers) > MAX_HEAD):
            self._refusal = "headers_too_large"
        if self._refusal:
            raise ValueError(self._refusal)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a body."""
        self._in_body, self._in_head = False, True
        self._arrived = 0
        self._wait_no_more()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what was wrong, and end the connection."""
        self._wait_no_more()
        self._answer(self._refusal or "bad_request", msg if not self._refusal else CODES[self._refusal].meaning)

    def _refuse(self, code: str) -> None:
        self._refusal = code
        self._wait_no_more()
        begun: RequestResponseCycle | None = self.cycle
        if begun is None or begun.response_complete:
            self._answer(code, CODES[code].meaning)
        else:
            self.transport.close()

    def _answer(self, code: str, message: str) -> None:
        body = ErrorEnvelope(errors=[ErrorItem(code=code, message=message)]).model_dump_json().encode()
        head = b"content-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[CODES[code].status] + head + body)
        self.transport.close()

    def _late(self) -> None:
        """End a connection on which nothing comes; an answer that was begun is not waited for by anybody any more."""
        self._timer = None
        if not self.transport.is_closing():
            self.transport.close()

    def _wait(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._late)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _size(headers: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)
