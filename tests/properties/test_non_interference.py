"""P4: what a viewer receives does not depend on what they may not see, on shipped packs and on those of the tests."""

from collections.abc import Callable

import pytest

from reality_engine.app.proving.proof import Bounds, prove
from reality_engine.packs.loader import MAIN, compile_source
from reality_engine.packs.problems import PackError
from tests.properties.proving import PACKS, files_of, proved, quiet_house, told
from tests.properties.random_packs import random_pack

# Of each of five packs, and of some that were made up, on each database.
CASES = 100
CASES_OF_ONE = 20
NIGHTLY = 10
Note = Callable[[str, object], None]


@pytest.mark.parametrize("name", PACKS)
async def test_what_is_hidden_makes_no_difference(
    name: str, database_url: str, pytestconfig: pytest.Config, record_property: Note
) -> None:
    nightly = pytestconfig.getoption("--nightly")
    files, seed = files_of(name), "nightly" if nightly else "ci"
    found = await proved(database_url, files, CASES * (NIGHTLY if nightly else 1), seed)
    record_property("hidden data beside the answers", found.tally.beside)
    assert found.leak is None, told(found, files)
    assert found.tally.cases >= CASES


async def test_what_is_hidden_makes_no_difference_in_any_pack_that_passes_its_check(
    database_url: str, pytestconfig: pytest.Config, record_property: Note
) -> None:
    wanted = CASES * (NIGHTLY if pytestconfig.getoption("--nightly") else 1)
    cases = number = refused = 0
    async with quiet_house(database_url) as house:
        while cases < wanted:
            number += 1
            files = {MAIN: random_pack(number)}
            try:
                compile_source(files)
            except PackError:
                refused += 1
                continue
            # A pack in which nothing can be hidden would be tried for ever.
            found = await prove(house, files, f"pack {number}", Bounds(CASES_OF_ONE, seconds=60.0))
            assert found.leak is None, f"{told(found, files)} in {files[MAIN]}"
            cases += found.tally.cases
    record_property("packs", {"tried": number - refused, "refused by the check": refused, "cases": cases})
    assert 0 < refused < number
