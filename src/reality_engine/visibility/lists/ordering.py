"""In what order a list is, and what comes after a place in it; not how the rows are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, and_, func, literal, or_
from sqlalchemy.types import TypeEngine

from reality_engine.expressions.types import Base
from reality_engine.kernel.errors import Problem, ProblemsError
from reality_engine.kernel.json import Plain
from reality_engine.visibility.filters.names import Names, unknown
from reality_engine.visibility.filters.reading import Reading
from reality_engine.visibility.filters.terms import ID, Read, family
from reality_engine.visibility.sortable import SORTED_TEXT

FIELD: Final = "sort"
MAX_ORDERS: Final = 4
_SORTED: Final = frozenset({Base.TEXT, Base.NUMBER, Base.BOOLEAN, Base.TIMESTAMP, Base.DURATION})
_TEXTS: Final = frozenset({Base.TEXT, Base.TIMESTAMP})


@dataclass(frozen=True, slots=True)
class Order:
    """One of the values that a list is put in order by, upwards or `down`; what has none comes last in either case."""

    read: Read
    down: bool = False

    @property
    def text(self) -> bool:
        """Whether it is text that is compared, code point by code point."""
        return family(self.read.type) in _TEXTS

    def value(self, reading: Reading) -> ColumnElement[Any]:
        """Return the value that is compared: of a text, the beginning."""
        found = reading.value(self.read)
        return func.substr(found, 1, SORTED_TEXT, type_=Text) if self.text else found


def parse_sort(source: str | None, names: Names) -> tuple[Order, ...]:
    """Return the orders that `-plan,name` asks for, none for newest first; raises ProblemsError with all problems."""
    if source is None:
        return ()
    steps = [step.strip() for step in source.split(",")]
    problems = [problem for step in steps[: MAX_ORDERS + 1] if (problem := _problem(step, names))]
    if len(steps) > MAX_ORDERS:
        problems.append(Problem("limit_exceeded", f"a list is sorted by at most {MAX_ORDERS} fields", FIELD))
    fields = [step.removeprefix("-") for step in steps]
    twice = [name for number, name in enumerate(fields) if name in fields[:number]]
    if twice and not problems:
        problems.append(Problem("invalid", f"'{twice[0]}' is there twice", FIELD))
    if problems:
        raise ProblemsError(problems[0].message, field=FIELD, hint=problems[0].hint, problems=tuple(problems))
    orders = tuple(Order(_read(step, names), step.startswith("-")) for step in steps)
    return () if (orders[0].read.name, orders[0].down) == (ID, True) else orders


def _read(step: str, names: Names) -> Read:
    read = names.find(step.removeprefix("-").split("."))
    if read is None:
        raise AssertionError(step)
    return read


def _problem(step: str, names: Names) -> Problem | None:
    path = step.removeprefix("-").split(".")
    if not all(path):
        return Problem("invalid", "a field's name is missing", FIELD, "write it like -plan,name")
    read = names.find(path)
    if read is None:
        message, hint = unknown(path, names.below(path))
        return Problem("unknown_field", message, FIELD, hint)
    if family(read.type) not in _SORTED:
        return Problem("invalid", f"a list cannot be sorted by {read.shown}, which is of type {read.type}", FIELD)
    return None


@dataclass(frozen=True)
class Sorted:
    """Columns to sort by: the value of each order, and the entity's id, newest first where the values are the same."""

    reading: Reading
    orders: Sequence[Order]
    values: Sequence[ColumnElement[Any]]
    entity: Any

    def by(self) -> list[ColumnElement[Any]]:
        """Return what to order by."""
        found: list[ColumnElement[Any]] = []
        for order, value in zip(self.orders, self.values, strict=True):
            compared = self._compared(order, value)
            found += [value.is_(None), compared.desc() if order.down else compared]
        return [*found, self.entity.desc()]

    def after(self, place: Sequence[Plain]) -> ColumnElement[bool]:
        """Return the condition for what comes after a place: the values, and the id, of the last that was shown."""
        *held, last = place
        same: list[ColumnElement[bool]] = []
        ways: list[ColumnElement[bool]] = []
        for order, value, known in zip(self.orders, self.values, held, strict=True):
            if known is None:
                same.append(value.is_(None))
                continue
            compared, bound = self._compared(order, value), literal(known, _type_of(order, value))
            further = compared < bound if order.down else compared > bound
            ways.append(and_(*same, or_(further, value.is_(None))))
            same.append(compared == bound)
        return or_(*ways, and_(*same, self.entity < last))

    def _compared(self, order: Order, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return self.reading.dialect.documents.bytewise(value) if order.text else value


def _type_of(order: Order, value: ColumnElement[Any]) -> TypeEngine[Any]:
    return Text() if order.text else value.type
