"""P4: what a viewer receives does not depend on what they may not see, on shipped packs and on those of the tests."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from reality_engine.app.proving import acting
from reality_engine.app.proving.proof import Bounds, prove
from reality_engine.packs.loader import MAIN, compile_source, read_files
from reality_engine.packs.problems import PackError
from tests.properties.proving import PACKS, files_of, proved, quiet_house, told
from tests.properties.random_packs import random_pack

# So many in each part, of five packs and of some that were made up, on either database: 1,500 together. In parts, so
# that none of two who share the tests has a long one left at the end.
CASES = 44
PARTS = range(2)
CASES_OF_ONE = 20
UNDONE = Path(__file__).parent / "undone.yaml"
# A pack in which hardly anything can be hidden would be tried for ever.
SECONDS_OF_ONE = 20.0
NIGHTLY = 8
Note = Callable[[str, object], None]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", PACKS)
async def test_what_is_hidden_makes_no_difference(
    name: str, part: int, database_url: str, pytestconfig: pytest.Config, record_property: Note
) -> None:
    nightly = pytestconfig.getoption("--nightly")
    files, seed = files_of(name), f"{'nightly' if nightly else 'ci'} {part}"
    found = await proved(database_url, files, CASES * (NIGHTLY if nightly else 1), seed)
    record_property("hidden data beside the answers", found.tally.beside)
    assert found.leak is None, told(found, files)
    assert found.tally.cases >= CASES


@pytest.mark.parametrize("part", PARTS)
async def test_what_is_hidden_makes_no_difference_in_any_pack_that_passes_its_check(
    part: int, database_url: str, pytestconfig: pytest.Config, record_property: Note
) -> None:
    wanted = CASES * (NIGHTLY if pytestconfig.getoption("--nightly") else 1)
    cases = tried = refused = 0
    async with quiet_house(database_url) as house:
        for number in count(1 + part, len(PARTS)):
            files = {MAIN: random_pack(number)}
            try:
                compile_source(files)
            except PackError:
                refused += 1
                continue
            found = await prove(house, files, f"pack {number}", Bounds(CASES_OF_ONE, seconds=SECONDS_OF_ONE))
            assert found.leak is None, f"{told(found, files)} in {files[MAIN]}"
            cases, tried = cases + found.tally.cases, tried + 1
            if cases >= wanted:
                break
    record_property("packs", {"tried": tried, "refused by the check": refused, "cases": cases})
    assert refused > 0


@pytest.mark.nightly
async def test_undoing_tells_nothing_of_what_is_hidden(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acting, "_CORE_WEIGHT", 3.0)  # most of what is in the core pack is not of interest here
    files = read_files(UNDONE)
    found = await proved(database_url, files, CASES * NIGHTLY)
    assert found.leak is None, told(found, files)
