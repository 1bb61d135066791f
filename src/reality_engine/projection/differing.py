"""Finds the rows in which two worlds' tables differ, chunk by chunk, and brings one to the other; not why they do.

The database compares, in whatever order it likes: only rows that differ come here, where those that are the same JSON
written otherwise are told from those that are not.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import JSON

from reality_engine.db.batch import Batch
from reality_engine.db.shape import Key, Row, Shape
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import same
from reality_engine.projection.chunks import WORLD, end_of_chunk, rows_within

_IS_WORLD = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """Keys of rows that one world has and the other has not, rows that only the other has, and those that differ."""

    extra: list[Key]
    missing: list[Row]
    other: list[Row]

    def __len__(self) -> int:
        """Return how many rows are not as they should be."""
        return len(self.extra) + len(self.missing) + len(self.other)

    def mend(self, batch: Batch, shape: Shape, world: str) -> None:
        """Have a batch bring the rows of the one to those of the other."""
        for key in self.extra:
            batch.drop(shape, (world, *key))
        for row in self.missing:
            batch.insert(shape, (world, *row))
        for row in self.other:
            batch.put(shape, (world, *row))


class Chunk(NamedTuple):
    """A part of a table: beyond one key (None: from the first), up to another (None: to the last)."""

    shape: Shape
    after: Key | None
    until: Key | None


async def next_chunk(unit: ReadUnit, shape: Shape, after: Key | None, one: str, other: str, many: int) -> Chunk:
    """Return the part of a table that follows a key, in which one world has about so many rows."""
    until = await end_of_chunk(unit, shape, one, after, many) or await end_of_chunk(unit, shape, other, after, many)
    return Chunk(shape, after, until)


async def difference(unit: ReadUnit, chunk: Chunk, world: str, right: str) -> Difference:
    """Say what is to be done to the rows of a world in a part of a table, so that they are those of the right one."""
    here, there = (rows_within(chunk.shape, one, chunk.after, chunk.until) for one in (world, right))
    execute = unit.session.execute
    found = {_key(chunk.shape, row): row for row in await execute(here.except_(there))}
    wanted = {_key(chunk.shape, row): row for row in await execute(there.except_(here))}
    return Difference(
        [key for key in found if key not in wanted],
        [tuple(row) for key, row in wanted.items() if key not in found],
        [tuple(row) for key, row in wanted.items() if key in found and not _alike(chunk.shape, found[key], row)],
    )


def _key(shape: Shape, row: Any) -> Key:
    return tuple(row[shape.places[name] - _IS_WORLD] for name in shape.key if name != WORLD)


def _alike(shape: Shape, one: Any, other: Any) -> bool:
    """Say whether two rows say the same; SQLite keeps JSON as the text that it came as."""
    columns = shape.columns[1:]
    return all(
        same(left, right) if isinstance(column.type, JSON) else left == right
        for column, left, right in zip(columns, one, other, strict=True)
    )
