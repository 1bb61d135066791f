import asyncio
from typing import Any

import pytest

from reality_engine.app.joined_writes import MAX_HELD, JoinedWrites


class Transport(asyncio.Transport):
    """Keeps what it is told to do."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.done: list[Any] = []

    def write(self, data: Any) -> None:
        """Keep it."""
        self.done.append(bytes(data))

    def write_eof(self) -> None:
        """Keep that too."""
        self.done.append("eof")

    def close(self) -> None:
        """Keep that too."""
        self.done.append("close")


@pytest.fixture
async def joined() -> tuple[Transport, JoinedWrites]:
    transport = Transport()
    return transport, JoinedWrites(transport, asyncio.get_running_loop())


async def test_what_is_written_in_one_turn_is_sent_at_once_and_in_order(joined: tuple[Transport, JoinedWrites]) -> None:
    transport, writes = joined
    for part in (b"head", b"", b"body"):
        writes.write(part)
    writes.writelines([b"more", b"yet"])
    assert transport.done == []
    await asyncio.sleep(0)
    writes.write(b"next")
    await asyncio.sleep(0)
    assert transport.done == [b"headbodymoreyet", b"next"]


@pytest.mark.parametrize("end", ["close", "write_eof"])
async def test_nothing_is_lost_at_the_end(joined: tuple[Transport, JoinedWrites], end: str) -> None:
    transport, writes = joined
    writes.write(b"last")
    getattr(writes, end)()
    await asyncio.sleep(0)
    assert transport.done == [b"last", end.removeprefix("write_")]


async def test_much_is_sent_without_waiting(joined: tuple[Transport, JoinedWrites]) -> None:
    transport, writes = joined
    writes.write(b"x" * MAX_HELD)
    assert transport.done == []
    writes.write(b"y")
    assert [len(part) for part in transport.done] == [MAX_HELD + 1]


async def test_all_else_is_the_transports(joined: tuple[Transport, JoinedWrites]) -> None:
    _, writes = joined
    assert writes.get_extra_info("peername") == ("127.0.0.1", 1)
