"""Loads a server with keep-alive clients, each sending its next request on the answer; one process, nothing more.

`python -m bench.load` reads one JSON object from standard input and prints one: see `Order` and `Outcome`. Plain
protocols instead of an HTTP client, so that the load takes as little as it can of the processor that is measured.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TypedDict, cast

import uvloop

PATIENCE = 60


class Order(TypedDict):
    """Each request is the head and body that one client sends again and again; warming up is not counted."""

    port: int
    requests: list[str]
    warm_seconds: float
    seconds: float


@dataclass
class Outcome:
    """What was counted: the times of all answers in milliseconds, and the processor's seconds spent on asking."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    failures: int = 0
    first_failure: str = ""


class Client(asyncio.Protocol):
    """One keep-alive connection that asks, waits for the answer, and asks again until told to stop."""

    def __init__(self, request: bytes, report: Callable[[float, bytes, bytes], bool]) -> None:
        """`report` is told of each answer, and says whether to go on."""
        self._request = request
        self._report = report
        self._buffer = b""
        self._began = 0.0
        self._transport: asyncio.WriteTransport | None = None
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one without saying so
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Collect the answer; once it is whole, tell of it and ask again."""
        self._buffer += data
        head, parted, body = self._buffer.partition(b"\r\n\r\n")
        if not parted or len(body) < length_of(head):
            return
        self._buffer = b""
        if self._report(self._began, head, body):
            self._ask()
        elif self._transport is not None:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Be done; a connection that the server ended has failed."""
        if exc is not None:
            self.done.set_exception(exc)
        else:
            self.done.set_result(None)

    def _ask(self) -> None:
        self._began = time.perf_counter()
        if self._transport is not None:
            self._transport.write(self._request)


def length_of(head: bytes) -> int:
    """Return the length of the body that a head announces."""
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0] or 0)


async def run(order: Order) -> Outcome:
    """Send the requests, one client each, for the given time."""
    outcome, loop = Outcome(), asyncio.get_running_loop()
    start = time.perf_counter() + order["warm_seconds"]
    end = start + order["seconds"]

    def report(began: float, head: bytes, body: bytes) -> bool:
        now = time.perf_counter()
        if not head.startswith(b"HTTP/1.1 20"):
            outcome.failures += 1
            outcome.first_failure = outcome.first_failure or (head + body)[:1000].decode()
        elif start <= now <= end:
            outcome.times.append((now - began) * 1000)
        return now < end

    clients = [Client(request.encode(), report) for request in order["requests"]]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", order["port"])  # type: ignore[misc]
    await asyncio.sleep(max(0.0, start - time.perf_counter()))
    spent = cpu_seconds()
    await asyncio.sleep(max(0.0, end - time.perf_counter()))
    outcome.seconds, outcome.cpu_seconds = order["seconds"], cpu_seconds() - spent
    await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), PATIENCE)
    return outcome


def cpu_seconds() -> float:
    """Return what this process has used of the processors."""
    used = os.times()
    return used.user + used.system


def main() -> None:
    """Do one order."""
    outcome = uvloop.run(run(json.load(sys.stdin)))
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
