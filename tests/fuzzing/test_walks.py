"""P11, step after step: no walk along the links of the document gives a 5xx or an answer that is not documented."""

from typing import Any

import pytest

from tests.fuzzing.findings import Findings
from tests.fuzzing.house import opened
from tests.fuzzing.walking import walk

WALKS = {"sqlite": 4, "postgresql": 2}
NIGHTLY = 25


def test_no_walk_along_links_ends_in_an_undocumented_answer(
    database_url: str, dialect: str, pytestconfig: pytest.Config, record_property: Any
) -> None:
    times = NIGHTLY if pytestconfig.getoption("--nightly") else 1
    findings = Findings()
    with opened(database_url) as house:
        for caller in ("player", "admin"):
            walk(house, caller, WALKS[dialect] * times, findings)
    record_property("requests by status", findings.statuses)
    assert findings.followed
    assert not findings.reports, str(findings)
