"""What Schemathesis holds against the answers of one run, each thing once; not the requests."""

from dataclasses import dataclass, field
from typing import Final

from schemathesis.checks import CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    positive_data_acceptance,
    unsupported_method,
)

from tests.fuzzing.house import Case

# A world's rules say no to what fits the schema, and so do passwords and filters.
_NOT_PROMISED: Final[tuple[CheckFunction, ...]] = (positive_data_acceptance,)
# Other methods on these are answered as what they are too: `GET /packs/check` asks for the pack of that name.
_TWO_PATHS: Final = {"POST /api/v1/packs/check", "POST /api/v1/worlds/import", "GET /api/v1/bots/me"}
_OF_ONE_PATH: Final[tuple[CheckFunction, ...]] = (allow_header_conformance, unsupported_method)


@dataclass
class Findings:
    """The first report of each failure of each operation, and how many requests there were by status."""

    reports: dict[tuple[str, str], str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)

    def check(self, case: Case, answer: Response, caller: str) -> None:
        """Hold an answer against what is documented."""
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        excluded = [*_NOT_PROMISED, *(_OF_ONE_PATH if case.operation.label in _TWO_PATHS else ())]
        try:
            case.validate_response(answer, excluded_checks=excluded, headers=dict(case.headers))
        except FailureGroup as group:
            for failure in group.exceptions:
                self.reports.setdefault((case.operation.label, type(failure).__name__), f"as {caller}: {group}")

    def __str__(self) -> str:
        """Tell all of it."""
        lines = [f"{label}: {name}\n{report}" for (label, name), report in self.reports.items()]
        return "\n\n".join(lines)
