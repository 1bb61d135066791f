"""Several processes that serve one address: starts them, replaces who dies, ends all; not what each of them does."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.connection import Connection
from socket import socket
from types import FrameType
from typing import TYPE_CHECKING, Final, TypeAlias

from reality_engine.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

_SPAWN: Final = multiprocessing.get_context("spawn")
# Serves on a socket until SIGTERM, and calls once it does.
Work: TypeAlias = Callable[[socket, Callable[[], None]], None]

logger = logging.getLogger(__name__)


class Workers:
    """One process for each listening socket, until a signal comes or one of them cannot start."""

    def __init__(self, work: Work, listeners: Sequence[socket], stop_seconds: float) -> None:
        """`work` can be pickled; who takes longer than so many seconds to stop is killed."""
        self._work = work
        self._listeners = listeners
        self._stop_seconds = stop_seconds
        self._running: dict[SpawnProcess, tuple[socket, Connection]] = {}
        # A signal's handler may only write to it, and whoever waits for processes can wait for it too.
        self._told, self._tell = os.pipe()

    def run(self) -> None:
        """Serve; raises UnavailableError where a process ended before it served, since any other would end so too."""
        with self._signalled():
            try:
                for listener in self._listeners:
                    self._start(listener)
                while self._told not in connection.wait([self._told, *(one.sentinel for one in self._running)]):
                    self._replace()
            finally:
                self._stop()

    def _start(self, listener: socket) -> None:
        serving, served = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_begin, args=(self._work, listener, served))
        # A process begins with what is blocked here: Ctrl-C reaches all of a terminal, but is this one's to handle.
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            served.close()
        self._running[process] = (listener, serving)

    def _replace(self) -> None:
        for process, (listener, serving) in list(self._running.items()):
            if process.exitcode is None:
                continue
            del self._running[process]
            what = f"worker {process.pid} ended with {process.exitcode}"
            if not _said(serving):
                raise UnavailableError(f"{what} before it served", hint="its own lines say why")
            logger.error("%s; another takes its place", what)
            self._start(listener)

    def _stop(self) -> None:
        for process in self._running:
            process.terminate()
        end = time.monotonic() + self._stop_seconds
        for process in self._running:
            process.join(max(0.0, end - time.monotonic()))
            if process.exitcode is None:
                logger.error("worker %s does not stop, and is killed", process.pid)
                process.kill()
                process.join()

    @contextmanager
    def _signalled(self) -> Iterator[None]:
        def told(_number: int, _frame: FrameType | None) -> None:
            os.write(self._tell, b"!")

        before = {number: signal.signal(number, told) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(self._tell)
            os.close(self._told)


def _said(serving: Connection) -> bool:
    with serving:
        try:
            return bool(serving.recv_bytes())
        except EOFError:
            return False


def _begin(work: Work, listener: socket, served: Connection) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    work(listener, lambda: served.send_bytes(b"!"))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
