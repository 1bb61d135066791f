"""What of a filter an index can find: what a field must hold, or lie between; the filter is asked all the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from reality_engine.visibility.filters.terms import Compare, Condition, Const, Negation, OneOf, Read, Truth, conjuncts
from reality_engine.visibility.sortable import NUMBERS, SORTED_TEXT, of_number

_TURNED: Final = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
# What is compared with: a text, a number or a boolean.
Known: TypeAlias = str | float | bool
# More keys times values than this are as well read through the other way.
MAX_VALUES: Final = 100


@dataclass(frozen=True, slots=True)
class Bound:
    """A field and an operator that its value must fulfil, against the bytes of one of several values."""

    read: Read
    operator: str
    values: tuple[bytes, ...]


def equalities(condition: Condition | None) -> Iterator[Bound]:
    """Yield the indexed fields that must have one of a few values."""
    return (bound for bound in _bounds(condition) if bound.operator == "==")


def bounds_of(condition: Condition | None, read: Read) -> list[Bound]:
    """Return what an indexed field's value must be: where there is any, what has no value does not match."""
    return [bound for bound in _bounds(condition) if bound.read == read]


def index_bytes(read: Read, value: Known) -> bytes:
    """Return the bytes by which an index finds a value of a field, as it is compared."""
    if read.field.base in NUMBERS or read.field.base in ("boolean", "duration"):
        return of_number(float(value))
    return str(value)[:SORTED_TEXT].encode()


def _bounds(condition: Condition | None) -> Iterator[Bound]:
    for part in conjuncts(condition):
        bound = _bound(part)
        if bound is not None and bound.read.indexed:
            yield bound


def _bound(part: Condition) -> Bound | None:
    match part:
        case Compare(operator, Read() as read, Const() as const) if operator in _TURNED:
            return _against(read, operator, const)
        case Compare(operator, Const() as const, Read() as read) if operator in _TURNED:
            return _against(read, _TURNED[operator], const)
        case OneOf(Read() as read, options):
            held = (index_bytes(read, one.value) for one in options if one.value is not None)
            return Bound(read, "==", tuple(sorted(set(held))))
        case Truth(Read() as read):
            return Bound(read, "==", (index_bytes(read, value=True),))
        case Negation(Truth(Read() as read)):
            return Bound(read, "==", (index_bytes(read, value=False),))
        case _:
            return None


def _against(read: Read, operator: str, const: Const) -> Bound:
    return Bound(read, operator, () if const.value is None else (index_bytes(read, const.value),))
