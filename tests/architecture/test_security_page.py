"""The page on security names tests that are there."""

import re

from tests.architecture.committed import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`tests/([\w/.]+\.py)(?:::(\w+))?`")
ROW = re.compile(r"^\| (?!\|)(?!what)(.+) \|$", re.MULTILINE)


def test_every_test_that_is_named_is_there() -> None:
    missing = [
        f"{path}::{name}"
        for path, name in NAMED.findall(PAGE)
        if not re.search(rf"^(async )?def {name or 'test_'}", (ROOT / "tests" / path).read_text("utf-8"), re.MULTILINE)
    ]
    assert not missing


def test_every_line_names_a_test() -> None:
    rows = [row for row in ROW.findall(PAGE) if not row.startswith(("|", "-"))]
    assert len(rows) > 40
    assert not [row for row in rows if not NAMED.search(row)]
