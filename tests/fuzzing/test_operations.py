"""P11: no input to any operation gives a 5xx or an answer that is not documented, whoever sends it."""

from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis import GenerationMode

from tests.fuzzing.filling import fill
from tests.fuzzing.findings import Findings
from tests.fuzzing.house import CALLERS, EVERYBODY, Case, House, Operation, opened

# By operation: requests at the edges of its schema, each of one caller; and drawn ones, each of every caller.
EDGES, DRAWN = {"sqlite": 8, "postgresql": 1}, {"sqlite": 1, "postgresql": 1}
NIGHTLY = 30
MODES = tuple(GenerationMode)


def test_no_input_gives_an_undocumented_answer(
    database_url: str, dialect: str, pytestconfig: pytest.Config, record_property: Any
) -> None:
    times = NIGHTLY if pytestconfig.getoption("--nightly") else 1
    findings = Findings()
    with opened(database_url) as house:
        for operation in house.operations():
            _at_the_edges(house, operation, EDGES[dialect] * times, findings)
            for mode in MODES:
                _drawn(house, operation, mode, DRAWN[dialect] * times, findings)
    record_property("requests by status", findings.statuses)
    assert not findings.reports, str(findings)


def _at_the_edges(house: House, operation: Operation, count: int, findings: Findings) -> None:
    cases = list(_edges(house, operation))
    house.mend()
    step = max(1, len(cases) // count)
    for number, (case, caller) in enumerate(zip(islice(cases, None, None, step), cycle(CALLERS))):
        if case.meta is not None and case.meta.generation.mode.is_positive:
            fill(case, house.court, number)
        findings.check(case, house.call(case, caller), caller)


def _edges(house: House, operation: Operation) -> Iterator[Case]:
    config = house.schema.config.generation
    return house.schema.iter_coverage_cases(operation, generation_modes=list(MODES), generation_config=config)


def _drawn(house: House, operation: Operation, mode: GenerationMode, count: int, findings: Findings) -> None:
    if mode.is_negative and not _takes_anything(operation):
        return  # nothing could be wrong with such a request

    @seed(count)
    @settings(
        max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), dice=strategies.integers(0, 15))
    def send(case: Case, dice: int) -> None:
        if mode.is_positive:
            fill(case, house.court, dice)
        for caller in EVERYBODY:
            findings.check(case, house.call(case, caller), caller)

    house.mend()
    send()


def _takes_anything(operation: Operation) -> bool:
    return bool(operation.body or any(True for _ in operation.iter_parameters()))
