"""What can go wrong with an expression, when it is compiled and when it runs; not how the engine words it."""

from dataclasses import dataclass
from typing import Self

from reality_engine.expressions.bindings import Path
from reality_engine.kernel.errors import InvalidError, RealityError


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """One mistake in an expression; `offset` counts characters from 0 into the source that was given."""

    offset: int
    message: str
    hint: str | None = None

    def shifted(self, by: int) -> "ExpressionProblem":
        """Return the same problem as seen from a text in which this source starts at `by`."""
        return ExpressionProblem(self.offset + by, self.message, self.hint)


@dataclass
class ExpressionError(InvalidError):
    """An expression that does not compile, with everything that is wrong with it."""

    problems: tuple[ExpressionProblem, ...] = ()
    code = "bad_expression"

    @classmethod
    def of(cls, *problems: ExpressionProblem) -> Self:
        """Return the error that tells these problems in the order of the source, each once."""
        ordered = tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.offset))
        return cls(ordered[0].message, hint=ordered[0].hint, problems=ordered)


class EvaluationError(RealityError):
    """An expression that gave no usable value: a division by zero, a limit, a value of the wrong form."""

    code = "evaluation_failed"


@dataclass
class NoValueError(EvaluationError):
    """An expression read a field that has no value; `path` is what it read."""

    path: Path = ()
    code = "no_value"

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the error for one path."""
        return cls(f"{'.'.join(path)} has no value", hint="is_set(…) asks whether there is one", path=path)
