"""Gives each test a database of its own, as the migrations build it; not the server below, which is `tests.postgres`.

The processes of one run share a folder. Whoever is first to need a PostgreSQL starts it there; whoever is first to
need a migrated database makes the template, which then is copied for each test.
"""

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import asyncpg

from reality_engine.db import migrate
from tests.postgres import START_SECONDS, STOP_SECONDS, Server

DIALECTS: Final = ("sqlite", "postgresql")
ROOT: Final = Path(__file__).parents[1]  # where `tests` can be imported, wherever a test has gone
TEMPLATE: Final = "template_migrated"


class Databases:
    """The databases of one run of the tests, as one of its processes sees them."""

    def __init__(self, shared: Path, owner: int) -> None:
        """`shared` is the folder of this run; `owner` the process without which the run is over."""
        self._shared = shared
        self._owner = owner

    @property
    def address(self) -> dict[str, str | int]:
        """What another process needs to see the same databases."""
        return {"folder": str(self._shared), "owner": self._owner}

    @contextlib.contextmanager
    def fresh(self, dialect: str, *, migrated: bool) -> Iterator[str]:
        """A database that nobody else knows, as a URL; gone when the block ends."""
        name = f"test_{uuid4().hex}"
        if dialect == "sqlite":
            with self._sqlite(name, migrated=migrated) as url:
                yield url
        else:
            with self._postgres(name, migrated=migrated) as url:
                yield url

    @contextlib.contextmanager
    def _sqlite(self, name: str, *, migrated: bool) -> Iterator[str]:
        folder = self._shared / name
        folder.mkdir()
        if migrated:
            shutil.copyfile(self._sqlite_template(), folder / "reality.db")
        yield f"sqlite+aiosqlite:///{folder / 'reality.db'}"
        shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _postgres(self, name: str, *, migrated: bool) -> Iterator[str]:
        server = self.server()
        template = self._postgres_template(server) if migrated else "template0"
        # Copying the files is quicker than the default, which writes each page to the log, where nobody syncs.
        _execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        try:
            yield server.url(name)
        finally:
            _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')

    def server(self) -> Server:
        """The PostgreSQL of this run, started by whoever asks first; stops at `stop`, or when the owner is gone."""
        port = self._shared / "postgres.port"
        with self._lock("postgres"):
            if not port.exists():
                self._start(port)
        return Server(int(port.read_text()))

    def stop(self) -> None:
        """Stop the server, if there is one, and wait until it has tidied up."""
        keeper = self._shared / "postgres.keeper"
        if keeper.exists():
            pid = int(keeper.read_text())
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + STOP_SECONDS
            while _running(pid) and time.monotonic() < end:
                time.sleep(0.02)

    def _start(self, port: Path) -> None:
        log = self._shared / "postgres.log"
        command = [sys.executable, "-m", "tests.postgres", "--owner", str(self._owner), "--port-file", str(port)]
        with log.open("wb") as output:
            keeper = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
        keeper.returncode = 0  # it outlives us on purpose: do not warn when this object goes
        (self._shared / "postgres.keeper").write_text(str(keeper.pid))
        end = time.monotonic() + START_SECONDS
        while not port.exists():
            if time.monotonic() > end or not _running(keeper.pid):
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def _sqlite_template(self) -> Path:
        template = self._shared / "template.db"
        with self._lock("sqlite-template"):
            if not template.exists():
                draft = template.with_suffix(".draft")
                migrate.upgrade(f"sqlite+aiosqlite:///{draft}")
                draft.rename(template)
        return template

    def _postgres_template(self, server: Server) -> str:
        made = self._shared / "postgres.template"
        with self._lock("postgres-template"):
            if not made.exists():
                _execute(server, f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
                migrate.upgrade(server.url(TEMPLATE))
                made.touch()
        return TEMPLATE

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        with (self._shared / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _execute(server: Server, statement: str) -> None:
    """Run one statement that may not stand in a transaction."""

    async def execute() -> None:
        connection = await asyncpg.connect(server.url().replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute())


def _running(pid: int) -> bool:
    """Whether the process still runs; one of our own that has ended is laid to rest."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
