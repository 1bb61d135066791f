"""What Python does for each operator of simple expressions, and when it gives up; not how a function is made of them.

All of it knows success only: what does not fit is a NotPlainError, after which the engine is asked, and says why.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from reality_engine.expressions.types import Base
from reality_engine.expressions.values import MAX_TEXT
from reality_engine.kernel.json import MAX_INTEGER

INT64: Final = 2**63


class NotPlainError(Exception):
    """This is not plain after all, and left to the engine."""


def left() -> NoReturn:
    """Leave it to the engine."""
    raise NotPlainError


@dataclass(frozen=True, slots=True)
class Operator:
    """What Python does for an overload: an expression over `{0}` and `{1}`, and the type of what comes of it.

    `largest` says how far from zero an integer may come to lie, by how far its parts may.
    """

    form: str
    base: Base
    largest: Callable[..., int] | None = None


def is_text(value: object) -> bool:
    """Say whether this is a text as the engine takes it."""
    if type(value) is not str or "\0" in value:
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def are_texts(value: object) -> bool:
    """Say whether this is a list of such texts."""
    return type(value) is list and all(map(is_text, value))


def quotient(dividend: int, divisor: int) -> int:
    """Divide as CEL does, towards zero."""
    found = abs(dividend) // abs(divisor)
    return found if (dividend < 0) is (divisor < 0) else -found


def remainder(dividend: int, divisor: int) -> int:
    """Return what is left of that."""
    if divisor == -1:  # which is an error for the least integer there is
        left()
    rest = abs(dividend) % abs(divisor)
    return -rest if dividend < 0 else rest


def whole(number: float) -> int:
    """Cut a number down to an integer."""
    return int(number) if -MAX_INTEGER <= number <= MAX_INTEGER else left()


# What functions that are made may call.
FUNCTIONS: Final[Mapping[str, object]] = {
    "left": left, "is_text": is_text, "are_texts": are_texts, "quotient": quotient, "remainder": remainder,
    "whole": whole, "len": len, "min": min, "max": max, "int": int, "float": float, "bool": bool,
}  # fmt: skip

# What is true of a value that is not as the engine takes it.
ODD: Final[Mapping[Base, str]] = {
    Base.TEXT: "not is_text({0})",
    Base.REF: "not is_text({0})",
    Base.INTEGER: f"{{0}}.__class__ is not int or not {-MAX_INTEGER} <= {{0}} <= {MAX_INTEGER}",
    Base.NUMBER: "{0}.__class__ is not float",
    Base.BOOLEAN: "{0}.__class__ is not bool",
    Base.LIST: "not are_texts({0})",
}
# What is true of a result that cannot be kept; one that is no finite number is not zero away from itself.
UNFIT: Final[Mapping[Base, str]] = {
    Base.TEXT: f"len({{0}}) > {MAX_TEXT} or '\\0' in {{0}}",
    Base.INTEGER: f"not {-MAX_INTEGER} <= {{0}} <= {MAX_INTEGER}",
    Base.NUMBER: "{0} - {0} != 0.0",
}

LAZY: Final[Mapping[str, str]] = {
    "logical_and": "({0} and {1})",
    "logical_or": "({0} or {1})",
    "conditional": "({1} if {0} else {2})",
}


def _added(one: int, other: int) -> int:
    return one + other


def _multiplied(one: int, other: int) -> int:
    return one * other


def _first(one: int, *_: int) -> int:
    return one


def _small(*_: int) -> int:
    return MAX_INTEGER


def _orderings() -> Iterator[tuple[str, Operator]]:
    for name, sign in (("less", "<"), ("less_equals", "<="), ("greater", ">"), ("greater_equals", ">=")):
        for of in ("int64", "double", "string"):
            yield f"{name}_{of}", Operator(f"({{0}} {sign} {{1}})", Base.BOOLEAN)


# By the names that the engine's check gives to what it calls.
STRICT: Final[Mapping[str, Operator]] = {
    "logical_not": Operator("(not {0})", Base.BOOLEAN),
    "equals": Operator("({0} == {1})", Base.BOOLEAN),
    "not_equals": Operator("({0} != {1})", Base.BOOLEAN),
    **dict(_orderings()),
    "add_int64": Operator("({0} + {1})", Base.INTEGER, _added),
    "subtract_int64": Operator("({0} - {1})", Base.INTEGER, _added),
    "multiply_int64": Operator("({0} * {1})", Base.INTEGER, _multiplied),
    "divide_int64": Operator("quotient({0}, {1})", Base.INTEGER, _first),
    "modulo_int64": Operator("remainder({0}, {1})", Base.INTEGER, _first),
    "negate_int64": Operator("(-{0})", Base.INTEGER, _first),
    "math_@min_int_int": Operator("min({0}, {1})", Base.INTEGER, max),
    "math_@max_int_int": Operator("max({0}, {1})", Base.INTEGER, max),
    "double_to_int64": Operator("whole({0})", Base.INTEGER, _small),
    "size_string": Operator("len({0})", Base.INTEGER, _small),
    "string_size": Operator("len({0})", Base.INTEGER, _small),
    "add_double": Operator("({0} + {1})", Base.NUMBER),
    "subtract_double": Operator("({0} - {1})", Base.NUMBER),
    "multiply_double": Operator("({0} * {1})", Base.NUMBER),
    "divide_double": Operator("({0} / {1})", Base.NUMBER),
    "negate_double": Operator("(-{0})", Base.NUMBER),
    "int64_to_double": Operator("float({0})", Base.NUMBER),
    "add_string": Operator("({0} + {1})", Base.TEXT),
    "contains_string": Operator("({1} in {0})", Base.BOOLEAN),
    "starts_with_string": Operator("{0}.startswith({1})", Base.BOOLEAN),
    "ends_with_string": Operator("{0}.endswith({1})", Base.BOOLEAN),
}
# The same of a list of texts, which nothing else is done with.
OF_TEXTS: Final[Mapping[str, Operator]] = {
    "in_list": Operator("({0} in {1})", Base.BOOLEAN),
    "size_list": Operator("len({0})", Base.INTEGER, _small),
    "list_size": Operator("len({0})", Base.INTEGER, _small),
}
