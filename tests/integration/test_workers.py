"""`reality serve --workers`: real processes that share an address, one of which dies, and all of which end."""

import contextlib
import http.client
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.integration.test_serve import REALITY, SECONDS, environment, served

CONNECTIONS = 40
only_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


def workers_of(process: "subprocess.Popen[str]", address: str) -> list[psutil.Process]:
    """Return the processes that hold a socket on the address, but for the one that started them."""
    port = urlsplit(address).port
    found = []
    for one in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if any(held.laddr.port == port for held in one.net_connections("tcp") if held.status == "LISTEN"):
                found.append(one)
    return found


@contextlib.contextmanager
def connected(address: str) -> Iterator[None]:
    """Ask over many connections, and leave them open."""
    parts = urlsplit(address)
    with contextlib.ExitStack() as opened:
        for _ in range(CONNECTIONS):
            one = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
            opened.callback(one.close)
            one.request("GET", "/livez")
            answer = one.getresponse()
            answer.read()
            assert answer.status == 200
        yield


def serving(worker: psutil.Process, address: str) -> bool:
    """Say whether a process has a connection on the address."""
    port = urlsplit(address).port
    return any(one.laddr.port == port for one in worker.net_connections("tcp") if one.status == "ESTABLISHED")


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@only_postgresql
def test_both_answer_one_that_dies_is_replaced_and_ctrl_c_ends_all(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path, WORKERS="2", LOG_FORMAT="json") as (process, address):
        with connected(address):
            first = workers_of(process, address)
            assert len(first) == 2
            assert all(serving(one, address) for one in first)
        first[0].kill()
        eventually(lambda: len(set(workers_of(process, address)) - {first[0]}) == 2)
        with connected(address):
            second = workers_of(process, address)
            assert all(serving(one, address) for one in second)
        assert first[1] in second
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "another takes its place" in said
    assert "Traceback" not in said
    assert not any(one.is_running() for one in (*first, *second))


@only_postgresql
def test_they_end_with_the_process_that_started_them(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path, WORKERS="2") as (process, address):
        with connected(address):
            workers = workers_of(process, address)
        process.kill()
        process.wait(SECONDS)
        eventually(lambda: not any(one.is_running() for one in workers))


@only_postgresql
def test_if_one_cannot_start_all_end_with_an_error(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path, WORKERS="2") as (process, address):
        eventually(lambda: bool(workers_of(process, address)))
        workers_of(process, address)[0].kill()  # it is still loading
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "before it served" in said


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_on_sqlite_there_is_one(database_url: str, tmp_path: Path) -> None:
    command = [str(REALITY), "serve", "--port", "0", "--workers", "2"]
    done = subprocess.run(
        command,
        env=environment(database_url),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr
