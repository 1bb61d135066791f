"""Starts what is measured, each as a process of its own, and ends it; not what is asked of it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import psutil

ROOT: Final = Path(__file__).parents[1]
START_SECONDS: Final = 60
STOP_SECONDS: Final = 15
HOST: Final = "127.0.0.1"
_START: Final = "from reality_engine.app.cli.main import main; main()"  # what the command `reality` does


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers, and how long it took from its start until it did."""

    name: str
    port: int
    process: int
    start_seconds: float

    @property
    def memory_mb(self) -> float:
        """Return its resident memory now."""
        return float(round(psutil.Process(self.process).memory_info().rss / 1e6, 1))

    @property
    def cpu_seconds(self) -> float:
        """Return what it has used of the processors."""
        used = psutil.Process(self.process).cpu_times()
        return float(used.user + used.system)


@contextlib.contextmanager
def echo(folder: Path) -> Iterator[Served]:
    """Serve the bare endpoint with uvicorn, set as the product sets it."""
    with uvicorn("echo", "bench.echo:app", folder) as served:
        yield served


@contextlib.contextmanager
def uvicorn(name: str, app: str, folder: Path) -> Iterator[Served]:
    """Serve an application with uvicorn, set as the product sets it."""
    port = free_port()
    options = ["--host", HOST, "--port", str(port), "--no-access-log", "--no-server-header", "--log-level", "warning"]
    with _process(name, port, ["-m", "uvicorn", app, *options], folder, {}) as served:
        yield served


@contextlib.contextmanager
def reality(name: str, folder: Path, url: str, more: Mapping[str, str] = MappingProxyType({})) -> Iterator[Served]:
    """Serve the product as it is served: everything on, its log lines as JSON into a file."""
    with serving(name, folder, url, more, ["-c", _START]) as served:
        yield served


@contextlib.contextmanager
def stubbed(folder: Path, url: str) -> Iterator[Served]:
    """Serve the product with nothing below acting."""
    with serving("stubbed", folder, url, {}, ["-m", "bench.web.stubbed"]) as served:
        yield served


@contextlib.contextmanager
def serving(name: str, folder: Path, url: str, more: Mapping[str, str], program: list[str]) -> Iterator[Served]:
    """Serve a program that has the commands of the product, with the settings of a measurement."""
    port = free_port()
    settings = {
        "REALITY_DATABASE_URL": url,
        "REALITY_LOG_FORMAT": "json",
        "REALITY_ACCESS_TOKEN_MINUTES": "600",
        "REALITY_BCRYPT_ROUNDS": "4",  # passwords are not measured
        **more,
    }
    command = [*program, "serve", "--host", HOST, "--port", str(port)]
    with _process(name, port, command, folder, settings) as served:
        yield served


def free_port() -> int:
    """Return a port that was free just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _process(
    name: str,
    port: int,
    arguments: list[str],
    folder: Path,
    settings: Mapping[str, str],
) -> Iterator[Served]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("REALITY_")}
    environment = {**kept, **settings, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    began = time.perf_counter()
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own servers
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
        try:
            _wait_until_it_listens(process, port, log)
            yield Served(name, port, process.pid, round(time.perf_counter() - began, 2))
        finally:
            _stop(process)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.01)
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
