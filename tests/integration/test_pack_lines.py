"""The lines for a shell on the pages of shipped packs show what the pages say, against a server just started."""

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
pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="they are lines for curl"
)


def answers(text: str) -> list[Any]:
    """Return the answers that stand one after the other, as curl prints them."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        answer, end = decoder.raw_decode(text)
        found.append(answer)
        text = text[end:]
    return found


def told(pack: str, folder: Path) -> list[Any]:
    """Run the lines of a pack's page, and return what the server answered to those that show it."""
    lines = LINES.search((ROOT / "packs" / pack / "README.md").read_text())
    assert lines is not None
    with serving(["serve"], folder) as address:
        script = lines[1].replace("http://127.0.0.1:8000", address)
        ran = subprocess.run(["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return answers(ran.stdout)


def refusals(answered: list[Any]) -> list[str]:
    return [error["message"] for each in answered for error in each["errors"]]


def test_the_lines_of_the_workspace_show_and_hide_what_they_say(tmp_path: Path) -> None:
    answered = told("cortex", tmp_path)
    for_cleo, for_ada, found, feed, links = (each["data"] for each in answered if isinstance(each["data"], list))
    assert (for_cleo, for_ada) == ([], [])
    assert "Launch" in [one["fields"].get("title") for one in found]
    assert feed[0]["narrative"] == "Bo takes Launch away"
    assert ["task" in link["fields"] for link in links] == [True]
    assert refusals(answered) == [
        "Launch has parts that are not done",
        "there is no such entity in this world",
        "Run is done for today",
    ]


def test_the_lines_of_the_commons_show_and_hide_what_they_say(tmp_path: Path) -> None:
    answered = told("commons", tmp_path)
    patches, feed = (each for each in answered if isinstance(each["data"], list))
    assert patches["meta"]["total"] == 303
    assert feed["data"][0]["narrative"] == "The Landing: 3 at 5"
    for_bo, for_ora, reed, offer, grown = (
        each["data"]["fields"] for each in answered if isinstance(each["data"], dict) and "fields" in each["data"]
    )
    assert for_bo["stock"] == 490
    assert for_ora == for_bo | {"growth": 0.4, "pressure": 10}
    assert reed["name"] == "Reed-bot"
    assert not {"store", "coin"} & set(reed)
    assert (offer["amount"], "trader" in offer) == (8, False)
    assert grown["stock"] == 570
    assert refusals(answered) == ["The Otters take no more than 5 at once", "There are only 5 to be had"]
