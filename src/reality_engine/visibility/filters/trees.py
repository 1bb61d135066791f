"""A filter's text as a syntax tree within bounds, so that nothing costly is read any further; not what it means."""

from typing import Final

from reality_engine.expressions.compilation import parsed
from reality_engine.expressions.errors import ExpressionError
from reality_engine.expressions.syntax import ListLiteral, Node, children
from reality_engine.visibility.filters.problems import TOO_MUCH, Problems

MAX_LENGTH: Final = 2_000
MAX_NODES: Final = 200
MAX_DEPTH: Final = 24
MAX_OPTIONS: Final = 100


def tree_of(source: str, problems: Problems) -> Node | None:
    """Return the tree of a filter, or None where it is none, which is noted."""
    if len(source) > MAX_LENGTH:
        message = f"a filter has at most {MAX_LENGTH} characters, and this has {len(source)}"
        problems.add(MAX_LENGTH, message, code=TOO_MUCH)
        return None
    if not source.strip():
        problems.add(0, "the filter is empty", "leave it out, or write a condition such as coin > 3")
        return None
    try:
        return parsed(source)
    except ExpressionError as error:
        for each in error.problems:
            problems.add(each.offset, each.message)
        return None


def check_bounds(root: Node, problems: Problems) -> None:
    """Note what is too large or nested too deeply."""
    waiting, count = [(root, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if depth > MAX_DEPTH:
            problems.add(node.offset, f"a filter is nested at most {MAX_DEPTH} deep", code=TOO_MUCH)
            return
        if isinstance(node, ListLiteral):
            count -= len(node.elements)
            if len(node.elements) > MAX_OPTIONS:
                problems.add(node.offset, f"a list has at most {MAX_OPTIONS} items here", code=TOO_MUCH)
        waiting.extend((below, depth + 1) for below in children(node))
    if count > MAX_NODES:
        problems.add(0, f"a filter has at most {MAX_NODES} parts, and this has {count}", code=TOO_MUCH)
