"""The command `reality` for scripts that call it many times: each call is a process of its own, forked off a warm one.

To load what commands need takes longer than most of them take; here that is done once.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final

_PIECE: Final = 65_536
# What the script calls: it hands on its arguments, folder, environment and streams, and ends as the command does.
_CALLER: Final = """\
#!{python} -SE
import os, socket, sys
with socket.socket(socket.AF_UNIX) as warm:
    warm.connect({address!r})
    told = [str(len(sys.argv)), *sys.argv, os.getcwd(), *(f"{{name}}={{value}}" for name, value in os.environ.items())]
    socket.send_fds(warm, [b"!"], [0, 1, 2])
    warm.sendall(chr(0).join(told).encode("utf-8", "surrogateescape"))
    warm.shutdown(socket.SHUT_WR)
    sys.exit(int(warm.recv(4) or b"1"))
"""


@contextmanager
def warm_reality(folder: Path) -> Iterator[Path]:
    """Give a folder with a `reality` in it, to stand first in PATH, for as long as the block lasts."""
    place = folder / "warm"
    place.mkdir()
    address = str(place / "socket")
    command = place / "reality"
    command.write_text(_CALLER.format(python=sys.executable, address=address))
    command.chmod(0o755)
    with subprocess.Popen([sys.executable, "-m", "tests.warm", address], stdout=subprocess.PIPE) as warm:
        try:
            assert warm.stdout is not None
            assert warm.stdout.readline() == b"warm\n"
            yield place
        finally:
            warm.terminate()


def _serve(address: str) -> None:
    run_command = import_module("reality_engine.app.cli.commands").run_command
    import_module("reality_engine.app.bootstrap")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        sys.stdout.write("warm\n")
        sys.stdout.flush()
        while True:
            caller, _ = listener.accept()
            with caller:
                _answer(caller, run_command)


def _answer(caller: socket.socket, run_command: "object") -> None:
    _, streams, _, _ = socket.recv_fds(caller, 1, 3)
    told = b"".join(iter(lambda: caller.recv(_PIECE), b"")).decode("utf-8", "surrogateescape")
    child = os.fork()
    if child == 0:
        _become(told.split("\0"), streams)
        assert callable(run_command)
        run_command()
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    caller.sendall(b"%d" % os.waitstatus_to_exitcode(status))


def _become(told: list[str], streams: list[int]) -> None:
    end = 1 + int(told[0])
    sys.argv = told[1:end]
    os.chdir(told[end])
    os.environ.clear()
    for one in told[end + 1 :]:
        name, _, value = one.partition("=")
        os.environ[name] = value
    for number, stream in enumerate(streams):
        os.dup2(stream, number)


if __name__ == "__main__":
    _serve(sys.argv[1])
