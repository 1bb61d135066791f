"""Refuses expressions whose results could outgrow memory, by how often they copy what they read; not by its size."""

from collections.abc import Mapping
from typing import Final

from reality_engine.expressions.errors import ExpressionError, ExpressionProblem
from reality_engine.expressions.syntax import Call, Loop, Name, Node, Selection, children

MAX_COPIES: Final = 250
# These give something small, or hold their own result to the limit.
_SMALL: Final = frozenset(
    {"size", "matches", "contains", "startsWith", "endsWith", "indexOf", "replace", "join", "sum"}
    | {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_&&_", "_||_", "!_"}
)


def check_growth(root: Node) -> None:
    """Raise ExpressionError where a value is copied into its own result too often, as nested doubling would."""
    if _copies(root, {}) > MAX_COPIES:
        message = "this could build too large a value: it copies what it reads into the result again and again"
        raise ExpressionError.of(ExpressionProblem(0, message))


def _copies(node: Node, bound: Mapping[str, float]) -> float:
    """Return how many times the largest value read may stand in the result of a node."""
    match node:
        case Name(name=name):
            return bound.get(name, 1)
        case Selection(operand=operand):
            return _copies(operand, bound)
        case Loop():
            return _loop(node, bound)
        case Call():
            return _call(node, bound)
        case _:
            return sum(_copies(below, bound) for below in children(node)) or 1


def _call(node: Call, bound: Mapping[str, float]) -> float:
    each = [_copies(below, bound) for below in children(node)]
    if node.function == "_?_:_":
        return max(each)
    if node.function in _SMALL:
        return max((copies for copies in each if copies > MAX_COPIES), default=1)
    return sum(each) or 1


def _loop(node: Loop, bound: Mapping[str, float]) -> float:
    """Return the copies in a loop's result; what it gathers is counted once for an element, not for each."""
    held = _copies(node.source, bound)
    inner = {**bound, **dict.fromkeys(node.variables, 0.0), node.variables[0]: held}
    return max(1, *(_copies(step, inner) for step in node.inner))
