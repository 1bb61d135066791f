"""Profiles one kind of request on SQLite, in this process: where its time goes; for rates see `bench` itself.

Run as `python -m bench.profiling [spread|hot|feed|list] [CLIENTS]`. What writes to SQLite is another thread, and left
out, as is what reads requests from the network.
"""

import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from pydantic import SecretStr
from sqlalchemy import Engine, event

from bench.commons import Settlers, World
from bench.servers import reality
from reality_engine.app.api import create_app
from reality_engine.app.logging import configure_logging
from reality_engine.app.settings import Settings

REQUESTS: Final = 1_024
SHOWN: Final = 25
_SECRET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"  # noqa: S105 - of a database that is thrown away


class Statements:
    """Counts the statements that are sent, and the time until each is answered."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count what any engine does meanwhile."""
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", self._before)
            event.remove(Engine, "after_cursor_execute", self._after)

    def _before(self, connection: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def _after(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        text = " ".join(statement.split())
        self.count[text] += 1
        self.seconds[text] += time.perf_counter() - connection.info["began"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, taken apart as a server hands it to the application."""

    scope: dict[str, Any]
    body: bytes

    @classmethod
    def of(cls, text: str) -> Self:
        """Take a request apart that is written out."""
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        headers = [(name.lower().encode(), value.encode()) for name, value in (line.split(": ", 1) for line in lines)]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        return cls(scope, body.encode())

    async def ask(self, app: Any) -> None:
        """Have it answered; raises RuntimeError where that is no success."""
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": self.body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            told.append(message)

        await app({**self.scope, "state": {}}, receive, send)
        if told[0]["status"] >= 300:
            raise RuntimeError(str(told))


async def profile(url: str, world: World, what: str, clients: int) -> tuple[pstats.Stats, Statements, float]:
    """Do the requests, so many at a time; return profile, statements, and the processor's ms of one, unprofiled."""
    settings = Settings(_env_file=None, database_url=url, secret_key=SecretStr(_SECRET), log_level="error")
    configure_logging(settings)
    app = create_app(settings)
    asked = [Request.of(getattr(world, what)(number)) for number in range(clients)]

    async def ask_all() -> None:
        for _ in range(REQUESTS // clients):
            await asyncio.gather(*(one.ask(app) for one in asked))

    profiler, statements = cProfile.Profile(), Statements()
    async with app.router.lifespan_context(app):
        await ask_all()
        began = time.process_time()
        await ask_all()
        spent = (time.process_time() - began) * 1000 / REQUESTS
        with statements.watched():
            await ask_all()
        profiler.enable()
        await ask_all()
        profiler.disable()
    return pstats.Stats(profiler), statements, spent


def lines_of(stats: pstats.Stats, statements: Statements, spent: float) -> Iterator[str]:
    """Yield what is worth knowing, all of it per request."""
    yield f"{spent:.3f} ms of the processor, unprofiled; all below is one request's share"
    sent = sum(statements.count.values()) / REQUESTS
    took = sum(statements.seconds.values()) / REQUESTS * 1000
    yield f"\n{sent:.1f} statements by SQLAlchemy, {took:.2f} ms from sending to answer"
    for text, seconds in sorted(statements.seconds.items(), key=lambda item: -item[1])[:SHOWN]:
        yield f"  {statements.count[text] / REQUESTS:5.2f} x {seconds / REQUESTS * 1000:6.2f} ms  {text[:150]}"
    rows: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    for title, column in (("itself", 2), ("with what it calls", 3)):
        yield f"\nprofiled, by time {title}: calls, ms"
        for (file, line, name), found in sorted(rows.items(), key=lambda item: -item[1][column])[: SHOWN * 2]:
            where = "/".join(Path(file).parts[-2:])
            yield f"  {found[1] / REQUESTS:8.1f} {found[column] / REQUESTS * 1000:7.3f}  {where}:{line} {name}"


def main() -> None:
    """Make a world through a real server, then profile requests to it in this process."""
    what = sys.argv[1] if len(sys.argv) > 1 else "spread"
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    with tempfile.TemporaryDirectory(prefix="reality-bench-") as name:
        url = f"sqlite:///{name}/reality.db"
        secret = {"REALITY_SECRET_KEY": _SECRET}
        with reality("sqlite", Path(name), url, secret) as served:
            world = Settlers(served.port, users=clients).world()
        for line in lines_of(*asyncio.run(profile(url, world, what, clients))):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
