"""PostgreSQL's ways, through asyncpg: connection settings, read-only transactions, its SQL."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import asyncpg
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Insert,
    LargeBinary,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    event,
    false,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, insert
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute
from sqlalchemy.pool import NullPool

from reality_engine.db.dialects.dialect import BatchWriter, Given, RowsOf, TextColumn
from reality_engine.db.dialects.documents import Documents
from reality_engine.db.dialects.documents_postgresql import PostgresqlDocuments
from reality_engine.db.dialects.writing_postgresql import PostgresqlWriter
from reality_engine.db.reading.postgresql import PostgresqlReader
from reality_engine.db.reading.reader import Reader
from reality_engine.db.reading.statement import Values
from reality_engine.db.serial import from_json, to_json

_SETTINGS: Final = {
    "application_name": "reality-engine",
    "timezone": "UTC",
    # Queries here are short; compiling them costs more than running them.
    "jit": "off",
    # A page is looked up by its keys, in memory or on an SSD; the default, for turning disks, reads whole tables.
    "random_page_cost": "1.1",
}
CONNECT_SECONDS: Final = 10
# Pages are read by connections of their own; more of them than a server has processors only wait for each other.
PAGE_CONNECTIONS: Final = 8
# Any number; it only has to be this product's own.
ADVISORY_LOCK: Final = 7_326_254_891

_UNIQUE_VIOLATION: Final = "23505"
# Serialization failure, deadlock, lock not available; disk full, out of memory, too many connections; shutting down or
# starting up.
_PASSING_STATES: Final = {"40001", "40P01", "55P03", "53100", "53200", "53300", "57P01", "57P02", "57P03"}


class Postgresql:
    """A server that any number of processes write to."""

    name = "postgresql"
    single_writer = False
    far = True
    documents: Documents = PostgresqlDocuments()

    def writer(self, url: URL, pool_size: int) -> AsyncEngine:
        """Return an engine at READ COMMITTED: writers lock the rows they decide by."""
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            # Costs one round trip a checkout, and spares a request the error after the server was restarted.
            pool_pre_ping=True,
            connect_args=_connect_args(),
            json_serializer=to_json,
            json_deserializer=from_json,
            # An error would otherwise carry the values into the log.
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "handle_error", _see_whether_lost)
        return engine

    def reader(self, url: URL, writer: AsyncEngine, pool_size: int) -> AsyncEngine:  # noqa: ARG002 - pool is shared
        """Return the same pool of connections, with transactions that see one moment and cannot write."""
        return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def batch_writer(self, url: URL, pool_size: int) -> BatchWriter:
        """Return a writer with a connection for each batch that is on its way."""
        return PostgresqlWriter(url, pool_size)

    def migrator(self, url: URL) -> AsyncEngine:
        """Return an engine for one migration, which is one transaction."""
        return create_async_engine(url, poolclass=NullPool, connect_args=_connect_args())

    def before_migration(self, connection: Connection) -> None:
        """Take a lock for the transaction, so that processes that start together take turns."""
        connection.execute(select(func.pg_advisory_xact_lock(ADVISORY_LOCK)))

    def after_migration(self, connection: Connection) -> None:
        """Do nothing: the server checked all along."""

    def after_copy(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Have sequences go on from the greatest numbers there are, and the planner know how large tables are."""
        for table in tables:
            numbered = table.autoincrement_column
            if numbered is not None:
                sequence = func.pg_get_serial_sequence(table.name, numbered.name)
                greatest = select(func.max(numbered)).scalar_subquery()
                connection.execute(select(func.setval(sequence, func.coalesce(greatest, 0) + 1, false())))
        connection.exec_driver_sql("ANALYZE")

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
        """Return the query with FOR UPDATE."""
        return query.with_for_update()

    def page_reader(self, url: URL) -> Reader:
        """Return connections whose statements are prepared."""
        return PostgresqlReader(url, _SETTINGS, PAGE_CONNECTIONS, CONNECT_SECONDS)

    def among(self, column: TextColumn, values: Sequence[str] | Given) -> ColumnElement[bool]:
        """Return `column = ANY(values)`, the values as one array."""
        return column == any_(cast(_texts("among", values), ARRAY(column.type)))

    def listed(self, values: Sequence[str]) -> list[str]:
        """Return an array."""
        return list(values)

    def given(self, keys: Sequence[bytes], names: Sequence[str]) -> tuple[Given, Values]:
        """Give any number of keys as one array."""
        return Given(), {"keys": list(keys), "names": list(names)}

    def looked_up_in(self, query: Select[Any], column: "InstrumentedAttribute[Any]", found: Select[Any]) -> Select[Any]:
        """Look up the rows of each; without the offset, a fence, the planner may make a join and read the table."""
        places = found.subquery("places")
        each = query.where(column == places.c.at).offset(0).lateral("there")
        return select(*each.c).select_from(places).join(each, true())

    def greatest(
        self,
        column: "InstrumentedAttribute[Any]",
        keys: Sequence[bytes] | Given,
        rows_of: Callable[[ColumnElement[Any]], ColumnElement[bool]],
        limit: Any,
    ) -> Select[Any]:
        """Ask each key for a page of its own, and merge the pages."""
        binary = ARRAY(LargeBinary)
        values: Any = bindparam("keys", type_=binary, required=True)
        if not isinstance(keys, Given):
            values = bindparam(None, list(keys), type_=binary)
        held = func.unnest(cast(values, binary)).table_valued("key").render_derived(name="held")
        page = select(column.label("at")).where(rows_of(held.c.key)).distinct().order_by(column.desc()).limit(limit)
        each = page.lateral("each_key")
        return select(each.c.at).select_from(held).join(each, true()).distinct().order_by(each.c.at.desc()).limit(limit)

    def each(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf) -> Select[Any]:
        """Ask each key for its rows."""
        return self._each(keys, rows, "at")

    def each_valued(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf) -> Select[Any]:
        """Ask each key for its rows."""
        return self._each(keys, rows, "at", "value")

    def _each(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf, *names: str) -> Select[Any]:
        binary = ARRAY(LargeBinary)
        arrays = [cast(bindparam(None, list(parts), type_=binary), binary) for parts in zip(*keys, strict=True)]
        parts = [column(f"part{number}", LargeBinary) for number in range(len(arrays))]
        held = func.unnest(*arrays).table_valued(*parts).render_derived(name="held")
        each = rows(*(held.c[part.name] for part in parts)).lateral("each_key")
        return select(*(each.c[name] for name in names)).select_from(held).join(each, true())

    def overlaps(self, column: "InstrumentedAttribute[Any]", values: Sequence[str] | Given) -> ColumnElement[bool]:
        """Return whether a JSON list of texts has any of the values in it."""
        return column.bool_op("?|")(cast(_texts("names", values), ARRAY(Text)))

    def has_word(self, table: type[DeclarativeBase], world: str, word: str) -> ColumnElement[bool]:
        """Return the condition that the GIN index answers; the word is quoted, so that it is no operator.

        The constants stand in the text, since the expression has to be that of the index.
        """
        columns, space = table.__table__.c, literal_column("' '", Text)
        end = func.right(cast(columns.world, Text), literal_column("8"))
        terms = func.string_to_array(func.ltrim(func.replace(columns.words, space, space.concat(end))), space)
        wanted = cast(literal(f"'{world[-8:]}{word}':*", Text), TSQUERY)
        return func.array_to_tsvector(terms).bool_op("@@")(wanted)

    def json_text(self, column: "InstrumentedAttribute[Any]", key: str) -> ColumnElement[str]:
        """Return one key of a JSON object as text, NULL where it is absent."""
        text: ColumnElement[str] = column[key].as_string()
        return text

    def violates_unique(self, error: DBAPIError) -> bool:
        """Say whether a statement failed because a unique constraint has the values already."""
        return getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION

    def passing(self, error: DBAPIError) -> bool:
        """Say whether the same transaction may succeed later."""
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _PASSING_STATES


def _texts(name: str, values: Sequence[str] | Given) -> Any:
    texts = ARRAY(Text)
    if isinstance(values, Given):
        return bindparam(name, type_=texts, required=True)
    return bindparam(None, list(values), type_=texts)


def _see_whether_lost(context: ExceptionContext) -> None:
    """Take a connection for lost where the driver is in the middle of something, and does not know that itself."""
    if isinstance(getattr(context.original_exception, "__cause__", None), asyncpg.InternalClientError):
        context.is_disconnect = True


def _connect_args() -> dict[str, Any]:
    return {"server_settings": _SETTINGS, "timeout": CONNECT_SECONDS}
