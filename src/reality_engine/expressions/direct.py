"""Works simple expressions out in Python, at a tenth of what a call of the engine costs; what is not plain it leaves.

Plain are comparisons, arithmetic, logic and texts over scalars, as long as each name has a value and each result fits.
All else is the engine's, and with it every failure and its message. Property tests hold the two to each other.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from reality_engine.expressions.syntax import Call, Constant, ListLiteral, Name, Node, Tree
from reality_engine.expressions.types import Base, Type
from reality_engine.kernel.json import MAX_INTEGER

MAX_DEPTH: Final = 20
_INT64: Final = 2**63
_SCALARS: Final = frozenset({Base.TEXT, Base.REF, Base.INTEGER, Base.NUMBER, Base.BOOLEAN})

Values: TypeAlias = Mapping[str, object]
# What a part of an expression comes to; which type it has is known from the engine's check.
Step: TypeAlias = Callable[[Values], Any]


class Runner(Protocol):
    """A program, the engine's or one of these."""

    def run(self, values: Values) -> object:
        """Return the result as Python values; raises EvaluationError."""
        ...


class _LeftError(Exception):
    """This is not plain after all, and left to the engine."""


@dataclass(frozen=True, slots=True)
class Direct:
    """An expression that is worked out in Python, with the engine's program for where that does not come to an end."""

    step: Step
    engine: Runner

    def run(self, values: Values) -> object:
        """Return the result as Python values; raises EvaluationError."""
        try:
            return self.step(values)
        except (_LeftError, KeyError, ZeroDivisionError):
            return self.engine.run(values)


def direct(tree: Tree, names: Mapping[str, Type], engine: Runner) -> Runner:
    """Return the program itself, or one that does without it where a checked tree is plain."""
    try:
        return Direct(_Plain(tree.overloads, names).step(tree.root, MAX_DEPTH), engine)
    except _LeftError:
        return engine


@dataclass(frozen=True, slots=True)
class _Plain:
    """Makes steps of nodes; raises _LeftError for what is not plain."""

    overloads: Mapping[int, str]
    names: Mapping[str, Type]

    def step(self, node: Node, depth: int) -> Step:
        """Return what a node comes to."""
        match node:
            case Constant(value=bool() | int() | float() | str() as value):
                return lambda _: value
            case Name(name=name) if name in self.names and self.names[name].base in _SCALARS:
                return _reading(name, self.names[name].base)
            case Call() if depth > 0:
                return self._call(node, depth - 1)
            case _:
                raise _LeftError

    def _call(self, node: Call, depth: int) -> Step:
        overload = self.overloads.get(node.id, "")
        parts = node.arguments if node.target is None else (node.target, *node.arguments)
        if overload == "in_list":
            return _contained(self.step(parts[0], depth), self._texts(parts[1]))
        if overload in ("size_list", "list_size"):
            items = self._texts(parts[0])
            return lambda values: len(items(values))
        steps = [self.step(part, depth) for part in parts]
        if overload in _LAZY:
            return _LAZY[overload](*steps)
        if overload in _STRICT:
            return _strict(_STRICT[overload], steps)
        raise _LeftError

    def _texts(self, node: Node) -> Step:
        """Return the texts of a list: of a variable, or written down."""
        match node:
            case Name(name=name) if name in self.names and self.names[name].base is Base.LIST:
                return _reading(name, Base.LIST)
            case ListLiteral(elements=elements):
                found = [one.value if isinstance(one, Constant) else None for one in elements]
                if not _are_texts(found):
                    raise _LeftError
                return lambda _: found
            case _:
                raise _LeftError


def _reading(name: str, base: Base) -> Step:
    """Return what a name holds, where it is as the engine would take it."""
    kind, fits = _HELD[base]
    return _of_type(name, kind) if fits is None else _fitting(name, kind, fits)


def _of_type(name: str, kind: type) -> Step:
    def read(values: Values) -> object:
        value = values[name]
        if type(value) is not kind:
            raise _LeftError
        return value

    return read


def _fitting(name: str, kind: type, fits: Callable[[Any], bool]) -> Step:
    def read(values: Values) -> object:
        value = values[name]
        if type(value) is not kind or not fits(value):
            raise _LeftError
        return value

    return read


def _is_exact(value: int) -> bool:
    return -MAX_INTEGER <= value <= MAX_INTEGER


def _is_whole(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _are_texts(values: Sequence[object]) -> bool:
    return all(type(value) is str and _is_whole(value) for value in values)


def _contained(one: Step, items: Step) -> Step:
    def contained(values: Values) -> bool:
        value, found = one(values), items(values)
        if type(value) is not str:
            raise _LeftError
        return value in found

    return contained


def _strict(function: Callable[..., object], steps: Sequence[Step]) -> Step:
    """Return a step that works out all its parts first."""
    if len(steps) == 1:
        (only,) = steps
        return lambda values: function(only(values))
    left, right = steps
    return lambda values: function(left(values), right(values))


def _int64(value: int) -> int:
    """Return an integer that the engine has a place for."""
    if not -_INT64 <= value < _INT64:
        raise _LeftError
    return value


def _quotient(left: int, right: int) -> int:
    whole = abs(left) // abs(right)
    return _int64(whole if (left < 0) is (right < 0) else -whole)


def _remainder(left: int, right: int) -> int:
    if right == -1:  # which is an error for the least integer there is
        raise _LeftError
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _whole(number: float) -> int:
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise _LeftError
    return int(number)


# What Python holds for a type, and what the engine asks of it beyond.
_HELD: Final[Mapping[Base, tuple[type, Callable[[Any], bool] | None]]] = {
    Base.TEXT: (str, _is_whole),
    Base.REF: (str, _is_whole),
    Base.INTEGER: (int, _is_exact),
    Base.NUMBER: (float, None),
    Base.BOOLEAN: (bool, None),
    Base.LIST: (list, _are_texts),
}

_LAZY: Final[Mapping[str, Callable[..., Step]]] = {
    "logical_and": lambda left, right: lambda values: left(values) and right(values),
    "logical_or": lambda left, right: lambda values: left(values) or right(values),
    "conditional": lambda when, yes, no: lambda values: yes(values) if when(values) else no(values),
}

# By the names that the engine's check gives to what it calls.
_STRICT: Final[Mapping[str, Callable[..., object]]] = {
    "logical_not": operator.not_,
    "equals": operator.eq,
    "not_equals": operator.ne,
    **{
        f"{name}_{of}": function
        for name, function in {
            "less": operator.lt,
            "less_equals": operator.le,
            "greater": operator.gt,
            "greater_equals": operator.ge,
        }.items()
        for of in ("int64", "double", "string")
    },
    "add_int64": lambda left, right: _int64(left + right),
    "subtract_int64": lambda left, right: _int64(left - right),
    "multiply_int64": lambda left, right: _int64(left * right),
    "divide_int64": _quotient,
    "modulo_int64": _remainder,
    "negate_int64": lambda value: _int64(-value),
    "add_double": operator.add,
    "subtract_double": operator.sub,
    "multiply_double": operator.mul,
    "divide_double": operator.truediv,
    "negate_double": operator.neg,
    "int64_to_double": float,
    "double_to_int64": _whole,
    "math_@min_int_int": min,
    "math_@max_int_int": max,
    "add_string": operator.add,
    "size_string": len,
    "string_size": len,
    "contains_string": operator.contains,
    "starts_with_string": str.startswith,
    "ends_with_string": str.endswith,
}
