"""P4: what a viewer receives does not depend on what they may not see, on shipped packs and on those of the tests."""

from collections.abc import Callable

import pytest

from tests.properties.proving import PACKS, proved, told

CASES = 60
NIGHTLY = 10


@pytest.mark.parametrize("name", PACKS)
async def test_what_is_hidden_makes_no_difference(
    name: str, database_url: str, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    path = PACKS[name]
    nightly = pytestconfig.getoption("--nightly")
    found = await proved(database_url, path, CASES * (NIGHTLY if nightly else 1), "nightly" if nightly else "ci")
    record_property("hidden data beside the answers", found.tally.beside)
    assert found.leak is None, told(found, path)
    assert found.tally.cases >= CASES
