"""The lines of docs/packs.md for a shell do what the page says, against a server that was just started."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text()
REALITY = Path(sys.executable).with_name("reality")
START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve an empty database, with nothing set but the port."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REALITY_")}
    with (tmp_path / "serve.log").open("wb") as log:
        server = subprocess.Popen(
            [REALITY, "serve"], cwd=tmp_path, env={**kept, "REALITY_PORT": str(port)}, stdout=log, stderr=log
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(START_SECONDS)


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx2.get(url).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{url} does not answer")


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="they are lines for curl")
def test_the_lines_of_the_first_pack_act_in_a_world(address: str, tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(pack: chores\n.*?)```.*?```bash\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    folder = tmp_path / "chores"
    folder.mkdir()
    (folder / "pack.yaml").write_text(found[1])
    lines = found[2].replace("http://127.0.0.1:8000", address)
    ran = subprocess.run(["bash", "-euc", lines], cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S607
    assert "Ada adds Dishes" in ran.stdout
    assert '"errors":[{' not in ran.stdout
