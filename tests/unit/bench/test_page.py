from pathlib import Path
from typing import Any

import pytest
from bench import page
from bench.summing import judged, summed


def report() -> dict[str, Any]:
    one = {
        "rate": 4000.0, "lowest": 3900.0, "highest": 4100.0, "p50": 1.0, "p95": 2.0, "p99": 3.5, "server_us": 100.0,
        "database_us": 0.0, "generator_share": 0.07,
    }  # fmt: skip
    figures = {"gather_1": {"echo": one, "sqlite": {**one, "rate": 1000.0}}}
    found: dict[str, Any] = {
        "machine": {"cores": 2, "python": "3.11.7"}, "commit": "abc", "notes": ["batch: none yet"], "lives": {},
        "durability": {"sqlite": {"version": "3.40.1"}}, "plan": {"loads": {"rounds": 5, "seconds": 3.0}}, "scale": {},
        "figures": figures, **summed(figures),
    }  # fmt: skip
    return {**found, "aims": judged(found)}


def test_what_is_not_met_is_bold() -> None:
    told = list(page.lines(report()))
    assert "| one client's actions over its requests to the endpoint | at least 0.4 | **0.25** |  |" in told
    assert "* Not measured: batch: none yet." in told


def test_writing_the_page_again_changes_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "performance.md"
    place.write_text(f"Before.\n\n{page.BEGIN}\nold\n{page.END}\n\nAfter.\n")
    monkeypatch.setattr(page, "PAGE", place)
    monkeypatch.setattr(page, "PLOTS", tmp_path / "performance")
    page.write_page(report())
    once = place.read_text()
    page.write_page(report())
    assert place.read_text() == once
    assert once.startswith("Before.\n\n")
    assert once.endswith("\n\nAfter.\n")
    assert "old" not in once
    assert (tmp_path / "performance" / "clients.svg").is_file()


def test_the_page_has_a_place_for_what_is_written() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert text.count(page.BEGIN) == text.count(page.END) == 1
    assert text.index(page.BEGIN) < text.index(page.END)
