"""What stands in a database, to be compared before and after; not what it means."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from reality_engine.app.tables import all_tables
from reality_engine.db.unit import Units

# What a request leaves behind whatever comes of it: its stored answer.
ANSWERS = frozenset({"idempotent_answers"})

Dump = dict[str, list[tuple[Any, ...]]]


async def dump(units: Units, but: Collection[str] = ()) -> Dump:
    """Return every row of every table, but of those named."""
    found: Dump = {}
    async with units.read() as unit:
        for table in all_tables().sorted_tables:
            if table.name not in but:
                rows = await unit.session.execute(select(table))
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found


async def dump_world(units: Units, world: str) -> Dump:
    """Return every row of one world, but for the stored answers."""
    found: Dump = {}
    async with units.read() as unit:
        for table in all_tables().sorted_tables:
            column = table.c.get("world", table.c.id if table.name == "worlds" else None)
            if column is not None and table.name not in ANSWERS:
                rows = await unit.session.execute(select(table).where(column == world))
                found[table.name] = sorted((tuple(row) for row in rows), key=repr)
    return found
