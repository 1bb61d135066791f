"""Goes through the rows of a world's table in the order of its key, so many at once; not what is done with them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, select, tuple_

from reality_engine.db.shape import Key, Row, Shape
from reality_engine.db.unit import ReadUnit, WriteUnit

# The first column of each of these tables, and the first of its key.
WORLD = "world"


def rest_of_key(shape: Shape) -> Sequence[Any]:
    """Return the columns by which a world's rows are told from each other."""
    columns = {column.name: column for column in shape.columns}
    return [columns[name] for name in shape.key if name != WORLD]


def within(shape: Shape, world: str, after: Key | None, until: Key | None) -> ColumnElement[bool]:
    """Return the condition for a world's rows beyond one key (None: from the first), up to another (None: the last)."""
    names = rest_of_key(shape)
    conditions = [_world(shape) == world]
    if after is not None:
        conditions.append(tuple_(*names) > _given(names, after))
    if until is not None:
        conditions.append(tuple_(*names) <= _given(names, until))
    return and_(*conditions)


async def end_of_chunk(unit: ReadUnit, shape: Shape, world: str, after: Key | None, many: int) -> Key | None:
    """Return the key of the row that ends the next chunk, None where less than so many are left."""
    names = rest_of_key(shape)
    query = select(*names).where(within(shape, world, after, None)).order_by(*names).offset(many - 1).limit(1)
    row = (await unit.session.execute(query)).one_or_none()
    return None if row is None else tuple(row)


def rows_within(shape: Shape, world: str, after: Key | None, until: Key | None) -> Select[Row]:
    """Return the query for the rows of a chunk, without the world."""
    return select(*shape.columns[1:]).where(within(shape, world, after, until))


async def empty(unit: WriteUnit, shape: Shape, world: str, many: int) -> bool:
    """Delete so many rows of a world; says whether that were all."""
    until = await end_of_chunk(unit, shape, world, None, many)
    await unit.session.execute(delete(shape.model).where(within(shape, world, None, until)))
    return until is None


def _world(shape: Shape) -> Any:
    return shape.columns[0]


def _given(columns: Sequence[Any], values: Key) -> Any:
    return tuple_(*(bindparam(None, value, type_=column.type) for column, value in zip(columns, values, strict=True)))
