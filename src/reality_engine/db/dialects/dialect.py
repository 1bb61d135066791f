"""What the two databases do differently, as one protocol; the rest of the product asks this and never for a name."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from sqlalchemy import URL, ColumnElement, Connection, Insert, Select, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from reality_engine.db.batch import Batch
from reality_engine.db.dialects.documents import Documents
from reality_engine.db.reading.reader import Reader
from reality_engine.db.reading.statement import Values
from reality_engine.db.shape import Key, Shape

# From the parts of a key to a query of one column, `at`.
RowsOf: TypeAlias = Callable[..., Select[Any]]
# A column of texts, whether or not some rows have none.
TextColumn: TypeAlias = "InstrumentedAttribute[str] | InstrumentedAttribute[str | None]"
# Writes one batch and commits it.
Write: TypeAlias = Callable[[Batch], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Given:
    """Stands for the keys of whoever will look, in a statement that is made once and asked for many.

    It is what `Dialect.given` says of them: how many there are room for, where the statement's text depends on it.
    """

    places: int = 0


# An index of the words of a table is called this and the table's name (`db.migrations.word_index`). On SQLite it is a
# table, which has its own tables beside it.
WORD_INDEX: Final = "words_of_"


def declared(name: str | None, *_: object) -> bool:
    """Say whether what has this name in the database should stand in a model too; Alembic asks."""
    return not (name or "").startswith(WORD_INDEX)


class BatchWriter(Protocol):
    """Writes batches by connections of its own, which open at the first use and again whenever they were lost."""

    async def write(self, batch: Batch) -> None:
        """Write a batch in a transaction of its own, which is durable when this returns.

        Raises HeadMovedError where a guard does not hold, IntegrityError where a constraint refuses a row, and
        UnavailableError for what may pass: then nothing was written. OutcomeUnknownError says that it may have been.
        """
        ...

    def alone(self, shape: Shape, keys: Sequence[Key], /) -> AbstractAsyncContextManager[Write]:
        """Hold rows of a table, for which it waits, so that nobody else writes to them: yields what writes one batch.

        They are held until that is committed, or until the end. It raises what `write` does, and UnavailableError where
        the rows could not be had in time.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection, once what is on its way is written."""
        ...


class Dialect(Protocol):
    """One database's ways."""

    name: str

    def __hash__(self) -> int: ...

    # How it reads JSON and compares text.
    documents: Documents
    # Whether one process must let its writers in one at a time.
    single_writer: bool
    # Whether asking costs more than what is asked for, so that a page should be one statement.
    far: bool

    def writer(self, url: URL, pool_size: int) -> AsyncEngine:
        """Return an engine whose transactions may write, and hold a lock that lets them commit."""
        ...

    def reader(self, url: URL, writer: AsyncEngine, pool_size: int) -> AsyncEngine:
        """Return an engine whose transactions see one moment and cannot write."""
        ...

    def batch_writer(self, url: URL, pool_size: int) -> BatchWriter:
        """Return a writer of batches."""
        ...

    def page_reader(self, url: URL) -> Reader:
        """Return what reads pages, beside the engine for all other reading."""
        ...

    def migrator(self, url: URL) -> AsyncEngine:
        """Return an engine for changes of the schema."""
        ...

    def before_migration(self, connection: Connection) -> None:
        """Make other processes that would migrate wait, until the transaction ends."""
        ...

    def after_migration(self, connection: Connection) -> None:
        """Look whether the migration left everything whole; raises IntegrityError, which rolls it back."""
        ...

    def after_copy(self, connection: Connection, tables: Sequence[Table]) -> None:
        """Have rows get further numbers, and be found as quickly, after all of these were copied from elsewhere."""
        ...

    def insert_or_ignore(self, table: type[DeclarativeBase]) -> Insert:
        """Return an INSERT that does nothing where any unique constraint has the row already."""
        ...

    def upsert(self, table: type[DeclarativeBase], keys: Sequence[str], updated: Sequence[str]) -> Insert:
        """Return an INSERT that overwrites the columns `updated` where a row with the same `keys` exists."""
        ...

    def locked(self, query: Select[Any]) -> Select[Any]:
        """Return the query holding its rows until the transaction ends, where writers are not alone anyway."""
        ...

    def among(self, column: TextColumn, values: Sequence[str] | Given) -> ColumnElement[bool]:
        """Return `column IN values` with one parameter, so that the statement's text does not depend on how many.

        Where they are yet to be given, they are the parameter `among`, as `listed` makes it.
        """
        ...

    def listed(self, values: Sequence[str]) -> Any:
        """Return texts as one parameter."""
        ...

    def given(self, keys: Sequence[bytes], names: Sequence[str]) -> tuple[Given, Values]:
        """Return what stands for a viewer's keys in a statement, and the parameters to ask it with.

        `keys` are as they are stored, `names` as JSON has them.
        """
        ...

    def looked_up_in(self, query: Select[Any], column: "InstrumentedAttribute[Any]", found: Select[Any]) -> Select[Any]:
        """Return the rows of a query whose column has one of the values that `found` selects as `at`.

        Whatever is known of the tables, those are found first, and then each is looked up.
        """
        ...

    def greatest(
        self,
        column: "InstrumentedAttribute[Any]",
        keys: Sequence[bytes] | Given,
        rows_of: Callable[[ColumnElement[Any]], ColumnElement[bool]],
        limit: Any,
    ) -> Select[Any]:
        """Return the greatest values of `column` in the rows of any of the keys, each once, the greatest first.

        `rows_of(key)` is the condition for the rows of one key, which an index must have in the order of `column`. Then
        no more is read than what each key has of a page, however many rows it has; and the statement's text does not
        depend on how many keys there are.
        """
        ...

    def each(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf) -> Select[Any]:
        """Return `at` of what `rows` selects for each of the keys, in the order and with the limit that it sets.

        The keys are all of one length, and there is at least one. The statement's text does not depend on how many.
        """
        ...

    def each_valued(self, keys: Sequence[tuple[bytes, ...]], rows: RowsOf) -> Select[Any]:
        """Return `at` and `value` of the rows that `rows` selects for each of the keys; the value in what sorts alike.

        `value` is of bytes.
        """
        ...

    def overlaps(self, column: "InstrumentedAttribute[Any]", values: Sequence[str] | Given) -> ColumnElement[bool]:
        """Return whether a JSON list of texts has any of the values in it."""
        ...

    def has_word(self, table: type[DeclarativeBase], world: str, word: str) -> ColumnElement[bool]:
        """Return whether the index of a table's words finds a word that begins with `word`, in this world.

        It may find rows of other worlds too. The word must be one of `visibility.words`.
        """
        ...

    def json_text(self, column: "InstrumentedAttribute[Any]", key: str) -> ColumnElement[str]:
        """Return one key of a JSON object as text, NULL where it is absent."""
        ...

    def violates_unique(self, error: DBAPIError) -> bool:
        """Say whether a statement failed because a unique constraint has the values already."""
        ...

    def passing(self, error: DBAPIError) -> bool:
        """Say whether the same transaction may succeed later: no lock in time, a lost connection, a full disk."""
        ...
