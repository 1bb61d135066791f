"""A filter as a condition of SQL, whose three values are those of the tree; not where it is asked."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, Double, Text, and_, false, func, literal, not_, null, or_, type_coerce

from reality_engine.expressions.types import Base
from reality_engine.kernel.ids import is_id
from reality_engine.visibility.filters.reading import Reading
from reality_engine.visibility.filters.terms import (
    ID,
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

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def condition_of(condition: Condition, reading: Reading) -> ColumnElement[bool]:
    """Return a condition over the entity that `reading` reads."""
    match condition:
        case Every(parts):
            return and_(*(condition_of(part, reading) for part in parts))
        case Some(parts):
            return or_(*(condition_of(part, reading) for part in parts))
        case Negation(part):
            return not_(condition_of(part, reading))
        case Truth(of):
            return _value(of, reading) == literal(value=True, type_=Boolean)
        case Compare(name, left, right):
            return _compared(name, left, right, reading)
        case _:
            return _asked(condition, reading)


def _asked(condition: Condition, reading: Reading) -> ColumnElement[bool]:
    documents = reading.dialect.documents
    match condition:
        case IsSet(read):
            return _value(read, reading).is_not(None)
        case OneOf(item, options):
            return or_(*(_compared("==", item, option, reading) for option in options))
        case Holds(container, item):
            test = documents.has_key if container.type.base is Base.MAP else documents.holds
            return test(_value(container, reading), _value(item, reading))
        case TextTest("contains", text, part):
            return documents.contains(_value(text, reading), _value(part, reading))
        case TextTest(name, text, part):
            return _at_an_end(name, _value(text, reading), _value(part, reading))
        case _:
            raise AssertionError(condition)


def _at_an_end(name: str, text: ColumnElement[str], part: ColumnElement[str]) -> ColumnElement[bool]:
    """Compare as much of a text as there is of the other: what is longer leaves less than itself to compare with."""
    if name == "startsWith":
        return func.substr(text, 1, func.length(part)) == part
    return func.substr(text, func.length(text) - func.length(part) + 1) == part


def _compared(name: str, left: Scalar, right: Scalar, reading: Reading) -> ColumnElement[bool]:
    for one, other in ((left, right), (right, left)):
        if name == "==" and isinstance(one, Read) and one.name == ID and isinstance(other, Const) and other.value:
            return _is(reading, str(other.value))
    held: ColumnElement[bool] = _COMPARISONS[name](_value(left, reading), _value(right, reading))
    return held


def _is(reading: Reading, entity: str) -> ColumnElement[bool]:
    """Compare ids as they are stored, which an index has; what is no id is nobody's."""
    return reading.entity == entity if is_id(entity) else false()


def _value(scalar: Scalar, reading: Reading) -> ColumnElement[Any]:
    if isinstance(scalar, Read):
        return reading.value(scalar)
    if isinstance(scalar, Size):
        held = _value(scalar.of, reading)
        return func.length(held) if family(scalar.of.type) is Base.TEXT else reading.dialect.documents.items(held)
    if scalar.value is None:
        return type_coerce(null(), Text())
    if isinstance(scalar.value, bool):
        return literal(scalar.value, Boolean)
    return literal(scalar.value, Text) if isinstance(scalar.value, str) else literal(float(scalar.value), Double)
