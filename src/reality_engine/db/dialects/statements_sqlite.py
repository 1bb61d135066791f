"""The statements by which batches are written to SQLite; the names in them are those of our own tables and columns."""

from functools import cache

from reality_engine.db.shape import Shape


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
def delete(shape: Shape) -> str:
    """Return a DELETE of the row with a key."""
    return f"DELETE FROM {shape.name} WHERE {' AND '.join(f'{name} = ?' for name in shape.key)}"


@cache
def update(shape: Shape, names: tuple[str, ...], by: tuple[str, ...]) -> str:
    """Return an UPDATE of these columns, in the row that has what is given in the columns `by`."""
    changes, condition = ", ".join(f"{name} = ?" for name in names), " AND ".join(f"{name} = ?" for name in by)
    return f"UPDATE {shape.name} SET {changes} WHERE {condition}"
