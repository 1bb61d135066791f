"""Everything that is wrong with a filter, gathered with the places where it is; not what is right."""

from dataclasses import dataclass, field
from typing import Final

from reality_engine.kernel.errors import Problem, ProblemsError

FIELD: Final = "filter"
WRONG: Final = "bad_expression"
UNKNOWN: Final = "unknown_field"
TOO_MUCH: Final = "limit_exceeded"


@dataclass
class Problems:
    """Problems by the place that they are at, an offset in characters."""

    found: list[tuple[int, Problem]] = field(default_factory=list)

    def add(self, offset: int, message: str, hint: str | None = None, code: str = WRONG) -> None:
        """Note a problem; its column, which counts from 1, is told with it."""
        told = (offset, Problem(code, f"column {offset + 1}: {message}", FIELD, hint))
        if told not in self.found:
            self.found.append(told)

    def refuse(self) -> None:
        """Raise ProblemsError with all of them in the order of their places, if there are any."""
        if self.found:
            problems = tuple(problem for _, problem in sorted(self.found, key=lambda one: one[0]))
            raise ProblemsError(problems[0].message, field=FIELD, hint=problems[0].hint, problems=problems)
