"""Walks along the links of the OpenAPI document, where answers name what is asked for next; not what is held."""

from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.core.transport import Response
from schemathesis.engine.errors import is_inconsistent_replay
from schemathesis.generation.stateful.state_machine import APIStateMachine, RecordingStateMachine, StepInput, StepOutput

from tests.fuzzing.filling import fill
from tests.fuzzing.findings import Findings
from tests.fuzzing.house import Case, House

STEPS = 14
# What somebody is refused at the door leads nowhere.
_CLOSED = {"player": "^/api/v1/(admin/|worlds/import)"}
# Names what exists wherever a link does not, and leaves out what turns nearly every request into the same refusal.
_LIKELY = 5


def walk(house: House, caller: str, count: int, findings: Findings) -> None:
    """Walk at least so many times as somebody, from the beginning each time, and hold every answer."""
    machine = _machine(house, caller, findings)
    wanted = findings.walks + count
    while findings.walks < wanted:
        try:
            seed(findings.walks)(machine).run(settings=_settings(wanted - findings.walks))
        except (FlakyStrategyDefinition, AssertionError) as wrong:
            # Another walk finds the server as the last one left it. Where Hypothesis minds, it begins anew.
            if isinstance(wrong, AssertionError) and not is_inconsistent_replay(wrong):
                raise


class _Walk(RecordingStateMachine):
    house: House
    caller: str
    findings: Findings

    def setup(self) -> None:
        self.findings.walks += 1
        self.house.mend()

    def step(self, taken: StepInput) -> StepOutput:
        linked = [name for _, name in taken.applied_parameters]
        if taken.case.meta is None or taken.case.meta.generation.mode.is_positive:
            fill(taken.case, self.house.court, _LIKELY, linked)
        if taken.transition is not None and linked:
            self.findings.followed.add(taken.transition.id)
        return super().step(taken)

    def call(self, case: Case, **_: Any) -> Response:
        return self.house.call(case, self.caller)

    def validate_response(self, response: Response, case: Case, *_: Any, **_named: Any) -> None:
        self.findings.check(case, response, self.caller, self.recorder)


def _machine(house: House, caller: str, findings: Findings) -> type[APIStateMachine]:
    schema = house.schema.exclude(path_regex=_CLOSED[caller]) if caller in _CLOSED else house.schema
    schema.config.phases.stateful.inference.algorithms.clear()  # what is declared is walked, and no guesses
    parts = {"house": house, "caller": caller, "findings": findings}
    return type("Walk", (_Walk, schema.as_state_machine()), parts)


def _settings(count: int) -> settings:
    return settings(
        max_examples=count, stateful_step_count=STEPS, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
