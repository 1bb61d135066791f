"""Every query on imports that are not finished; what is brought in is written by batches."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from reality_engine.archives.models import ImportRow
from reality_engine.db.batch import Batch
from reality_engine.db.shape import Row, shape_of
from reality_engine.db.unit import ReadUnit, WriteUnit

IMPORTS: Final = shape_of(ImportRow, ("taken", "position"))


async def find(unit: ReadUnit, archive: bytes, *, copied: bool) -> ImportRow | None:
    """Return the import of an archive that was begun."""
    query = select(ImportRow).where(ImportRow.archive == archive, ImportRow.copied.is_(copied))
    row: ImportRow | None = await unit.session.scalar(query)
    return row


async def get(unit: ReadUnit, world: str) -> ImportRow | None:
    """Return the import of a world."""
    row: ImportRow | None = await unit.session.scalar(select(ImportRow).where(ImportRow.world == world))
    return row


async def list_left(unit: ReadUnit, before: datetime) -> list[ImportRow]:
    """Return the imports that nobody has been at since a moment."""
    return list(await unit.session.scalars(select(ImportRow).where(ImportRow.touched_at < before)))


async def hold(unit: WriteUnit, world: str, taken: str) -> bool:
    """Hold the import of a world until the transaction ends; False where somebody else has it."""
    query = select(ImportRow).where(ImportRow.world == world, ImportRow.taken == taken)
    return await unit.session.scalar(unit.dialect.locked(query)) is not None


async def forget(unit: WriteUnit, world: str) -> None:
    """Take an import out, which has come to its end in one way or the other."""
    await unit.session.execute(delete(ImportRow).where(ImportRow.world == world))


async def add(unit: WriteUnit, row: Row) -> bool:
    """Insert an import; False where there is one of the same archive, or of the same world."""
    statement = unit.dialect.insert_or_ignore(ImportRow).returning(ImportRow.world)
    return await unit.session.scalar(statement.values(dict(zip(IMPORTS.names, row, strict=True)))) is not None


async def take(unit: WriteUnit, world: str, taken: str, now: datetime) -> ImportRow | None:
    """Give an import into other hands."""
    query = unit.dialect.locked(select(ImportRow).where(ImportRow.world == world))
    row: ImportRow | None = await unit.session.scalar(query)
    if row is not None:
        row.taken, row.touched_at = taken, now
        await unit.session.flush()
    return row


def row_of(row: ImportRow) -> Row:
    """Return an import as its shape has it."""
    return tuple(getattr(row, name) for name in IMPORTS.names)


def move(batch: Batch, before: Row, after: Row) -> None:
    """Have a batch written only while the import is where it was, and in the same hands."""
    batch.guard(IMPORTS, before, after)
