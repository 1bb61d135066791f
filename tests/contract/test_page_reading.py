"""Pages are read by connections of their own, as a transaction would read them, and never by writing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Integer, Text, bindparam, cast, insert, literal, select

from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.reading.reader import NotNowError
from reality_engine.db.reading.statement import Script, Statement
from reality_engine.db.unit import Units
from reality_engine.directory.models import WorldRow
from reality_engine.kernel.errors import UnavailableError
from reality_engine.kernel.ids import fresh_id
from tests.serving import NOON

MANY = 40


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    yield engines
    await engines.close()


def counted(engines: Engines) -> Statement:
    """Return a statement of the worlds whose pack is given, as text, with a constant beside it."""
    pack = bindparam("pack", type_=Text, required=True)
    query = select(cast(WorldRow.id, Text), literal(7, Integer)).where(WorldRow.pack == pack)
    return Statement(query, engines.dialect.name)


def worlds(engines: Engines, pack: str = "pack") -> Script[list[tuple[str, int]]]:
    rows = yield counted(engines), {"pack": pack}
    return [(row[0], row[1]) for row in rows]


async def add(units: Units, pack: str = "pack") -> str:
    key = fresh_id(NOON)
    async with units.write() as unit:
        await unit.session.execute(insert(WorldRow).values(id=key, pack=pack, created_at=NOON))
        await unit.commit()
    return key


async def test_a_page_is_what_a_transaction_reads_and_follows_each_commit(engines: Engines) -> None:
    units = Units(engines)
    assert await units.page(lambda: worlds(engines)) == []
    key = await add(units)
    await add(units, "another")
    async with units.read() as unit:
        assert await unit.run(worlds(engines)) == [(key, 7)]
    assert await units.page(lambda: worlds(engines)) == [(key, 7)]


async def test_more_pages_than_connections_are_all_read(engines: Engines) -> None:
    units = Units(engines)
    key = await add(units)
    found = await asyncio.gather(*(units.page(lambda: worlds(engines)) for _ in range(MANY)))
    assert found == [[(key, 7)]] * MANY


async def test_who_gives_up_waiting_leaves_the_others_their_turn(engines: Engines) -> None:
    units = Units(engines)
    await units.page(lambda: worlds(engines))
    tasks = [asyncio.ensure_future(units.page(lambda: worlds(engines))) for _ in range(MANY)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)
    assert all(one == [] for one in found[1::2])
    assert await units.page(lambda: worlds(engines)) == []


async def test_nothing_can_be_written_by_a_page(engines: Engines) -> None:
    class Writing:
        text = "DELETE FROM worlds"

        def arguments(self, _: Any) -> list[Any]:
            return []

    def script() -> Any:
        yield Writing(), {}

    await Units(engines).page(lambda: worlds(engines))
    with pytest.raises((asyncpg.ReadOnlySQLTransactionError, NotNowError)) as told:
        await engines.pages.run(script())
    assert "read" in f"{told.value}{told.value.__cause__}"  # and not some other mistake


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_page_survives_that_its_connection_was_ended(engines: Engines) -> None:
    units = Units(engines)
    key = await add(units)
    ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    assert await units.page(lambda: worlds(engines)) == [(key, 7)]
    async with engines.writer.connect() as connection:
        await connection.exec_driver_sql(f"{ended} AND datname = current_database()")
    assert [await units.page(lambda: worlds(engines)) for _ in range(3)] == [[(key, 7)]] * 3


async def test_without_a_database_a_page_is_unavailable() -> None:
    engines = open_engines("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(UnavailableError):
        await Units(engines).page(lambda: worlds(engines))
    await engines.close()
