"""Works out the parts of a filter that are known without any entity; not comparisons, which always ask one."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from reality_engine.expressions.engine import literal_value
from reality_engine.expressions.errors import EvaluationError
from reality_engine.expressions.syntax import Call, Constant, Name, Node
from reality_engine.expressions.types import BOOLEAN, DURATION, INTEGER, NUMBER, TEXT, TIMESTAMP
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import MAX_INTEGER
from reality_engine.visibility.filters.terms import Const

ME: Final = "me"
MOMENTS: Final = frozenset({"timestamp", "duration"})

Known: TypeAlias = str | float | bool | datetime | timedelta


class UnknownValueError(Exception):
    """A constant that cannot be worked out: says why, and where."""

    def __init__(self, offset: int, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.offset = offset
        self.message = message


def constant(node: Node, user: str) -> Const | None:
    """Return the constant that a node comes to, or None where it is none; raises UnknownValueError.

    `me` is the viewer's own id, and no value for who has none.
    """
    if isinstance(node, Name) and node.name == ME:
        return Const(user or None, TEXT)
    known = _known(node)
    return None if known is None else _const(node, known)


def _const(node: Node, known: Known) -> Const:
    if isinstance(known, bool):
        return Const(known, BOOLEAN)
    if isinstance(known, datetime):
        return Const(to_text(known), TIMESTAMP)
    if isinstance(known, timedelta):
        return Const(known.total_seconds(), DURATION)
    if isinstance(known, str):
        return Const(known, TEXT)
    if abs(known) > MAX_INTEGER and isinstance(known, int):
        raise UnknownValueError(node.offset, "this is beyond the integers that JSON keeps exactly (2^53 - 1)")
    if not math.isfinite(known):
        raise UnknownValueError(node.offset, "this is not a finite number")
    return Const(known, INTEGER if isinstance(known, int) else NUMBER)


def _known(node: Node) -> Known | None:
    """Return the value of a literal, of a timestamp or duration, or of arithmetic with such."""
    if isinstance(node, Constant):
        return node.value if isinstance(node.value, str | int | float | bool) else None
    if not isinstance(node, Call):
        return None
    if node.function in MOMENTS and node.target is None and len(node.arguments) == 1:
        return _moment(node)
    operator = _ARITHMETIC.get((node.function, len(node.arguments)))
    if operator is None or node.target is not None:
        return None
    values = [_known(argument) for argument in node.arguments]
    return None if any(value is None for value in values) else _worked_out(node, operator, values)


def _moment(node: Call) -> Known | None:
    literal = node.arguments[0]
    if not isinstance(literal, Constant) or not isinstance(literal.value, str):
        return None
    try:
        found = literal_value(node.function, literal.value)
    except EvaluationError as error:
        raise UnknownValueError(literal.offset, f"'{literal.value[:50]}' is not a {node.function}") from error
    return found if isinstance(found, datetime | timedelta) else None


def _worked_out(node: Call, operator: Callable[..., object], values: list[Known | None]) -> Known:
    if any(isinstance(value, bool) for value in values):
        raise UnknownValueError(node.offset, "one cannot reckon with booleans")
    # Python would repeat a text, as often as it is told.
    if node.function in _OF_NUMBERS and not all(isinstance(value, int | float) for value in values):
        raise UnknownValueError(node.offset, "only numbers can be multiplied and divided")
    try:
        found = operator(*values)
    except (TypeError, ArithmeticError, ValueError) as error:
        raise UnknownValueError(node.offset, "this cannot be worked out") from error
    if isinstance(found, datetime | timedelta | str | int | float):
        return found
    raise UnknownValueError(node.offset, "this cannot be worked out")


def _divided(left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int):
        whole = abs(left) // abs(right)
        return whole if (left < 0) == (right < 0) else -whole
    return left / right


_OF_NUMBERS: Final = frozenset({"_*_", "_/_"})
_ARITHMETIC: Final[dict[tuple[str, int], Callable[..., object]]] = {
    ("-_", 1): lambda value: -value,
    ("_+_", 2): lambda left, right: left + right,
    ("_-_", 2): lambda left, right: left - right,
    ("_*_", 2): lambda left, right: left * right,
    ("_/_", 2): _divided,
}
