"""The unit of work: one transaction, visible where it happens; not the queries made in it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from reality_engine.db.batch import Batch
from reality_engine.db.dialects.dialect import Dialect, Write
from reality_engine.db.engine import Engines
from reality_engine.db.errors import OutcomeUnknownError
from reality_engine.db.reading.reader import NotNowError
from reality_engine.db.reading.statement import Script
from reality_engine.db.shape import Key, Shape
from reality_engine.kernel.errors import UnavailableError

T = TypeVar("T")

logger = logging.getLogger(__name__)


class ReadUnit:
    """A transaction to read by, which sees the database at one moment.

    A function that takes a `ReadUnit` also takes a `WriteUnit`, never the other way round.
    """

    def __init__(self, session: AsyncSession, dialect: Dialect) -> None:
        """Wrap a session whose transaction has begun."""
        self.session = session
        self.dialect = dialect

    async def run(self, script: Script[T]) -> T:
        """Run what reads a page within this transaction, for which it is one read among others."""
        connection = await self.session.connection()
        try:
            statement, values = next(script)
            while True:
                rows = (await connection.execute(statement.query, values)).all()
                statement, values = script.send(rows)
        except StopIteration as done:
            found: T = done.value
            return found


class WriteUnit(ReadUnit):
    """A transaction to write by. It is rolled back unless `commit` was called, and is of no use after that."""

    def __init__(self, session: AsyncSession, dialect: Dialect) -> None:
        """Wrap a session whose transaction has begun."""
        super().__init__(session, dialect)
        self._wakers: list[Callable[[], None]] = []

    def after_commit(self, wake: Callable[[], None]) -> None:
        """Have `wake` called once the commit is durable: to wake someone, who then looks for himself.

        It is not called when the process dies in between, and its errors are logged, not raised. What must not be
        lost is a row in the outbox.
        """
        self._wakers.append(wake)

    async def commit(self) -> None:
        """Make everything durable, then wake who waits for it; OutcomeUnknownError says that it may have failed."""
        try:
            await self.session.commit()
        except DBAPIError as error:
            if self.dialect.passing(error):
                raise OutcomeUnknownError("the connection was lost in the commit") from error
            raise
        for wake in self._wakers:
            try:
                wake()
            except Exception:
                # The commit has happened: whoever asked for it must not be told otherwise.
                logger.exception("a waker failed after the commit")


class Units:
    """Opens units of work on one database."""

    def __init__(self, engines: Engines) -> None:
        """Work on these engines, which someone else closes."""
        self._engines = engines
        self._writing = asyncio.Lock() if engines.dialect.single_writer else None

    @property
    def single_writer(self) -> bool:
        """Whether the database takes one writer at a time, whatever they write."""
        return self._engines.dialect.single_writer

    def exclusive(self) -> AbstractAsyncContextManager[None]:
        """Hold back this process's other writers, where the database takes one at a time.

        They would wait anyway, but in order of arrival here, and polling a lock there.
        """
        return self._writing if self._writing is not None else nullcontext()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteUnit]:
        """Open a unit to write by; raises UnavailableError where the database cannot be had in time."""
        async with self.exclusive(), self._session(self._engines.writer) as session:
            yield WriteUnit(session, self._engines.dialect)

    async def write_batch(self, batch: Batch) -> None:
        """Write a batch in a transaction of its own, without a unit; it is durable when this returns.

        Raises HeadMovedError where a guard does not hold, IntegrityError where a constraint refuses a row, and
        UnavailableError for what may pass: then nothing was written. OutcomeUnknownError says that it may have been.
        """
        if batch:
            async with self.exclusive():
                await self._engines.batches.write(batch)

    @asynccontextmanager
    async def alone(self, shape: Shape, keys: Sequence[Key]) -> AsyncIterator[Write]:
        """Hold rows of a table, for which it waits: nobody else writes to them until what this yields wrote a batch.

        What is read meanwhile is read by other transactions. Raises what `write_batch` does.
        """
        async with self.exclusive(), self._engines.batches.alone(shape, keys) as write:
            yield write

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadUnit]:
        """Open a unit to read by; raises UnavailableError where the database cannot be had in time."""
        async with self._session(self._engines.reader) as session:
            yield ReadUnit(session, self._engines.dialect)

    @property
    def dialect(self) -> Dialect:
        """The ways of the database."""
        return self._engines.dialect

    async def page(self, script: Callable[[], Script[T]]) -> T:
        """Run what reads a page, at one moment and in the shortest way; raises UnavailableError."""
        try:
            return await self._engines.pages.run(script())
        except NotNowError:
            async with self.read() as unit:
                return await unit.run(script())

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        # Without autobegin, a statement after the commit is an error and not the start of another transaction.
        async with _Session(engine, expire_on_commit=False, autobegin=False) as session:
            try:
                await session.open()
                yield session
            except DBAPIError as error:
                if self._engines.dialect.passing(error):
                    # Who asked can only wait; that the disk is full, say, is for whoever runs the server.
                    logger.warning("the database could not: %s", error.orig)
                    raise UnavailableError("the database cannot do this now; try again") from error
                raise


class _Session(AsyncSession):
    """A session whose end is no error: what it came to has been said, and a lost connection rolls back by itself."""

    _held: AsyncConnection | None = None

    async def open(self) -> None:
        """Connect and begin, so that a writer has its lock before it reads what it decides by."""
        await self.begin()
        try:
            self._held = await self.connection()
        except (OSError, DBAPIError, PoolTimeoutError) as error:
            raise UnavailableError("the database cannot be reached") from error

    async def close(self) -> None:
        """Let go of the connection, for good where it cannot even roll back."""
        try:
            await super().close()
        except DBAPIError as error:
            logger.warning("a connection could not be ended in good order: %s", error.orig)
            if self._held is not None:
                await self._held.invalidate()
                await self._held.close()
