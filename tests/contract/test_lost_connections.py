"""A connection to PostgreSQL that the driver finds in the middle of something is lost: others are told to wait."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.directory.models import WorldRow
from reality_engine.eventlog.writer import HEADS
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.ids import fresh_id
from tests.serving import NOON

BUSY = "cannot switch to state 12; another operation (2) is in progress"


@pytest.fixture
async def units(database_url: str) -> AsyncIterator[Units]:
    engines = open_engines(database_url)
    yield Units(engines)
    await engines.close()


def confused(patch: pytest.MonkeyPatch, method: str, statement: str) -> None:
    """Have the driver fail once at a statement, as it does where the server was killed while it was asked."""
    ask: Any = getattr(asyncpg.Connection, method)
    left = [statement]

    async def asking(connection: Any, query: str, *given: Any, **named: Any) -> Any:
        if left and left[0] in query:
            left.clear()
            raise asyncpg.InternalClientError(BUSY)
        return await ask(connection, query, *given, **named)

    patch.setattr(asyncpg.Connection, method, asking)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_who_holds_rows_and_loses_the_connection_is_told_so(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    confused(monkeypatch, "execute", "ROLLBACK")
    with pytest.raises(UnavailableError):
        async with units.alone(HEADS, [(fresh_id(NOON),)]):
            raise UnavailableError("the connection was lost")
    async with units.alone(HEADS, [(fresh_id(NOON),)]):
        pass


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_unit_on_a_lost_connection_is_unavailable_and_the_next_is_not(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    confused(monkeypatch, "prepare", WorldRow.__tablename__)
    with pytest.raises(UnavailableError):
        async with units.read() as unit:
            await unit.session.execute(text("SELECT count(*) FROM worlds"))
    async with units.read() as unit:
        assert await unit.session.scalar(text("SELECT count(*) FROM worlds")) == 0
