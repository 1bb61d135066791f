"""Starts what is measured, each as a process of its own, and ends it; not what is asked of it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
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
    """A server that answers, by its processes and ports, and how long it took from its start to the first answer.

    `database` are the processes of the database that it uses, where they are others.
    """

    name: str
    ports: tuple[int, ...]
    processes: tuple[int, ...]
    start_seconds: float
    database: tuple[int, ...] = ()

    @property
    def port(self) -> int:
        """Return the first port."""
        return self.ports[0]

    @property
    def memory_mb(self) -> float:
        """Return the resident memory of its processes, and of those that they started, now."""
        own = [psutil.Process(one) for one in self.processes]
        every = [*own, *(child for one in own for child in one.children(recursive=True))]
        return float(round(sum(one.memory_info().rss for one in every) / 1e6, 1))

    def beside(self, database: int) -> "Served":
        """Return it with the process of its database, whose children count as well."""
        return replace(self, database=(database,))


def together(name: str, served: Sequence[Served]) -> Served:
    """Return several servers as one, whose clients are dealt out between them in turn."""
    ports = tuple(port for one in served for port in one.ports)
    processes = tuple(process for one in served for process in one.processes)
    return Served(name, ports, processes, max(one.start_seconds for one in served), served[0].database)


def echo(folder: Path) -> AbstractContextManager[Served]:
    """Serve the bare endpoint."""
    return uvicorn("echo", "bench.echo:app", folder, {})


@contextlib.contextmanager
def uvicorn(name: str, app: str, folder: Path, settings: Mapping[str, str]) -> Iterator[Served]:
    """Serve an application with uvicorn, set as the product sets it; it writes no log lines."""
    port = free_port()
    options = ["--host", HOST, "--port", str(port), "--no-access-log", "--no-server-header", "--log-level", "warning"]
    with _process(name, port, ["-m", "uvicorn", app, *options], folder, settings) as served:
        yield served


def reality(
    name: str, folder: Path, url: str, more: Mapping[str, str] = MappingProxyType({}), options: Sequence[str] = ()
) -> AbstractContextManager[Served]:
    """Serve the product as it is served: everything on, its log lines as JSON into a file."""
    return serving(name, folder, url, more, ["-c", _START], options)


@contextlib.contextmanager
def stubbed(folder: Path, url: str) -> Iterator[Served]:
    """Serve the product with nothing below acting."""
    with serving("stubbed", folder, url, {}, ["-m", "bench.web.stubbed"]) as served:
        yield served


@contextlib.contextmanager
def serving(
    name: str, folder: Path, url: str, more: Mapping[str, str], program: Sequence[str], options: Sequence[str] = ()
) -> Iterator[Served]:
    """Serve a program that has the commands of the product, with the settings of a measurement."""
    port = free_port()
    settings = {
        "REALITY_DATABASE_URL": url,
        "REALITY_LOG_FORMAT": "json",
        "REALITY_ACCESS_TOKEN_MINUTES": "600",
        "REALITY_BCRYPT_ROUNDS": "4",  # passwords are not measured
        # Counted as always, and never refused.
        **{f"REALITY_RATE_{name}": "900000000/minute" for name in ("ANONYMOUS", "READS", "WRITES", "SIGN_IN")},
        **more,
    }
    command = [*program, "serve", "--host", HOST, "--port", str(port), *options]
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
    began = time.perf_counter()
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own servers
            [sys.executable, *arguments],
            cwd=folder,
            env=_environment(settings),
            stdout=output,
            stderr=output,
        )
        try:
            _wait_until_it_answers(process, port, log)
            yield Served(name, (port,), (process.pid,), round(time.perf_counter() - began, 2))
        finally:
            _stop(process)


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    # A server that is installed has its bytecode beside it: else each start would compile everything again.
    dropped = ("REALITY_", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**kept, **settings, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError, HTTPException):
            connection = HTTPConnection(HOST, port, timeout=START_SECONDS)
            connection.request("GET", "/readyz")
            connection.getresponse().read()  # that there is no such page is an answer too
            connection.close()
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
