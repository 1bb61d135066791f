"""Moves all there is from one database to another, table by table in the order of keys; not while others write to it.

It goes by the tables' own declarations, so a new table comes along by itself. While it is under way the target's schema
has a revision of its own, with which no server starts, and a table in it says how far each table is: whoever was
interrupted goes on from there.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Boolean, Column, MetaData, String, Table, Text, bindparam, func, inspect, select, text, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from reality_engine.db import revisions
from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.engine import dialect_of, parse_url
from reality_engine.db.serial import from_json, to_json
from reality_engine.kernel.errors import ConflictError, IntegrityError, UnavailableError

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain

CHUNK: Final = 1_000
# The head of each world, and its last event: what a move is held to beside the numbers of rows.
HEADS: Final = "world_heads"
EVENTS: Final = "events"
_STATE: Final = Table(
    "moved_tables",
    MetaData(),
    Column("name", String(200), primary_key=True),
    Column("last", Text, nullable=False),
    Column("done", Boolean, nullable=False),
)
# The row that says what the source was when the move began.
_SOURCE: Final = ""
_REVISION: Final = text("UPDATE alembic_version SET version_num = :revision")

Progress = Callable[[str, int], None]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: rows by table, and how many worlds."""

    rows: dict[str, int]
    worlds: int


@dataclass(frozen=True)
class _Sides:
    """Both databases, and the tables that they have."""

    source: AsyncEngine
    target: AsyncEngine
    dialect: Dialect
    tables: Sequence[Table]


async def move(
    source: str, target: str, tables: MetaData, progress: Progress = lambda *_: None, many: int = CHUNK
) -> Moved:
    """Move everything into a database whose tables are there and empty, or go on with a move that was interrupted.

    Raises ConflictError where the target holds anything else, and where somebody wrote to the source meanwhile: then
    the next move begins anew. Raises IntegrityError where the target is not what the source is in the end.
    """
    async with _opened(source, target, tables) as sides:
        begun = await _fingerprint(sides)
        await _begin(sides, begun)
        for table in sides.tables:
            await _copy(sides, table, progress, many)
        if await _fingerprint(sides) != begun:
            hint = "stop the server, and move again: that begins anew"
            raise ConflictError("somebody wrote to the database while it was moved", hint=hint)
        moved = await _compared(sides)
        await _finish(sides)
    return moved


@asynccontextmanager
async def _opened(source: str, target: str, tables: MetaData) -> AsyncIterator[_Sides]:
    urls = parse_url(source), parse_url(target)
    if urls[0] == urls[1]:
        raise ConflictError("the database cannot be moved into itself", field="to")
    one, other = map(dialect_of, urls)
    reader = one.reader(urls[0], one.writer(urls[0], 1), 1)
    writer = other.writer(urls[1], 1)
    try:
        yield _Sides(reader, writer, other, tables.sorted_tables)
    except (OSError, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise UnavailableError(f"a database cannot be had: {reason}", hint="move again: it goes on") from error
    finally:
        await reader.dispose()
        await writer.dispose()


async def _begin(sides: _Sides, source: str) -> None:
    """Mark the target as one that is being moved into, or see that it is; begin anew where the source is another."""
    async with sides.target.begin() as connection:
        if await connection.run_sync(lambda held: inspect(held).has_table(_STATE.name)):
            known = await connection.scalar(select(_STATE.c.last).where(_STATE.c.name == _SOURCE))
            if known == source:
                return
            for table in reversed(sides.tables):
                await connection.execute(table.delete())
            await connection.execute(_STATE.delete())
        else:
            await _require_empty(connection, sides.tables)
            await connection.run_sync(_STATE.create)
            await connection.execute(_REVISION, {"revision": revisions.MOVING})
        await connection.execute(_STATE.insert().values(name=_SOURCE, last=source, done=False))


async def _require_empty(connection: AsyncConnection, tables: Sequence[Table]) -> None:
    for table in tables:
        if await connection.scalar(select(1).select_from(table).limit(1)):
            message = f"there is something in the target's table '{table.name}'"
            raise ConflictError(message, field="to", hint="move into a database of its own, that is empty")


async def _copy(sides: _Sides, table: Table, progress: Progress, many: int) -> None:
    """Copy what of a table is not there yet, a chunk in each transaction."""
    last, done = await _state(sides, table)
    while not done:
        async with sides.source.connect() as connection:
            rows = (await connection.execute(_next(table, last, many))).mappings().all()
        done = len(rows) < many
        if rows:
            last = tuple(rows[-1][column.name] for column in table.primary_key)
        async with sides.target.begin() as connection:
            if rows:
                await connection.execute(table.insert(), [dict(row) for row in rows])
            held = _STATE.update().where(_STATE.c.name == table.name)
            if not (await connection.execute(held.values(last=_written(last), done=done))).rowcount:
                await connection.execute(_STATE.insert().values(name=table.name, last=_written(last), done=done))
        progress(table.name, len(rows))


def _next(table: Table, last: Key | None, many: int) -> Any:
    keys = list(table.primary_key)
    query = select(table).order_by(*keys).limit(many)
    if last is None:
        return query
    given = tuple_(*(bindparam(None, value, type_=key.type) for key, value in zip(keys, last, strict=True)))
    return query.where(tuple_(*keys) > given)


async def _state(sides: _Sides, table: Table) -> tuple[Key | None, bool]:
    async with sides.target.connect() as connection:
        query = select(_STATE.c.last, _STATE.c.done).where(_STATE.c.name == table.name)
        row = (await connection.execute(query)).one_or_none()
    return (None, False) if row is None else (_read(row.last), row.done)


def _written(key: Key | None) -> str:
    return to_json(None if key is None else [{"hex": one.hex()} if isinstance(one, bytes) else one for one in key])


def _read(written: str) -> Key | None:
    held: Plain = from_json(written)
    if not isinstance(held, list):
        return None
    return tuple(bytes.fromhex(str(one["hex"])) if isinstance(one, dict) else one for one in held)


async def _fingerprint(sides: _Sides) -> str:
    """Return what the source is, as far as heads and numbers of rows tell."""
    async with sides.source.connect() as connection:
        told = [await _counts(connection, sides.tables), await _heads(connection, sides.tables)]
    return hashlib.sha256(repr(told).encode()).hexdigest()


async def _counts(connection: AsyncConnection, tables: Sequence[Table]) -> dict[str, int]:
    return {
        table.name: await connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }  # fmt: skip


async def _heads(connection: AsyncConnection, tables: Sequence[Table]) -> list[Key]:
    """Return all there is of each head, with the digest of the event at which it says that the log ends."""
    by_name = {table.name: table for table in tables}
    heads, events = by_name[HEADS], by_name[EVENTS]
    ends = (events.c.world == heads.c.world) & (events.c.position == heads.c.position)
    query = select(*heads.c, events.c.digest.label("ends")).outerjoin(events, ends)
    return sorted((tuple(row) for row in await connection.execute(query)), key=repr)


async def _compared(sides: _Sides) -> Moved:
    """Hold the target to the source; raises IntegrityError that names the first difference."""
    async with sides.source.connect() as connection:
        wanted, heads = await _counts(connection, sides.tables), await _heads(connection, sides.tables)
    async with sides.target.connect() as connection:
        found, moved = await _counts(connection, sides.tables), await _heads(connection, sides.tables)
    for name, number in wanted.items():
        if found[name] != number:
            raise IntegrityError(f"'{name}' had {number} rows, and {found[name]} of them were moved")
    for one, other in zip(heads, moved, strict=True):
        if one != other:
            raise IntegrityError(f"world {one[0]} does not end where it did")
    return Moved(wanted, len(heads))


async def _finish(sides: _Sides) -> None:
    """Make the target one that servers start with."""
    async with sides.target.begin() as connection:
        await connection.run_sync(sides.dialect.after_copy, sides.tables)
        await connection.run_sync(_STATE.drop)
        await connection.execute(_REVISION, {"revision": revisions.newest()})
