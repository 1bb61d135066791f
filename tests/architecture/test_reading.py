"""No read of a world can be written that goes round the scopes: here it is tried."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WAYS_ROUND = {
    "reads/planted.py": "from reality_engine.state.models import FacetRow\n\nTABLE = FacetRow\n",
    "actions/planted.py": "from reality_engine.visibility.models import EventFacetRow\n\nTABLE = EventFacetRow\n",
    "worlds/planted.py": "from reality_engine.eventlog import models\n\nTABLE = models.EventRow\n",
    "members/planted.py": "from reality_engine.state.repository import referring\n\nREAD = referring\n",
    "reads/whole.py": "from reality_engine.state import repository\n\nREAD = repository.found\n",
}


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / ".importlinter", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_a_read_that_goes_round_the_scopes_breaks_a_contract(copy: Path) -> None:
    assert contracts(copy).returncode == 0
    for name, source in WAYS_ROUND.items():
        (copy / "src/reality_engine" / name).write_text(source, encoding="utf-8")
    answer = contracts(copy)
    assert answer.returncode == 1
    for name in WAYS_ROUND:
        module = f"reality_engine.{name.removesuffix('.py').replace('/', '.')}"
        assert module in answer.stdout, f"{module} may read what it should not:\n{answer.stdout}"
