"""A process that has loaded the product once and forks real processes of it, each of which may be killed.

A start from nothing takes a second or two, of which a thousand make an hour. What is forked is what `reality` is after
its imports: no connection, no thread, no loop. Only the drivers are watched, so that it can end at a chosen point.

Whoever connects to its socket gives one order a line (JSON: arguments, environment; the files of its log, its point and
its note), and hears of each process that began (`{"pid"}`) or has ended (`{"pid", "status"}`). When they leave, their
processes are ended too.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

from tests.crash import watching_asyncpg, watching_sqlite
from tests.crash.points import Ending

_LOADED: Final = (
    "reality_engine.app.cli.commands", "reality_engine.app.cli.serve", "aiosqlite", "asyncpg",
    "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite", "uvloop", "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on",
)  # fmt: skip


class Nursery:
    """Serves one caller after the other, until nobody holds its standard input any more."""

    def __init__(self, place: str) -> None:
        """Listen on a socket at a path."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(place)
        self._listener.listen()
        self._running: set[int] = set()
        self._waking, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)

    def run(self) -> None:
        """Take callers."""
        while self._listener in select.select([self._listener, sys.stdin], [], [])[0]:
            caller, _ = self._listener.accept()
            with caller, caller.makefile("rwb", buffering=0) as stream:
                self._serve(stream)

    def _serve(self, stream: Any) -> None:
        """Take orders until the caller has left or we are to end."""
        line: bytes | None = None
        while line != b"":
            ready, _, _ = select.select([stream, self._waking, sys.stdin], [], [])
            if self._waking in ready:
                os.read(self._waking, 4096)
                self._bury(stream)
            if stream in ready:
                line = stream.readline()
                if line:
                    self._begin(json.loads(line), stream)
            if sys.stdin in ready:
                break
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._running.clear()

    def _begin(self, order: dict[str, Any], stream: Any) -> None:
        pid = os.fork()
        if pid == 0:
            self._listener.close()
            _become(order)
        self._running.add(pid)
        _tell(stream, {"pid": pid})

    def _bury(self, stream: Any) -> None:
        for pid in sorted(self._running):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._running.remove(pid)
                _tell(stream, {"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _tell(stream: Any, what: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        stream.write(json.dumps(what).encode() + b"\n")


def _become(order: dict[str, Any]) -> NoReturn:
    """Be the process that was ordered, from here to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["environment"])
    ending = Ending(Path(order["point"]), Path(order["note"]))
    watching_sqlite.watch(ending)
    watching_asyncpg.watch(ending)
    os.chdir(Path(order["log"]).parent)
    status: int | str | None = 1
    try:
        import_module("reality_engine.app.cli.commands").run_command(order["arguments"])
    except SystemExit as ended:
        status = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)


def main() -> None:
    """Load the product, and serve."""
    for module in _LOADED:
        import_module(module)
    Nursery(sys.argv[1]).run()


if __name__ == "__main__":
    main()
