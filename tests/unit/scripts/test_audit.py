import pytest

from scripts.audit import UnansweredError, audited, told

CLEAN = {"name": "starlette", "version": "1.10.0", "vulns": []}
SKIPPED = {"name": "reality", "skip_reason": "not found on the index"}
WRONG = {"name": "jinja2", "version": "3.1.5", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1.6"]}]}


def test_a_vulnerability_fails_and_names_what_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert told([CLEAN, WRONG, SKIPPED]) == 1
    assert "jinja2 3.1.5: PYSEC-1, mended in 3.1.6" in capsys.readouterr().out


def test_nothing_found_passes_and_says_how_much_was_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert told([CLEAN, SKIPPED]) == 0
    assert "1 packages audited, 0 vulnerabilities; not audited: 1" in capsys.readouterr().out


def test_an_index_that_knows_nothing_never_looks_like_a_clean_bill() -> None:
    with pytest.raises(UnansweredError):
        audited([SKIPPED])
