"""Loads servers with keep-alive clients, each sending its next request on the answer; one process, nothing more.

`python -m bench.load` reads one JSON object from standard input and prints one: see `Order` and `Outcome`. Plain
protocols instead of an HTTP client, so that the load takes as little as it can of the processor that is measured.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TypedDict, cast

import psutil
import uvloop

PATIENCE = 60
# The processes to watch are looked up just before counting begins, so that those are among them that warming up made.
LOOK_UP_SECONDS = 0.1


class Asked(TypedDict):
    """The head and body that one client sends again and again, and where to."""

    port: int
    request: str


class Order(TypedDict):
    """What the clients ask, one each; warming up is not counted. `enough` answers, where it is not 0, end it early.

    `watched` names processes, by what is told of them: what they and their children use of the processors meanwhile.
    """

    clients: list[Asked]
    warm_seconds: float
    seconds: float
    enough: int
    watched: dict[str, list[int]]


@dataclass
class Outcome:
    """What was counted: the times of all answers in milliseconds, and the processor's seconds, our own and others'."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    watched: dict[str, float] = field(default_factory=dict)
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
        data = self._buffer + data
        head, parted, body = data.partition(b"\r\n\r\n")
        if not parted or len(body) < length_of(head):
            self._buffer = data
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


class Processes:
    """Tells what groups of processes, and those that they started, have used of the processors."""

    def __init__(self, watched: Mapping[str, list[int]]) -> None:
        """Look up those that there are."""
        self._watched = watched
        self._groups: dict[str, list[psutil.Process]] = {}
        self.look_up()

    def look_up(self) -> None:
        """Look up those that there are now."""
        self._groups = {name: [one for key in keys for one in _family(key)] for name, keys in self._watched.items()}

    def seconds(self) -> dict[str, float]:
        """Return the seconds of each group."""
        return {name: sum(_used(one) for one in group) for name, group in self._groups.items()}


def _family(process: int) -> list[psutil.Process]:
    parent = psutil.Process(process)
    return [parent, *parent.children(recursive=True)]


def _used(process: psutil.Process) -> float:
    """Return what a process has used, and those of its children that have ended."""
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(used.user + used.system + used.children_user + used.children_system)


class Run:
    """One order being done."""

    def __init__(self, order: Order) -> None:
        """Begin at once."""
        self.outcome = Outcome()
        self._order = order
        self._start = time.perf_counter() + order["warm_seconds"]
        self._end = self._start + order["seconds"]
        self._enough = asyncio.Event()

    def report(self, began: float, head: bytes, body: bytes) -> bool:
        """Count an answer."""
        now, outcome = time.perf_counter(), self.outcome
        if not head.startswith(b"HTTP/1.1 20"):
            outcome.failures += 1
            outcome.first_failure = outcome.first_failure or (head + body)[:1000].decode()
        elif self._start <= now <= self._end:
            outcome.times.append((now - began) * 1000)
            if len(outcome.times) == self._order["enough"]:
                self._end = now
                self._enough.set()
        return now < self._end

    async def do(self) -> Outcome:
        """Send the requests, one client each, until it is over."""
        loop = asyncio.get_running_loop()
        clients = [Client(one["request"].encode(), self.report) for one in self._order["clients"]]
        for client, one in zip(clients, self._order["clients"], strict=True):
            await loop.create_connection(lambda client=client: client, "127.0.0.1", one["port"])  # type: ignore[misc]
        await self._until(self._start - LOOK_UP_SECONDS)
        processes = Processes(self._order["watched"])
        await self._until(self._start)
        began, used, own = time.perf_counter(), processes.seconds(), cpu_seconds()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._enough.wait(), self._end - time.perf_counter())
        outcome = self.outcome
        outcome.seconds, outcome.cpu_seconds = time.perf_counter() - began, cpu_seconds() - own
        processes.look_up()
        outcome.watched = {name: seconds - used[name] for name, seconds in processes.seconds().items()}
        await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), PATIENCE)
        return outcome

    async def _until(self, moment: float) -> None:
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))


def cpu_seconds() -> float:
    """Return what this process has used of the processors."""
    used = os.times()
    return used.user + used.system


def main() -> None:
    """Do one order."""
    outcome = uvloop.run(_done(json.load(sys.stdin)))
    json.dump(asdict(outcome), sys.stdout)


async def _done(order: Order) -> Outcome:
    return await Run(order).do()


if __name__ == "__main__":
    main()
