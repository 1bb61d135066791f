"""The proof finds what it is there to find: leaks that are planted in the real engine, one at a time."""

import pytest

from tests.properties.leaks.every import LEAKS
from tests.properties.proving import proved

# What the slowest of them takes is far less.
CASES = 600
# By the usual seed it takes several hundred cases until what is hidden happens to be filtered by.
SEEDS = {"a_filter_reads_hidden_fields": "a"}
# The ways in which systems have told what they hide; each has a leak, and those of the first line one at each run.
SORTS = {
    "filter", "sort", "count", "cursor", "ETag", "error text", "uniqueness", "narrative", "envelope", "group",
    "search", "search rank", "revision", "hidden cause", "hidden target", "explanation", "conflict",
    "history", "diff",
}  # fmt: skip
OFTEN = {
    "filter", "sort", "count", "cursor", "ETag", "error text", "uniqueness", "narrative", "envelope", "group",
    "history", "diff",
}  # fmt: skip


def test_each_way_to_leak_has_a_leak() -> None:
    assert {one.sort for one in LEAKS.values()} >= SORTS
    assert {one.sort for one in LEAKS.values() if one.often} >= OFTEN


@pytest.mark.parametrize("name", LEAKS)
async def test_it_finds(
    name: str, database_url: str, dialect: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = LEAKS[name]
    if not pytestconfig.getoption("--nightly") and (dialect != "sqlite" or not planted.often):
        pytest.skip("with --nightly")
    planted.bury(monkeypatch)
    found = await proved(database_url, planted.files, CASES, SEEDS.get(name, "ci"), shrinking=0)
    assert found.leak is not None
