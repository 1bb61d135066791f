"""`reality serve` as a process of its own: it says where it is, answers, logs, and stops in good order."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.serving import SECRET

REALITY = Path(sys.executable).with_name("reality")
SECONDS = 60


def environment(url: str, **chosen: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REALITY_")}
    settings = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "BCRYPT_ROUNDS": "4", "RATE_LIMITS": "false", **chosen}
    return {**kept, **{f"REALITY_{name}": value for name, value in settings.items()}}


@contextmanager
def served(url: str, folder: Path, **chosen: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address."""
    command = [str(REALITY), "serve", "--port", "0"]
    with subprocess.Popen(
        command,
        env=environment(url, **chosen),
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process, _address(process)
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r"serves (http://localhost:\d+)", line)
        if found:
            return found[1]
    pytest.fail("".join(said))


def test_it_makes_its_database_answers_and_stops_at_ctrl_c(empty_database_url: str, tmp_path: Path) -> None:
    with served(empty_database_url, tmp_path, LOG_FORMAT="json") as (process, address):
        ready = httpx2.get(f"{address}/readyz", headers={"X-Request-ID": "r-1"}, timeout=SECONDS)
        odd = httpx2.get(f"{address}/readyz?password=hunter2", timeout=SECONDS)
        refused = httpx2.get(f"{address}/api/v1/packs", timeout=SECONDS)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
    assert (ready.status_code, odd.status_code, refused.status_code, process.returncode) == (200, 422, 401, 0)
    assert "server" not in ready.headers
    entries = [json.loads(line) for line in said.splitlines()]
    first = entries[0]
    assert (first["method"], first["path"], first["status"], first["request_id"]) == ("GET", "/readyz", 200, "r-1")
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_sigterm_stops_it_too(database_url: str, tmp_path: Path) -> None:
    with served(database_url, tmp_path) as (process, address):
        assert httpx2.get(f"{address}/livez", timeout=SECONDS).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in said


def test_ctrl_c_while_it_loads_ends_it_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    # A job in the background of a shell ignores it, and so would what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        done = subprocess.run(
            [str(REALITY), "serve"], env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")
