"""Each line of mistakes.jsonl is a mistake made in the workshop example, where `old` becomes `new`.

The one problem stands where `at` begins in the changed source, has this code, and says `says` and `hint`.
"""

import json
from pathlib import Path

import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError

EXAMPLES = Path(__file__).parent / "examples"
WORKSHOP = (EXAMPLES / "workshop.yaml").read_text()
MISTAKES = [json.loads(line) for line in (EXAMPLES / "mistakes.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["name"])
def test_a_mistake_is_told_once_with_its_place_and_what_to_do(mistake: dict[str, str]) -> None:
    assert mistake["old"] in WORKSHOP, "the example no longer has what the mistake replaces"
    source = WORKSHOP.replace(mistake["old"], mistake["new"], 1)
    with pytest.raises(PackError) as raised:
        compile_source({"pack.yaml": source})
    told = str(raised.value)
    assert len(raised.value.problems) == 1, told
    problem = raised.value.problems[0]
    assert problem.code == mistake["code"], told
    assert mistake["says"] in problem.message, told
    assert mistake["hint"] in f"{problem.message} {problem.hint}", told
    lines = source.split("\n")
    rest = "\n".join([lines[problem.place.line - 1][problem.place.column - 1 :], *lines[problem.place.line :]])
    assert rest.startswith(mistake["at"]), f"{told}\nis at {rest[:40]!r}"


def test_there_are_many_mistakes() -> None:
    assert len({mistake["name"] for mistake in MISTAKES}) == len(MISTAKES) > 100
