"""The lines of README for a shell do what it says, against a demo that was just started."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import REALITY, serving

PAGE = (Path(__file__).parents[2] / "README.md").read_text()
LINES = re.compile(r"<!-- run against the demo -->\n```sh\n(.*?)```", re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="they are lines for curl")
def test_the_lines_of_the_readme_act_in_the_demo(tmp_path: Path) -> None:
    found = LINES.search(PAGE)
    assert found is not None
    with serving(["demo"], tmp_path) as address:
        lines = found[1].replace("http://localhost:8000", address)
        ran = subprocess.run(["bash", "-euc", lines], cwd=tmp_path, capture_output=True, text=True, check=True)
        for_ana, for_gia, *_, with_her_eyes = ran.stdout.split('"The Lanterns"')[1:]
        assert "They sell the Watch its own secrets" not in for_ana
        assert "They sell the Watch its own secrets" in for_gia
        assert "They sell the Watch its own secrets" not in with_her_eyes
        assert "you belong to the group of the faction The Crows" in ran.stdout
        assert '"rule": "allow"' in ran.stdout
        assert ran.stdout.count("Mira Quill moves the plan of The Crows forward by 1") >= 3
        assert ran.stdout.count('"repeated": true') == 1
        assert '"code": "denied"' in ran.stdout


def test_a_second_demo_keeps_everything_and_all_of_it_is_whole(tmp_path: Path) -> None:
    for _ in range(2):
        with serving(["demo"], tmp_path):
            pass
    listed = {"REALITY_DATABASE_URL": f"sqlite:///{tmp_path}/var/demo.db", "REALITY_SECRET_FILE": f"{tmp_path}/secret"}
    ran = subprocess.run([REALITY, "verify"], cwd=tmp_path, env=listed, capture_output=True, text=True, check=True)
    assert len(ran.stdout.splitlines()) == 1
    assert "all whole" in ran.stdout
