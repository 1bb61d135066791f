"""The statements by which batches are written to SQLite; the names in them are those of our own tables and columns."""

from collections.abc import Callable
from functools import cache
from operator import itemgetter

from reality_engine.db.batch import Narrowing
from reality_engine.db.shape import Row, Shape


@cache
def insert(shape: Shape, rows: int) -> str:
    """Return an INSERT of so many rows."""
    marks = ",".join([f"({','.join('?' * len(shape.names))})"] * rows)
    return f"INSERT INTO {shape.name} ({', '.join(shape.names)}) VALUES {marks}"


@cache
def upsert(shape: Shape, rows: int) -> str:
    """Return an INSERT of so many rows, each over the one with its key if there is one."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in shape.rest)
    then = f"UPDATE SET {changes}" if changes else "NOTHING"
    return f"{insert(shape, rows)} ON CONFLICT ({', '.join(shape.key)}) DO {then}"


@cache
def rewrite(shape: Shape) -> str:
    """Return an UPDATE of a row that is there, if its indexed columns are what they were, given `rewritten` values.

    SQLite writes to an index whenever one of its columns is set, be it to what it was.
    """
    changes = ", ".join(f"{name} = ?" for name in shape.rest if name not in shape.indexed)
    condition = " AND ".join([f"{name} = ?" for name in shape.key] + [f"{name} IS ?" for name in shape.indexed])
    return f"UPDATE {shape.name} SET {changes} WHERE {condition}"


@cache
def rewritten(shape: Shape) -> Callable[[Row], Row]:
    """Return what takes the parameters of `rewrite` from a row."""
    loose = tuple(name for name in shape.rest if name not in shape.indexed)
    return itemgetter(*(shape.places[name] for name in (*loose, *shape.key, *shape.indexed)))


@cache
def delete(shape: Shape) -> str:
    """Return a DELETE of the row with a key."""
    return f"DELETE FROM {shape.name} WHERE {' AND '.join(f'{name} = ?' for name in shape.key)}"


@cache
def update(shape: Shape, names: tuple[str, ...], by: tuple[str, ...]) -> str:
    """Return an UPDATE of these columns, in the row that has what is given in the columns `by`."""
    changes, condition = ", ".join(f"{name} = ?" for name in names), " AND ".join(f"{name} = ?" for name in by)
    return f"UPDATE {shape.name} SET {changes} WHERE {condition}"


def narrow(shape: Shape, rows: Narrowing) -> str:
    """Return an UPDATE that takes texts, a JSON array of which is given first, out of lists; or all, given NULL.

    After that come the beginning of the key and the part that a row must hold.
    """
    start, holder, _, column = rows
    kept = f"SELECT json_group_array(value) FROM json_each({column}) WHERE value NOT IN (SELECT value FROM given)"
    same = " AND ".join(f"{name} = ?" for name in shape.key[: len(start)])
    return (
        f"WITH given AS (SELECT value FROM json_each(?1)) UPDATE {shape.name} "
        f"SET {column} = CASE WHEN ?1 IS NULL THEN '[]' ELSE ({kept}) END "
        f"WHERE {same} AND EXISTS (SELECT 1 FROM json_each({holder}) WHERE key = ?)"
    )


def merging(index: str) -> str:
    """Merge all segments of an index of words into one, which has nothing but what is in the index."""
    return f"INSERT INTO {index}({index}) VALUES ('optimize')"
