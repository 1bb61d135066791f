"""The lines of packs/cortex/README.md for a shell show what the page says, against a server that was just started."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.processes import serving

ROOT = Path(__file__).parents[2]
LINES = re.compile(r"<!-- run against a server -->\n```sh\n(.*?)```", re.DOTALL)


def answers(text: str) -> list[Any]:
    """Return the answers that stand one after the other, as curl prints them."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        answer, end = decoder.raw_decode(text)
        found.append(answer)
        text = text[end:]
    return found


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="they are lines for curl")
def test_the_lines_of_the_workspace_show_and_hide_what_they_say(tmp_path: Path) -> None:
    lines = LINES.search((ROOT / "packs" / "cortex" / "README.md").read_text())
    assert lines is not None
    with serving(["serve"], tmp_path) as address:
        script = lines[1].replace("http://127.0.0.1:8000", address)
        ran = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, check=True)
    told = answers(ran.stdout)
    for_cleo, for_ada, found, feed, links = (each["data"] for each in told if isinstance(each["data"], list))
    assert (for_cleo, for_ada) == ([], [])
    assert "Launch" in [one["fields"].get("title") for one in found]
    assert feed[0]["narrative"] == "Bo takes Launch away"
    assert ["task" in link["fields"] for link in links] == [True]
    assert [error["message"] for each in told for error in each["errors"]] == [
        "Launch has parts that are not done",
        "there is no such entity in this world",
        "Run is done for today",
    ]
