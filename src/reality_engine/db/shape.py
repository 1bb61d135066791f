"""A table as rows are written to it: its columns in order, and what tells a row from others; not the rows."""

from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase

# A row's values in the order of its shape's columns, and those of its key.
Row: TypeAlias = tuple[Any, ...]
Key: TypeAlias = tuple[Any, ...]


class Shape:
    """The columns of a table that its writers fill, in the order of the model, and the key that rows are known by.

    That is the primary key; where the database numbers the rows, the number is left out and the key is the table's
    unique constraint. `guarded` names the columns that a guard compares.
    """

    __slots__ = (
        "columns",
        "guard_key",
        "guarded",
        "indexed",
        "key",
        "key_of",
        "model",
        "name",
        "names",
        "places",
        "rest",
    )

    def __init__(self, model: type[DeclarativeBase], guarded: tuple[str, ...] = ()) -> None:
        """Read it off the model."""
        table = model.__table__
        if not isinstance(table, Table):
            raise TypeError(f"{model.__name__} is not of a table")
        self.model: Final = model
        self.name: Final = table.name
        self.columns: Final[tuple[Column[Any], ...]] = tuple(
            column for column in table.columns if column is not table.autoincrement_column
        )
        self.names: Final = tuple(column.name for column in self.columns)
        self.places: Final = {name: place for place, name in enumerate(self.names)}
        self.key: Final = _key(table)
        self.rest: Final = tuple(name for name in self.names if name not in self.key)
        # Columns beside the key by which rows are found: to write over them is to write to their indexes.
        found_by = {column.name for index in table.indexes for column in index.columns}
        self.indexed: Final = tuple(name for name in self.rest if name in found_by)
        self.guarded: Final = guarded
        self.guard_key: Final = (*self.key, *guarded)
        self.key_of: Final[Callable[[Row], Key]] = _getter([self.places[name] for name in self.key])

    def __repr__(self) -> str:
        return f"Shape({self.name})"


@cache
def shape_of(model: type[DeclarativeBase], guarded: tuple[str, ...] = ()) -> Shape:
    """Return the shape of a model's table: one for each, since batches tell tables by it."""
    return Shape(model, guarded)


def _key(table: Table) -> tuple[str, ...]:
    if table.autoincrement_column is None:
        return tuple(column.name for column in table.primary_key.columns)
    (unique,) = (one for one in table.constraints if isinstance(one, UniqueConstraint))
    return tuple(column.name for column in unique.columns)


def _getter(places: list[int]) -> Callable[[Row], Key]:
    if len(places) == 1:
        (place,) = places
        return lambda row: (row[place],)
    return itemgetter(*places)
