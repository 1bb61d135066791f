"""What docs/visibility.md shows of the shipped pack is what that pack says, and what the check says of it."""

import re
from pathlib import Path

import pytest

from reality_engine.packs.loader import compile_source
from reality_engine.packs.problems import PackError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "visibility.md").read_text(encoding="utf-8")
HARBOR = (ROOT / "packs" / "harbor" / "pack.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_examples_are_of_the_pack(block: str) -> None:
    lines = {re.sub(r"\s*#.*", "", line).strip() for line in HARBOR.splitlines()}
    assert [line for line in block.splitlines() if line.strip() not in lines] == []


def test_an_undeclared_flow_is_told_in_these_words() -> None:
    (told,) = re.findall(r"^```text\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    silent = re.sub(r"^ *discloses: \[entity\.stakes\].*\n", "", HARBOR, flags=re.MULTILINE)
    assert silent != HARBOR
    with pytest.raises(PackError) as caught:
        compile_source({"pack.yaml": silent})
    assert [str(problem).partition(" error: ")[2] for problem in caught.value.problems] == [told]
