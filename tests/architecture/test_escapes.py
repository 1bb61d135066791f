"""The marks by which code asks a check to look away: their numbers may only fall.

Whoever takes marks away lowers the number here, so that it cannot rise again.
"""

import re

import pytest

from tests.architecture.committed import ROOT, committed_files

NOQA = re.compile(r"#\s*noqa\b")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore\b")
PYTHON = [path.read_text(encoding="utf-8") for path in committed_files() if path.suffix == ".py"]


@pytest.mark.parametrize(("mark", "at_most"), [(NOQA, 30), (TYPE_IGNORE, 16)])
def test_they_only_become_fewer(mark: re.Pattern[str], at_most: int) -> None:
    found = sum(len(mark.findall(text)) for text in PYTHON)
    assert found <= at_most, (
        "mend what the check found; or, for a good reason, raise the number in a commit that says it"
    )


def test_no_check_is_turned_off_for_a_whole_file() -> None:
    whole = re.compile(r"^#\s*(ruff:\s*noqa|mypy:\s*ignore-errors|type:\s*ignore)", re.MULTILINE)
    assert not [
        str(path.relative_to(ROOT))
        for path in committed_files()
        if path.suffix == ".py" and whole.search(path.read_text())
    ]
