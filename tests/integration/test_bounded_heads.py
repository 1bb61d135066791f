"""What a connection may send before it is known what is asked for, on a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from reality_engine.app import bounded_heads
from reality_engine.app.bounded_heads import MAX_ADDRESS, MAX_HEAD, MAX_HEADERS, BoundedProtocol

HOST = b"Host: here\r\n"
GOOD = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"


async def app(_scope: Scope, receive: Receive, send: Send) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(str(size)))]})
    await send({"type": "http.response.body", "body": str(size).encode()})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(app, log_config=None, access_log=False)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            await asyncio.gather(*state.tasks)


async def answered(*sent: bytes) -> bytes:
    """Return the beginning of what is answered to pieces that are sent one after the other."""
    async with connected() as (reader, writer):
        for piece in sent:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        return await asyncio.wait_for(reader.read(500), 10)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * MAX_ADDRESS + b" HTTP/1.1\r\n" + HOST + b"\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * (MAX_HEADERS + 1) + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * MAX_HEAD + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * (MAX_HEAD + 1), b"431"),
        (b"\r\n" * MAX_HEAD, b"431"),
        (b"nonsense\r\n\r\n", b"400"),
        (GOOD, b"200"),
        (b"GET /" + b"a" * 4_000 + b" HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 20_000 + b"\r\n\r\n", b"200"),
    ],
    ids=["address", "many", "large", "endless", "blank", "nonsense", "small", "large enough"],
)
async def test_a_head_has_its_bounds(head: bytes, status: bytes) -> None:
    assert (await answered(head)).startswith(b"HTTP/1.1 " + status)


async def test_a_head_that_never_ends_is_refused_however_small_its_pieces() -> None:
    assert (await answered(b"GET / HTTP/1.1\r\nX: ", *[b"y" * 1_000] * (MAX_HEAD // 1_000 + 1))).startswith(
        b"HTTP/1.1 431"
    )


async def test_a_body_does_not_count_as_a_head() -> None:
    body = b"x" * MAX_HEAD
    post = b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % (2 * MAX_HEAD)
    async with connected() as (reader, writer):
        for _ in range(2):
            for piece in (post, body, body):
                writer.write(piece)
                await writer.drain()
            assert (await asyncio.wait_for(reader.read(500), 10)).endswith(b"65536")


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nX: ", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nabc"],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_connection_on_which_nothing_comes_is_ended(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_heads, "HEAD_SECONDS", 0.05)
    monkeypatch.setattr(bounded_heads, "PAUSE_SECONDS", 0.05)
    assert await answered(sent) == b""
