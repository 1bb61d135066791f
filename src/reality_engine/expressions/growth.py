"""Keeps results from outgrowing memory: how often an expression copies what it reads, against what it reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reality_engine.expressions.errors import EvaluationError, ExpressionError, ExpressionProblem
from reality_engine.expressions.inference import gathered
from reality_engine.expressions.syntax import Call, Loop, Name, Node, Selection, children
from reality_engine.expressions.values import MAX_ITEMS, MAX_TEXT

MAX_COPIES: Final = 250
MAX_BUILT: Final = 100_000_000

# These give something small, or hold their own result to the limit of a text.
_SMALL: Final = frozenset(
    {"size", "matches", "contains", "startsWith", "endsWith", "indexOf", "replace", "join", "sum"}
    | {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_&&_", "_||_", "!_"}
)
_MAKES_TEXT: Final = frozenset({"replace", "join"})


@dataclass(frozen=True, slots=True)
class Growth:
    """How a result grows: `copies` of the largest thing read, for each round of loops `depth` deep.

    `text` and `items` are the least sizes to reckon with, whatever is read.
    """

    copies: float
    depth: int
    text: int
    items: int

    def check(self, data: Mapping[str, object]) -> None:
        """Raise EvaluationError where the result, at worst, could not be held."""
        text, items = _largest(dict(data))
        if self.copies * max(items, self.items) ** self.depth * max(text, self.text) > MAX_BUILT:
            raise EvaluationError("this could build too large a value from what it reads")


def growth_of(root: Node, source: str) -> Growth | None:
    """Return how the result grows, or None where only a few copies are made; raises ExpressionError for too many."""
    copies = _copies(root, {})
    if copies > MAX_COPIES:
        message = "this could build too large a value: it copies what it reads into the result again and again"
        raise ExpressionError.of(ExpressionProblem(0, message))
    depth = _depth(root)
    if depth == 0:
        return None
    called = {node.function for loop in _all(root) if isinstance(loop, Loop) for node in _calls(loop)}
    text = MAX_TEXT if called & _MAKES_TEXT else len(source)
    return Growth(copies, depth, text, MAX_ITEMS if "split" in called else len(source) // 2)


def _copies(node: Node, bound: Mapping[str, float]) -> float:
    """Return how many times the largest value read may stand in the result of a node, loops counted as one round."""
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
    held = _copies(node.source, bound)
    inner = {**bound, **dict.fromkeys(node.variables, 0.0), node.variables[0]: held}
    return max(1, *(_copies(step, inner) for step in node.inner))


def _depth(node: Node) -> int:
    """Return how deep those loops are nested that build lists of new values."""
    below = max(map(_depth, children(node)), default=0)
    return below + (isinstance(node, Loop) and _builds(node))


def _builds(loop: Loop) -> bool:
    return any(not (isinstance(each, Name) and each.name == loop.variables[0]) for each in gathered(loop))


def _all(node: Node) -> Iterator[Node]:
    yield node
    for below in children(node):
        yield from _all(below)


def _calls(node: Node) -> Iterator[Call]:
    return (each for each in _all(node) if isinstance(each, Call))


def _largest(value: object) -> tuple[int, int]:
    """Return the length of the longest text and of the longest list or map in a value."""
    if isinstance(value, str):
        return len(value), 0
    if not isinstance(value, list | dict):
        return 0, 0
    text, items = 0, len(value)
    for each in value.values() if isinstance(value, dict) else value:
        longest, most = _largest(each)
        text, items = max(text, longest), max(items, most)
    return text, items
