"""Processes of the product, which may be killed: begun by the nursery, watched from here; not what is asked of them."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.crash.points import Point
from tests.crash.wire import HOST
from tests.processes import free_port
from tests.serving import SECRET

ROOT: Final = Path(__file__).parents[2]
START_SECONDS: Final = 60
POLL_SECONDS: Final = 0.01
# A folder is made for each, and a world takes a thousand starts: only the first has to look after its tables.
SETTINGS: Final = {
    "REALITY_SECRET_KEY": SECRET, "REALITY_BCRYPT_ROUNDS": "4", "REALITY_ACCESS_TOKEN_MINUTES": "1440",
    "REALITY_LOG_FORMAT": "json", "REALITY_LOG_LEVEL": "warning", "REALITY_RATE_LIMITS": "false",
    # Each start has another port, and tokens are to be good for all of them.
    "REALITY_PUBLIC_URL": "http://reality.test",
}  # fmt: skip


@dataclass
class Process:
    """One process of the product. `ended` is its status once it has ended, the number of a signal below 0."""

    pid: int
    log: Path
    ended: asyncio.Future[int]

    def kill(self) -> None:
        """End it where it stands."""
        if not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def arm(self, point: Point) -> None:
        """Have it end at a point, counted from now on."""
        point.write(self.log.with_suffix(".point"))

    @property
    def reached(self) -> str | None:
        """Return the point that it came to, if it did."""
        note = self.log.with_suffix(".note")
        return note.read_text() if note.exists() else None


@dataclass
class Server(Process):
    """A process that serves, on a port of its own."""

    port: int = 0

    async def ready(self) -> None:
        """Wait until it listens; raises AssertionError where it ends instead."""
        async with asyncio.timeout(START_SECONDS):
            while not self.ended.done():
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(HOST, self.port)
                    writer.close()
                    return
                await asyncio.sleep(POLL_SECONDS)
        raise AssertionError(self.log.read_text(errors="replace")[-3000:])


class House:
    """Begins processes on one database, all with the same settings."""

    def __init__(self, hearing: asyncio.StreamReader, ordering: asyncio.StreamWriter, folder: Path, url: str) -> None:
        self._hearing, self._orders, self._folder = hearing, ordering, folder
        self._settings = {**SETTINGS, "REALITY_DATABASE_URL": url}
        self._begun: asyncio.Queue[int] = asyncio.Queue()
        self._running: dict[int, asyncio.Future[int]] = {}
        self._ordering = asyncio.Lock()
        self._count = 0

    async def serve(self, port: int | None = None) -> Server:
        """Begin a server, and wait until it listens."""
        port = port or free_port()
        arguments = ["serve", "--host", HOST, "--port", str(port)]
        process = await self.begin(arguments)
        server = Server(process.pid, process.log, process.ended, port)
        await server.ready()
        return server

    async def run(self, *arguments: str, point: Point | None = None) -> tuple[int, str]:
        """Run a command to its end; return its status and what it said."""
        process = await self.begin(list(arguments), point)
        status = await process.ended
        return status, process.log.read_text(errors="replace")

    async def begin(self, arguments: list[str], point: Point | None = None) -> Process:
        """Begin a process that ends at a point."""
        async with self._ordering:
            self._count += 1
            log, order, note = (self._folder / f"{self._count:05}.{end}" for end in ("log", "point", "note"))
            if point is not None:
                point.write(order)
            files = {"log": str(log), "point": str(order), "note": str(note)}
            pid = await self._order({"arguments": arguments, "environment": self._settings, **files})
        return Process(pid, log, self._running[pid])

    async def _order(self, order: Mapping[str, Any]) -> int:
        self._orders.write(json.dumps(order).encode() + b"\n")
        return await asyncio.wait_for(self._begun.get(), START_SECONDS)

    async def listen(self) -> None:
        """Hear from the nursery of what has begun and ended, for as long as it runs."""
        async for line in self._hearing:
            told = json.loads(line)
            if "status" in told:
                self._running[told["pid"]].set_result(told["status"])
            elif "pid" in told:
                self._running[told["pid"]] = asyncio.get_running_loop().create_future()
                self._begun.put_nowait(told["pid"])


@contextmanager
def nursery(folder: Path) -> Iterator[Path]:
    """Run a nursery, for one house after the other; gives the path of its socket, in the folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REALITY_", "PG"))}
    environment = {**kept, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    place = folder / "nursery"
    command = [sys.executable, "-m", "tests.crash.nursery", str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, cwd=ROOT, start_new_session=True) as process:
        while not place.exists() and process.poll() is None:
            time.sleep(POLL_SECONDS)
        yield place


@asynccontextmanager
async def opened(place: Path, folder: Path, url: str) -> AsyncIterator[House]:
    """Open a house on a database; whoever still runs when the block ends is killed."""
    hearing, ordering = await asyncio.open_unix_connection(place)
    house = House(hearing, ordering, folder, url)
    listening = asyncio.create_task(house.listen())
    try:
        yield house
    finally:
        ordering.write_eof()
        await listening
        ordering.close()
