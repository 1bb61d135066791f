"""Commands of the product as processes of their own, on a free port of this machine; not what they answer."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

REALITY = Path(sys.executable).with_name("reality")
START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(arguments: Sequence[str], folder: Path, **settings: str) -> Iterator[str]:
    """Run a command that serves, in a folder and with nothing set but the port, quick hashing and what is given.

    Gives its address once it is ready.
    """
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REALITY_")}
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [REALITY, *arguments],
            cwd=folder,
            env={
                **kept,
                "REALITY_BCRYPT_ROUNDS": "4",
                "REALITY_RATE_LIMITS": "false",
                **settings,
                "REALITY_PORT": str(port),
            },
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(START_SECONDS)


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")
