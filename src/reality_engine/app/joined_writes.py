"""Has the server send the head and the body of an answer at once; not what it serves.

By itself it hands each to the system as soon as it has it: two calls, and two times that the receiver is woken, which
together take longer than all that is done for a small answer.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HELD: Final = 65_536  # bytes


class JoinedWrites:
    """A transport that writes what it is given at the end of the loop's turn, all in one; else the transport itself."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Write to a transport that is connected."""
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0
        self.is_closing = transport.is_closing  # asked for at each answer

    def __getattr__(self, name: str) -> Any:
        """Return what the transport has."""
        return getattr(self._transport, name)

    def write(self, part: bytes) -> None:
        """Write soon, in order."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(part)
        self._size += len(part)
        if self._size > MAX_HELD:
            # Now, so that the transport can say when it has enough.
            self._flush()

    def writelines(self, parts: Iterable[bytes]) -> None:
        """Write soon, in order."""
        self.write(b"".join(parts))

    def write_eof(self) -> None:
        """Write, and no more after it."""
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Close once all is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._held, self._size = self._held, [], 0
        if parts:
            self._transport.write(b"".join(parts))


class JoiningProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, over such a transport."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]
