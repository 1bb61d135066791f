"""SQLite's ways: pragmas, explicit transactions, its SQL; not the choice between the databases."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Insert,
    LargeBinary,
    Select,
    Table,
    bindparam,
    column,
    desc,
    event,
    func,
    literal,
    select,
    text,
    type_coerce,
    union,
)
from sqlalchemy import table as named
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from reality_engine.db.dialects import lists_sqlite as lists
from reality_engine.db.dialects.dialect import WORD_INDEX, BatchWriter, Given, RowsOf, TextColumn
from reality_engine.db.dialects.documents import Documents
from reality_engine.db.dialects.documents_sqlite import SqliteDocuments
from reality_engine.db.dialects.writing_sqlite import SqliteWriter
from reality_engine.db.reading.reader import Reader
from reality_engine.db.reading.sqlite import SqliteReader
from reality_engine.db.reading.statement import Values
from reality_engine.db.serial import from_json, to_json
from reality_engine.kernel.errors import IntegrityError, InvalidError

BUSY_MILLISECONDS: Final = 10_000

_PRAGMAS: Final[Mapping[str, str]] = {
    # How long to wait for another process's lock. First, since the next pragma may need the lock itself.
    "busy_timeout": str(BUSY_MILLISECONDS),
    # Readers go on while one writes, and a commit is one append and one sync.
    "journal_mode": "WAL",
    # In WAL, NORMAL may lose the last commits when the power fails; an acknowledged action must not be lost.
    "synchronous": "FULL",
    # SQLite only checks foreign keys when told to, and forgets it with the connection.
    "foreign_keys": "ON",
}
# A read unit cannot write, whatever the code in it does.
_READER_PRAGMAS: Final[Mapping[str, str]] = {**_PRAGMAS, "query_only": "ON"}
# A migration may have to rebuild a table: with foreign keys on, dropping the old one would delete what refers to it.
_MIGRATOR_PRAGMAS: Final[Mapping[str, str]] = {**_PRAGMAS, "foreign_keys": "OFF"}

# Extended result codes end in these primary codes: SQLITE_BUSY and LOCKED; IOERR, FULL and CANTOPEN, as on a full disk.
_PASSING_CODES: Final = {5, 6, 10, 13, 14}
_UNIQUE_CODES: Final = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"}

# As many keys as a statement has room for, each size compiled once: merging more is no quicker than a queue.
_PLACES: Final = (8, 16, 32, 64)
# No key is stored so: what is left of the room finds nothing.
NO_KEY: Final = b""


class Sqlite:
    """One file, one writer at a time."""

    name = "sqlite"
    single_writer = True
    far = False
    documents: Documents = SqliteDocuments()

    def writer(self, url: URL, pool_size: int) -> AsyncEngine:  # noqa: ARG002 - one writer needs no pool's size
        """Return an engine whose transactions take the write lock at once: a later upgrade of a lock could fail."""
        _require_file(url)
        return _engine(url, _PRAGMAS, "BEGIN IMMEDIATE", pool_size=1)

    def reader(self, url: URL, writer: AsyncEngine, pool_size: int) -> AsyncEngine:  # noqa: ARG002
        """Return an engine whose transactions see the file as it was at their first query."""
        return _engine(url, _READER_PRAGMAS, "BEGIN", pool_size=pool_size)

    def batch_writer(self, url: URL, pool_size: int) -> BatchWriter:  # noqa: ARG002 - one writer needs no pool's size
        """Return a writer with one connection, in a thread."""
        _require_file(url)
        return SqliteWriter(str(url.database), _PRAGMAS)

    def migrator(self, url: URL) -> AsyncEngine:
        """Return an engine for one migration, which is one transaction."""
        _require_file(url)
        return _engine(url, _MIGRATOR_PRAGMAS, "BEGIN IMMEDIATE", pool_size=1)

    def before_migration(self, connection: Connection) -> None:
        """Do nothing: the transaction has the write lock."""

    def after_migration(self, connection: Connection) -> None:
        """Look once for references into nothing, since the migration ran without foreign keys."""
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise IntegrityError(f"the migration would leave rows of '{broken[0]}' with a reference into nothing")

    def after_copy(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Do nothing: numbers go on from the greatest there is."""

    def insert_or_ignore(self, table: type[DeclarativeBase]) -> Insert:
        """Return an INSERT that does nothing where any unique constraint has the row already."""
        return insert(table).on_conflict_do_nothing()

    def upsert(self, table: type[DeclarativeBase], keys: Sequence[str], updated: Sequence[str]) -> Insert:
        """Return an INSERT that overwrites the columns `updated` where a row with the same `keys` exists."""
        statement = insert(table)
        return statement.on_conflict_do_update(
            index_elements=list(keys), set_={name: statement.excluded[name] for name in updated}
        )

    def locked(self, query: Select[Any]) -> Select[Any]:
        """Return the query as it is: a writer has the whole file."""
        return query

    def page_reader(self, url: URL) -> Reader:
        """Return a connection of this thread."""
        return SqliteReader(url)

    def among(self, column: TextColumn, values: Sequence[str] | Given) -> ColumnElement[bool]:
        """Return `column IN values`, the values as one JSON array."""
        return column.in_(select(lists.texts("among", values).table_valued("value").c.value))

    def listed(self, values: Sequence[str]) -> str:
        """Return a JSON array."""
        return to_json(list(values))

    def given(self, keys: Sequence[bytes], names: Sequence[str]) -> tuple[Given, Values]:
        """Give few keys as a parameter each, many cut out of one."""
        values = {"names": self.listed(names)}
        for places in _PLACES:
            if len(keys) <= places:
                padded = [*keys, *[NO_KEY] * (places - len(keys))]
                return Given(places), {**values, **{f"key{number}": key for number, key in enumerate(padded)}}
        rows, joined = lists.cut([(key,) for key in keys])
        return Given(), {**values, "places": rows, "joined": joined}

    def looked_up_in(self, query: Select[Any], column: "InstrumentedAttribute[Any]", found: Select[Any]) -> Select[Any]:
        """Look them up by IN, which no planner here makes a join of."""
        return query.where(column.in_(found))

    def greatest(
        self,
        column: "InstrumentedAttribute[Any]",
        keys: Sequence[bytes] | Given,
        rows_of: Callable[[ColumnElement[Any]], ColumnElement[bool]],
        limit: Any,
    ) -> Select[Any]:
        """Merge the keys by a queue that holds the next row of each, which is what a recursive query with an order is.

        There is no LATERAL here, and at most 500 selects can be united. Of few keys, the selects are merged as they go.
        """
        if isinstance(keys, Given) and keys.places:
            united = (
                select(column.label("at")).where(rows_of(bindparam(f"key{number}", type_=LargeBinary, required=True)))
                for number in range(keys.places)
            )
            # In order and limited themselves, else all of them would be gathered first.
            merged = union(*united).order_by(desc("at")).limit(limit).subquery("merged")
            return select(merged.c.at)
        held = lists.each(keys if isinstance(keys, Given) else [(key,) for key in keys])
        first = select(func.max(column)).where(rows_of(held.c.part0)).scalar_subquery()
        queue = select(first.label("at"), held.c.part0.label("key")).cte("queue", recursive=True)
        following = select(func.max(column)).where(rows_of(queue.c.key), column < queue.c.at).scalar_subquery()
        step = select(following, queue.c.key).where(queue.c.at.is_not(None)).suffix_with(text("ORDER BY 1 DESC"))
        queue = queue.union_all(step)
        return select(queue.c.at).where(queue.c.at.is_not(None)).distinct().limit(limit)

    def each(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf) -> Select[Any]:
        """Ask each key for a list of its rows, and go through the lists."""
        held = lists.each(keys)
        page = rows(*held.c).correlate(held).subquery("page")
        listed = select(func.json_group_array(page.c.at)).correlate(held).scalar_subquery()
        found = func.json_each(listed).table_valued("value", name="found", joins_implicitly=True)
        return select(type_coerce(found.c.value, page.c.at.type).label("at")).select_from(held, found)

    def each_valued(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf) -> Select[Any]:
        """Ask each key for a list of its rows, in which bytes stand as hexadecimal text, since JSON has none."""
        held = lists.each(keys)
        page = rows(*held.c).correlate(held).subquery("page")
        pair = func.json_array(page.c.at, func.hex(page.c.value))
        listed = select(func.json_group_array(pair)).correlate(held).scalar_subquery()
        found = func.json_each(listed).table_valued("value", name="found", joins_implicitly=True)
        at, value = (func.json_extract(found.c.value, path) for path in ("$[0]", "$[1]"))
        return select(type_coerce(at, page.c.at.type).label("at"), value.label("value")).select_from(held, found)

    def overlaps(self, column: "InstrumentedAttribute[Any]", values: Sequence[str] | Given) -> ColumnElement[bool]:
        """Return whether a JSON list of texts has any of the values in it."""
        held = func.json_each(column).table_valued("value", name="held")
        wanted = lists.texts("names", values).table_valued("value", name="wanted")
        return select(literal(1)).select_from(held).where(held.c.value.in_(select(wanted.c.value))).exists()

    def has_word(self, table: type[DeclarativeBase], world: str, word: str) -> ColumnElement[bool]:
        """Return whether the row is among those that FTS5 finds; the word is quoted, so that it is no operator."""
        name = f"{WORD_INDEX}{table.__tablename__}"
        # A column that has the table's own name stands for the whole of it.
        found: ColumnElement[int] = column("rowid")
        query = select(found).select_from(named(name)).where(column(name).bool_op("MATCH")(f'"{world[-8:]}{word}"*'))
        number: ColumnElement[int] = table.__table__.c.number
        return number.in_(query)

    def json_text(self, column: "InstrumentedAttribute[Any]", key: str) -> ColumnElement[str]:
        """Return one key of a JSON object as text, NULL where it is absent."""
        text: ColumnElement[str] = column[key].as_string()
        return text

    def violates_unique(self, error: DBAPIError) -> bool:
        """Say whether a statement failed because a unique constraint has the values already."""
        return getattr(error.orig, "sqlite_errorname", None) in _UNIQUE_CODES

    def passing(self, error: DBAPIError) -> bool:
        """Say whether another process held the lock for too long, or the disk took no more."""
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _PASSING_CODES


def _require_file(url: URL) -> None:
    if url.database in (None, "", ":memory:") or "mode=memory" in str(url):
        raise InvalidError(
            "SQLite needs a file: in memory, every connection would have a database of its own",
            field="database_url",
            hint="write it like sqlite:///var/reality.db",
        )
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidError(f"the database's folder cannot be made: {error}", field="database_url") from error
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InvalidError(f"'{path}' is not a file that can be written", field="database_url")


def _engine(url: URL, pragmas: Mapping[str, str], begin: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        # The driver's own transactions start late and not for reads; the hook below begins them instead.
        connect_args={"isolation_level": None},
        json_serializer=to_json,
        json_deserializer=from_json,
        # An error would otherwise carry the values into the log.
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _setting(pragmas))
    event.listen(engine.sync_engine, "begin", _beginning(begin))
    return engine


def _setting(pragmas: Mapping[str, str]) -> Callable[[Any, Any], None]:
    def set_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    return set_pragmas


def _beginning(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin
