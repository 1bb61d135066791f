"""How the projection writes and deletes rows: one statement for all of a table; not which rows."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from sqlalchemy import bindparam, delete

from reality_engine.db.unit import WriteUnit

Rows: TypeAlias = list[dict[str, Any]]


async def write_rows(unit: WriteUnit, statement: Any, rows: Rows) -> None:
    """Execute a statement for each of the rows; nothing where there are none."""
    if rows:
        connection = await unit.session.connection()
        await connection.execute(statement, rows)


async def delete_rows(unit: WriteUnit, table: Any, rows: Rows, by: Sequence[str] = ()) -> None:
    """Delete the rows that are the same as these in the columns `by`, which are the primary key unless told."""
    columns = [table.__table__.c[name] for name in by] or list(table.__table__.primary_key.columns)
    statement = delete(table)
    for column in columns:
        statement = statement.where(column == bindparam(f"x_{column.name}", type_=column.type))
    await write_rows(unit, statement, [{f"x_{column.name}": row[column.name] for column in columns} for row in rows])
