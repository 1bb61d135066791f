"""The lines of docs/time-travel.md do what the page says, one part after the other, in a demo that was just started."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.integration.test_pack_lines import answers
from tests.processes import serving
from tests.warm import warm_reality

ROOT: Final = Path(__file__).parents[2]
LINES: Final = re.compile(r"<!-- run against the demo -->\n```sh\n(.*?)```", re.DOTALL)
# Between what one part of the page prints and the next.
MARK: Final = "== next part =="
PLOT: Final = "They mean to buy the lighthouse keeper"
pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="they are lines for curl"
)


def walked(folder: Path) -> list[str]:
    """Run all parts in one shell, and return what each printed."""
    page = (ROOT / "docs" / "time-travel.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "packs" / "harbor", folder / "packs" / "harbor")
    with warm_reality(folder) as commands, serving(["demo"], folder) as address:
        parts = (f"{lines}echo '{MARK}'\n" for lines in LINES.findall(page))
        script = f"PATH={commands}:$PATH\n{''.join(parts)}".replace("http://localhost:8000", address)
        ran = subprocess.run(["bash", "-euc", script], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.split(MARK)


def test_the_walk_through_the_past_leads_where_it_says(tmp_path: Path) -> None:
    _, then, known, changed, undone, refused, fork, proved, taken, upgraded, erased, _ = walked(tmp_path)

    factions, mira, feed, allowed = answers(then)
    assert [one["fields"]["plan"] for one in factions["data"]] == [5, 2]
    assert mira["data"]["fields"]["stress"] == 0
    assert [one["narrative"] for one in feed["data"]] == [
        "Old Tam is in on The customs ledger", "Mira Quill is in on The customs ledger"
    ]  # fmt: skip
    assert {one["action"]: one["allowed"] for one in allowed["data"]} == {"advance_plan": "yes", "set_plot": "no"}

    with_keys_of_now, with_hers_of_then = known.split('"errors"')[:2]
    assert PLOT in with_keys_of_now
    assert PLOT not in with_hers_of_then
    assert "The Crows" in with_hers_of_then

    history, blame, difference = answers(changed)
    assert history["data"][0]["changes"] == [{"field": "coin", "before": 2, "after": 1}]
    assert {one["field"]: one["made_by"]["name"] for one in blame["data"]} == {
        "coin": "advance_plan", "stress": "face_danger"
    }  # fmt: skip
    assert {"field": "plan", "before": 5, "after": 7} in [
        change for one in difference["data"] for change in one["changes"]
    ]

    assert [answer["data"]["events"][0]["changes"][0]["after"] for answer in answers(undone)] == [2, 4]
    (no,) = answers(refused)
    assert no["errors"][0]["code"] == "built_upon"
    assert "Climbs the crane" in no["events"][0]["narrative"]

    in_fork, deleted = answers(fork)
    assert sorted(one["fields"]["plan"] for one in in_fork["data"]) == [2, 5]
    assert deleted["data"]["outcome"] == "accepted"

    assert proved.count("all whole") == 2
    assert "nothing was wrong" in proved
    assert "restored.db is what backup.db was" in taken

    assert "faction.motto added" in upgraded
    now, before = answers(upgraded[upgraded.index("{\n") :])
    assert now["data"]["fields"]["motto"] == "Nobody owns the night"
    assert "motto" not in before["data"]["fields"]

    assert "Old Tam" not in erased
    assert "Mira Quill, of The Crows, steps off the night boat" in erased
    assert erased.count("all whole") == 2
