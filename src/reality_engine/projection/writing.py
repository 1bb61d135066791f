"""How the projection writes rows: one statement for all of a table; not which rows."""

from typing import Any, TypeAlias

from reality_engine.db.unit import WriteUnit

Rows: TypeAlias = list[dict[str, Any]]


async def write_rows(unit: WriteUnit, statement: Any, rows: Rows) -> None:
    """Execute a statement for each of the rows; nothing where there are none."""
    if rows:
        connection = await unit.session.connection()
        await connection.execute(statement, rows)
