"""Writes a batch inside a unit of work, among other things; see `hot` for one that is a transaction by itself."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import Delete, Insert, Update, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reality_engine.db.batch import Batch, Narrowing, Writes
from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.errors import HeadMovedError
from reality_engine.db.shape import Key, Row, Shape
from reality_engine.db.unit import WriteUnit

# Before a column's name where a statement has that column's value too.
_HELD: Final = "held_"


async def apply(unit: WriteUnit, batch: Batch) -> None:
    """Write a batch, guards first; raises HeadMovedError, after which the unit must not be committed."""
    connection = await unit.session.connection()
    for (shape, _), (before, after) in batch.guards.items():
        row = {**dict(zip(shape.names, after, strict=True)), **_held(shape.names, before)}
        if (await connection.execute(_guarded(shape), row)).rowcount != 1:
            raise HeadMovedError(f"{shape.name} is not as it was")
    for writes in batch.tables:
        for narrowing, taken in writes.narrowed.items():
            await _narrow(connection, writes.shape, narrowing, taken)
        for statement, rows in _statements(unit.dialect, writes):
            if rows:
                await connection.execute(statement, rows)
        for key, values in writes.changed.items():
            changed = update(writes.shape.model).where(*_keyed(writes.shape)).values(**values)
            await connection.execute(changed, _held(writes.shape.key, key))


async def _narrow(
    connection: AsyncConnection, shape: Shape, rows: Narrowing, taken: frozenset[str] | None
) -> None:  # fmt: skip
    """Take texts out of the lists of rows, one by one: there are few."""
    columns = {column.name: column for column in shape.columns}
    there = [columns[name] == value for name, value in zip(shape.key, rows.start, strict=False)]
    query = select(*(columns[name] for name in shape.key), columns[rows.holder], columns[rows.column]).where(*there)
    for *key, held, listed in (await connection.execute(query)).all():
        if rows.part in held:
            left = [value for value in listed if taken is not None and value not in taken]
            narrowed = update(shape.model).where(*_keyed(shape)).values({rows.column: left})
            await connection.execute(narrowed, _held(shape.key, tuple(key)))


def _statements(dialect: Dialect, writes: Writes) -> Iterable[tuple[Delete | Insert, list[dict[str, Any]]]]:
    """Yield what is to be executed, with the rows for each."""
    shape = writes.shape
    yield _dropping(shape), [_held(shape.key, key) for key in writes.gone]
    yield _putting(dialect, shape), [dict(zip(shape.names, row, strict=True)) for row in writes.kept.values()]
    yield insert(shape.model), [dict(zip(shape.names, row, strict=True)) for row in writes.new]


@cache
def _guarded(shape: Shape) -> Update:
    return (
        update(shape.model).where(*_are(shape, shape.guard_key)).values({name: bindparam(name) for name in shape.rest})
    )


@cache
def _dropping(shape: Shape) -> Delete:
    return delete(shape.model).where(*_keyed(shape))


def _putting(dialect: Dialect, shape: Shape) -> Insert:
    return dialect.upsert(shape.model, shape.key, shape.rest) if shape.rest else dialect.insert_or_ignore(shape.model)


def _keyed(shape: Shape) -> list[Any]:
    return _are(shape, shape.key)


def _are(shape: Shape, names: Iterable[str]) -> list[Any]:
    columns = {column.name: column for column in shape.columns}
    return [columns[name] == bindparam(f"{_HELD}{name}", type_=columns[name].type) for name in names]


def _held(names: Iterable[str], values: Row | Key) -> dict[str, Any]:
    return {f"{_HELD}{name}": value for name, value in zip(names, values, strict=True)}
