"""Profiles one kind of request on SQLite, in this process: where its time goes; for rates see `bench` itself.

Run as `python -m bench.profiling [spread|feed|list]`.
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
from pathlib import Path
from typing import Any, Final

import httpx2
from pydantic import SecretStr
from sqlalchemy import Engine, event

from bench.commons import Settlers, World
from bench.servers import reality
from reality_engine.app.api import create_app
from reality_engine.app.logging import configure_logging
from reality_engine.app.settings import Settings

REQUESTS: Final = 200
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


def requests_of(world: World, what: str) -> list[tuple[str, str, dict[str, str], str]]:
    """Return one request of each player, taken apart for a client in this process."""
    texts = [getattr(world, what)(number) for number in range(len(world.gatherers))]
    found = []
    for text in texts:
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines if not line.startswith("Content-Length"))
        found.append((method, path, headers, body))
    return found


async def profile(url: str, world: World, what: str) -> tuple[pstats.Stats, Statements, list[float]]:
    """Do the requests one after the other; the first ones are not counted."""
    settings = Settings(_env_file=None, database_url=url, secret_key=SecretStr(_SECRET), log_level="error")
    configure_logging(settings)
    app = create_app(settings)
    asked, plain = requests_of(world, what), []
    profiler, statements = cProfile.Profile(), Statements()
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://bench") as client:

        async def ask(number: int) -> None:
            method, path, headers, body = asked[number % len(asked)]
            answer = await client.request(method, path, headers=headers, content=body)
            answer.raise_for_status()

        for number in range(REQUESTS):
            began = time.perf_counter()
            await ask(number)
            plain.append((time.perf_counter() - began) * 1000)
        with statements.watched():
            for number in range(REQUESTS):
                await ask(number)
        profiler.enable()
        for number in range(REQUESTS):
            await ask(number)
        profiler.disable()
    return pstats.Stats(profiler), statements, plain


def lines_of(stats: pstats.Stats, statements: Statements, plain: list[float]) -> Iterator[str]:
    """Yield what is worth knowing, all of it per request."""
    yield f"median {sorted(plain)[len(plain) // 2]:.2f} ms unprofiled; all below is one request's share"
    sent = sum(statements.count.values()) / REQUESTS
    spent = sum(statements.seconds.values()) / REQUESTS * 1000
    yield f"\n{sent:.1f} statements, {spent:.2f} ms from sending to answer"
    for text, seconds in sorted(statements.seconds.items(), key=lambda item: -item[1])[:SHOWN]:
        yield f"  {statements.count[text] / REQUESTS:5.2f} x {seconds / REQUESTS * 1000:6.2f} ms  {text[:150]}"
    rows: dict[Any, Any] = stats.stats  # type: ignore[attr-defined]
    for title, column in (("itself", 2), ("with what it calls", 3)):
        yield f"\nprofiled, by time {title}: calls, ms"
        for (file, line, name), found in sorted(rows.items(), key=lambda item: -item[1][column])[: SHOWN * 2]:
            where = "/".join(Path(file).parts[-2:])
            yield f"  {found[1] / REQUESTS:8.1f} {found[column] / REQUESTS * 1000:7.2f}  {where}:{line} {name}"


def main() -> None:
    """Make a world through a real server, then profile requests to it in this process."""
    what = sys.argv[1] if len(sys.argv) > 1 else "spread"
    with tempfile.TemporaryDirectory(prefix="reality-bench-") as name:
        url = f"sqlite:///{name}/reality.db"
        secret = {"REALITY_SECRET_KEY": _SECRET}
        with reality("sqlite", Path(name), url, secret) as served:
            world = Settlers(served.port, users=4).world()
        for line in lines_of(*asyncio.run(profile(url, world, what))):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
