"""Turns rows of values into what a driver takes, column by column; for what SQLAlchemy does not stand between."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import JSON
from sqlalchemy.types import TypeEngine

from reality_engine.db.serial import to_json
from reality_engine.db.shape import Row, Shape

# What is done to the values of columns of a type; others are bound as they are.
Encoders: TypeAlias = Mapping[type[TypeEngine[Any]], Callable[[Any], Any]]


def _json(value: Any) -> str:
    return _repeated(value) if type(value) is tuple else to_json(value)


# A tuple is the keys of an audience, which stand beside everything that it sees.
_repeated: Final = lru_cache(1 << 12)(to_json)
JSON_ENCODERS: Final[Encoders] = {JSON: _json}


class Encoding:
    """How the rows of one shape are bound."""

    __slots__ = ("_encoders", "_width")

    def __init__(self, shape: Shape, names: Sequence[str], encoders: Encoders) -> None:
        """Know the rows that have the values of these columns."""
        columns = (shape.columns[shape.places[name]] for name in names)
        found = ((place, encoders.get(type(column.type))) for place, column in enumerate(columns))
        self._encoders = [(place, encode) for place, encode in found if encode is not None]
        self._width = len(names)

    def columns(self, rows: Collection[Row]) -> list[Sequence[Any]]:
        """Return the values of the rows, by column."""
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, encode in self._encoders:
            columns[place] = [None if value is None else encode(value) for value in columns[place]]
        return columns

    def rows(self, rows: Collection[Row]) -> Collection[Row]:
        """Return the rows."""
        return list(zip(*self.columns(rows), strict=True)) if self._encoders else rows
