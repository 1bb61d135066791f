"""Keeps apart what the engine sees as one type: refs from texts, and records of a kind; only where that is certain."""

from collections.abc import Mapping

from reality_engine.expressions.syntax import Call, ListLiteral, Loop, Name, Node
from reality_engine.expressions.types import TEXT, Base, Type, list_of


def precise(node: Node, types: Mapping[int, Type]) -> Type | None:
    """Return the type of a node whose value comes unchanged from paths with known types, or None."""
    if id(node) in types:
        return types[id(node)]
    match node:
        case Call(function="_?_:_", arguments=(_, yes, no)):
            first = precise(yes, types)
            return first if first == precise(no, types) else None
        case Call(function="_[_]", arguments=(held, _)):
            outer = precise(held, types)
            return outer.of if outer else None
        case Loop() if filters(node):
            element = element_of(precise(node.source, types))
            return list_of(element) if element else None
        case _:
            return None


def element_of(held: Type | None) -> Type | None:
    """Return what a loop goes over: the elements of a list, the keys of a map; None where that is not known."""
    if held is None:
        return None
    return TEXT if held.base is Base.MAP else held.of


def filters(loop: Loop) -> bool:
    """Say whether a loop gives the elements of its source themselves: `filter`, or a `map` to the element."""
    added = gathered(loop)
    return bool(added) and all(isinstance(each, Name) and each.name == loop.variables[0] for each in added)


def gathered(loop: Loop) -> list[Node]:
    """Return what a `map` or `filter` adds to its list in a round; other loops add nothing."""
    return [each for step in loop.inner for each in _added(step)]


def _added(step: Node) -> list[Node]:
    match step:
        case Call(function="_?_:_", arguments=(_, then, Name())):
            return _added(then)
        case Call(function="_+_", arguments=(Name(), ListLiteral(elements=(element,)))):
            return [element]
        case _:
            return []
