"""What one transaction is to write, as values: rows by table, and what must not have moved; not the writing.

Nothing here looks at a database or waits, so that what many actions write can be gathered while another transaction is
on its way. For each key of a table the last word wins, and a batch names no row twice: writers may do all rows of a
table by one statement, in any order.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

from reality_engine.db.shape import Key, Row, Shape
from reality_engine.kernel.errors import IntegrityError


class Narrowing(NamedTuple):
    """The rows out of whose list in `column` something is taken.

    They are those whose key begins with `start`, and whose object in `holder` has a member `part`.
    """

    start: Key
    holder: str
    part: str
    column: str


class Writes:
    """What is to happen to the rows of one table. At most one of the four holds a key."""

    __slots__ = ("changed", "fresh", "gone", "kept", "known", "narrowed", "shape")

    def __init__(self, shape: Shape) -> None:
        self.shape: Final = shape
        # Rows to write over what may be there, keys to take away, and single columns to change, by key.
        self.kept: Final[dict[Key, Row]] = {}
        self.gone: Final[dict[Key, None]] = {}
        self.changed: Final[dict[Key, dict[str, Any]]] = {}
        # What is taken out of lists of rows that are there already, None for all of it; before anything else happens.
        self.narrowed: Final[dict[Narrowing, frozenset[str] | None]] = {}
        # Rows that are not there yet. Most tables get no others: their keys are made when the first is named otherwise.
        self.fresh: list[Row] = []
        self.known: dict[Key, Row] | None = None

    @property
    def new(self) -> Collection[Row]:
        """The rows that are not there yet."""
        return self.fresh if self.known is None else self.known.values()

    def insert(self, row: Row) -> None:
        """Write a row that is not there, unless this batch took it away; the database refuses any other."""
        if self.known is None:
            self.fresh.append(row)
            return
        key = self.shape.key_of(row)
        if key in self.gone:
            del self.gone[key]
            self.kept[key] = row
        elif key in self.kept or key in self.known:
            raise IntegrityError(f"a row of {self.shape.name} was to be inserted twice")
        else:
            self.known[key] = row

    def extend(self, rows: Collection[Row]) -> None:
        """Insert rows."""
        if self.known is None:
            self.fresh.extend(rows)
        else:
            for row in rows:
                self.insert(row)

    def put(self, row: Row) -> None:
        """Write a row, over the one with its key if there is one."""
        known, key = self._by_key(), self.shape.key_of(row)
        if key in known:
            known[key] = row
            return
        self.gone.pop(key, None)
        self.changed.pop(key, None)
        self.kept[key] = row

    def drop(self, key: Key) -> None:
        """Take a row away, if there is one."""
        if self._by_key().pop(key, None) is None:
            self.kept.pop(key, None)
            self.changed.pop(key, None)
            self.gone[key] = None

    def update(self, key: Key, values: Mapping[str, Any]) -> None:
        """Change columns of a row, if there is one; not of its key."""
        known = self._by_key()
        rows = known if key in known else self.kept
        if key in rows:
            rows[key] = tuple(values.get(name, held) for name, held in zip(self.shape.names, rows[key], strict=True))
        elif key not in self.gone:
            self.changed.setdefault(key, {}).update(values)

    def narrow(self, rows: Narrowing, values: frozenset[str] | None) -> None:
        """Take texts out of lists, or all (None): of rows that are there, and of those of this batch so far."""
        held = self.narrowed.get(rows, frozenset())
        self.narrowed[rows] = None if held is None or values is None else held | values
        self.fresh = [self._narrowed(row, rows, values) for row in self.fresh]
        for known in (self.kept, self.known or {}):
            known.update({key: self._narrowed(row, rows, values) for key, row in known.items()})

    def merge(self, later: "Writes") -> None:
        """Do what another one does after this one."""
        for rows, taken in later.narrowed.items():
            self.narrow(rows, taken)
        if self.known is None and later.known is None:
            self.fresh.extend(later.fresh)
            return
        for key in later.gone:
            self.drop(key)
        for key, values in later.changed.items():
            self.update(key, values)
        for row in later.new:
            self.insert(row)
        for row in later.kept.values():
            self.put(row)

    def _narrowed(self, row: Row, rows: Narrowing, values: frozenset[str] | None) -> Row:
        places, (start, holder, part, column) = self.shape.places, rows
        if self.shape.key_of(row)[: len(start)] != start or part not in row[places[holder]]:
            return row
        at = places[column]
        left = tuple(value for value in row[at] if values is not None and value not in values)
        return (*row[:at], left, *row[at + 1 :])

    def _by_key(self) -> dict[Key, Row]:
        if self.known is None:
            self.known = {self.shape.key_of(row): row for row in self.fresh}
            if len(self.known) != len(self.fresh):
                raise IntegrityError(f"a row of {self.shape.name} was to be inserted twice")
            self.fresh = []
        return self.known


class Batch:
    """What one transaction is to write: all of it, or nothing where a guard does not hold."""

    __slots__ = ("_tables", "guards")

    def __init__(self) -> None:
        # By shape and key, the row as it must be found, in its guarded columns, and as it is to be.
        self.guards: Final[dict[tuple[Shape, Key], tuple[Row, Row]]] = {}
        self._tables: Final[dict[Shape, Writes]] = {}

    def __bool__(self) -> bool:
        return bool(self._tables or self.guards)

    @property
    def tables(self) -> Iterable[Writes]:
        """What is to happen, table by table."""
        return self._tables.values()

    def of(self, shape: Shape) -> Writes:
        """Return what is to happen to a table: to write many rows."""
        writes = self._tables.get(shape)
        if writes is None:
            writes = self._tables[shape] = Writes(shape)
        return writes

    def insert(self, shape: Shape, row: Row) -> None:
        """Write a row that is known to be new."""
        self.of(shape).insert(row)

    def extend(self, shape: Shape, rows: Collection[Row]) -> None:
        """Write rows that are known to be new."""
        if rows:
            self.of(shape).extend(rows)

    def put(self, shape: Shape, row: Row) -> None:
        """Write a row, over the one with its key if there is one."""
        self.of(shape).put(row)

    def drop(self, shape: Shape, key: Key) -> None:
        """Take a row away, if there is one."""
        self.of(shape).drop(key)

    def update(self, shape: Shape, key: Key, values: Mapping[str, Any]) -> None:
        """Change columns of a row, if there is one; not of its key."""
        self.of(shape).update(key, values)

    def narrow(self, shape: Shape, rows: Narrowing, values: frozenset[str] | None) -> None:
        """Take texts out of lists, or all (None): of rows that are there, and of those of this batch so far."""
        self.of(shape).narrow(rows, values)

    def guard(self, shape: Shape, before: Row, after: Row) -> None:
        """Write a row over one that must be as it was, in the columns that its shape guards.

        Where it was guarded already, it goes on from there; raises IntegrityError where it does not follow.
        """
        place = shape, shape.key_of(before)
        first = before
        if place in self.guards:
            first, last = self.guards[place]
            if last != before:
                raise IntegrityError(f"a row of {shape.name} does not go on from where it was left")
        self.guards[place] = first, after

    def merge(self, later: "Batch") -> None:
        """Do what another batch does after this one; the other is of no use after that."""
        for (shape, _), (before, after) in later.guards.items():
            self.guard(shape, before, after)
        for writes in later.tables:
            if writes.shape in self._tables:
                self._tables[writes.shape].merge(writes)
            else:
                self._tables[writes.shape] = writes
