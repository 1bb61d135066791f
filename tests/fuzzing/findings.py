"""What Schemathesis holds against the answers of one run, each thing once; not the requests."""

from dataclasses import dataclass, field
from typing import Final

from schemathesis.checks import CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    ensure_resource_availability,
    positive_data_acceptance,
    unsupported_method,
)

from tests.fuzzing.house import Case

# A world's rules say no to what fits the schema, and so do passwords and filters. What was made may be gone by the next
# step, or that names another thing, where a link is left aside.
_NOT_PROMISED: Final[tuple[CheckFunction, ...]] = (positive_data_acceptance, ensure_resource_availability)
# Other methods on these are answered as what they are too: `GET /packs/check` asks for the pack of that name.
_TWO_PATHS: Final = {"POST /api/v1/packs/check", "POST /api/v1/worlds/import", "GET /api/v1/bots/me"}
_OF_ONE_PATH: Final[tuple[CheckFunction, ...]] = (allow_header_conformance, unsupported_method)


@dataclass
class Findings:
    """The first report of each failure of each operation, requests by status, walks, and links that were followed."""

    reports: dict[tuple[str, str], str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    walks: int = 0
    followed: set[str] = field(default_factory=set)

    def check(self, case: Case, answer: Response, caller: str, walked: ScenarioRecorder | None = None) -> None:
        """Hold an answer against what is documented, and against the answers before it on a walk."""
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        excluded = [*_NOT_PROMISED, *(_OF_ONE_PATH if case.operation.label in _TWO_PATHS else ())]
        try:
            case.validate_response(answer, excluded_checks=excluded, headers=dict(case.headers), recorder=walked)
        except FailureGroup as group:
            for failure in group.exceptions:
                self.reports.setdefault((case.operation.label, type(failure).__name__), f"as {caller}: {group}")

    def __str__(self) -> str:
        """Tell all of it."""
        lines = [f"{label}: {name}\n{report}" for (label, name), report in self.reports.items()]
        return "\n\n".join(lines)
