"""The lines of docs/packs.md for a shell do what the page says, against a server that was just started."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import serving

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Serve an empty database, with nothing set but the port."""
    with serving(["serve"], tmp_path) as address:
        yield address


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="they are lines for curl")
def test_the_lines_of_the_first_pack_act_in_a_world(address: str, tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(pack: chores\n.*?)```.*?```bash\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    folder = tmp_path / "chores"
    folder.mkdir()
    (folder / "pack.yaml").write_text(found[1])
    lines = found[2].replace("http://127.0.0.1:8000", address)
    ran = subprocess.run(["bash", "-euc", lines], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Ada adds Dishes" in ran.stdout
    assert '"errors":[{' not in ran.stdout
