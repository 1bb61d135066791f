"""Decides a filter in memory, over what a viewer sees: what the SQL is held to; it looks nothing up by itself."""

import operator
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from reality_engine.expressions.types import Base
from reality_engine.kernel.json import Plain, same
from reality_engine.visibility.filters.terms import (
    Compare,
    Condition,
    Const,
    Every,
    Holds,
    IsSet,
    Negation,
    OneOf,
    Read,
    Scalar,
    Size,
    Some,
    TextTest,
    Truth,
    family,
)
from reality_engine.visibility.sortable import seconds_of

# What a read finds on an entity as the viewer sees it: the stored value, None where there is none.
Look: TypeAlias = Callable[[Read], Plain]

_COMPARISONS: Final[Mapping[str, Callable[..., bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": operator.contains, "startsWith": str.startswith, "endsWith": str.endswith,
}  # fmt: skip
_HELD: Final[Mapping[Base, tuple[type, ...]]] = {
    Base.TEXT: (str,), Base.TIMESTAMP: (str,), Base.NUMBER: (int, float), Base.BOOLEAN: (bool,),
    Base.LIST: (list,), Base.MAP: (dict,),
}  # fmt: skip


def matches(condition: Condition, look: Look) -> bool | None:
    """Return whether a condition holds, None where that is undecided."""
    match condition:
        case Every(parts):
            return _joined([matches(part, look) for part in parts], decisive=False)
        case Some(parts):
            return _joined([matches(part, look) for part in parts], decisive=True)
        case Negation(part):
            held = matches(part, look)
            return None if held is None else not held
        case IsSet(read):
            return look(read) is not None
        case _:
            return _leaf(condition, look)


def _joined(held: list[bool | None], *, decisive: bool) -> bool | None:
    if decisive in held:
        return decisive
    return None if None in held else not decisive


def _leaf(condition: Condition, look: Look) -> bool | None:
    match condition:
        case Truth(of):
            held = value_of(of, look)
            return None if held is None else held is True
        case Compare(name, left, right):
            return _both(_COMPARISONS[name], value_of(left, look), value_of(right, look))
        case OneOf(item, options):
            return _one_of(value_of(item, look), options)
        case TextTest(name, text, part):
            return _both(_TESTS[name], value_of(text, look), value_of(part, look))
        case Holds(container, item):
            return _both(_holds, value_of(container, look), value_of(item, look))
        case _:
            raise AssertionError(condition)


def value_of(scalar: Scalar, look: Look) -> Plain:
    """Return a value as it is compared, None where there is none, or none of its type."""
    if isinstance(scalar, Const):
        return scalar.value
    if isinstance(scalar, Size):
        held = value_of(scalar.of, look)
        return len(held) if isinstance(held, str | list | dict) else None
    held, base = look(scalar), family(scalar.type)
    if base is Base.DURATION:
        return seconds_of(held)
    fits = isinstance(held, _HELD.get(base, (object,))) and (base is not Base.NUMBER or not isinstance(held, bool))
    return held if fits else None


def _both(test: Callable[..., bool], left: Plain, right: Plain) -> bool | None:
    return None if left is None or right is None else test(left, right)


def _one_of(value: Plain, options: tuple[Const, ...]) -> bool | None:
    return None if value is None else any(value == option.value for option in options)


def _holds(container: list[Plain] | dict[str, Plain], item: Plain) -> bool:
    return item in container if isinstance(container, dict) else any(same(one, item) for one in container)
