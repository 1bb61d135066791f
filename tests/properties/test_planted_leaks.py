"""The proof finds what it is there to find: leaks that are planted in the real engine, one at a time."""

import pytest

from tests.properties.leaks import LEAKS, RARE
from tests.properties.proving import files_of, proved

# What the slowest of them takes is far less.
CASES = 600
# One in three, and on one database, unless it is night: each takes some seconds.
QUICK = list(LEAKS)[::3]


@pytest.mark.parametrize("name", LEAKS)
async def test_it_finds(
    name: str, database_url: str, dialect: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not pytestconfig.getoption("--nightly") and (dialect != "sqlite" or name not in QUICK):
        pytest.skip("with --nightly")
    plant, aim = LEAKS[name]
    plant(monkeypatch)
    aim.take(monkeypatch)
    found = await proved(database_url, files_of("ground"), CASES, shrinking=0)
    assert found.leak is not None


@pytest.mark.nightly
@pytest.mark.xfail(strict=False, reason="it is not known yet in how many cases it is found")
@pytest.mark.parametrize("name", RARE)
async def test_it_finds_what_is_rare(name: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    RARE[name](monkeypatch)
    found = await proved(database_url, files_of("ground"), CASES, shrinking=0)
    assert found.leak is not None
