import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InvalidRequestError

from reality_engine.db.engine import Engines, open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnavailableError


@pytest.fixture
async def engines(database_url: str) -> AsyncIterator[Engines]:
    engines = open_engines(database_url)
    async with engines.writer.begin() as connection:
        await connection.execute(text("CREATE TABLE things (name VARCHAR(20) PRIMARY KEY)"))
    yield engines
    async with engines.writer.begin() as connection:
        await connection.execute(text("DROP TABLE things"))
    await engines.close()


@pytest.fixture
def units(engines: Engines) -> Units:
    return Units(engines)


async def names(units: Units) -> list[str]:
    async with units.read() as unit:
        return list(await unit.session.scalars(text("SELECT name FROM things ORDER BY name")))


ADD = text("INSERT INTO things VALUES (:name)")


async def test_what_was_committed_stays(units: Units) -> None:
    async with units.write() as unit:
        await unit.session.execute(ADD, {"name": "a"})
        await unit.commit()
    assert await names(units) == ["a"]


async def test_without_a_commit_everything_is_rolled_back(units: Units) -> None:
    async with units.write() as unit:
        await unit.session.execute(ADD, {"name": "a"})
    assert await names(units) == []


async def test_an_error_rolls_everything_back(units: Units) -> None:
    async def fail() -> None:
        async with units.write() as unit:
            await unit.session.execute(ADD, {"name": "a"})
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert await names(units) == []


async def test_a_unit_is_of_no_use_after_its_commit(units: Units) -> None:
    async with units.write() as unit:
        await unit.commit()
        with pytest.raises(InvalidRequestError):
            await unit.session.execute(ADD, {"name": "a"})
    assert await names(units) == []


async def test_a_read_unit_cannot_write(units: Units) -> None:
    with pytest.raises(DBAPIError):
        async with units.read() as unit:
            await unit.session.execute(ADD, {"name": "a"})
    assert await names(units) == []


async def test_after_a_read_unit_one_can_write_again(units: Units) -> None:
    await names(units)
    async with units.write() as unit:
        await unit.session.execute(ADD, {"name": "a"})
        await unit.commit()
    assert await names(units) == ["a"]


async def test_a_read_unit_sees_one_moment(units: Units) -> None:
    count = text("SELECT count(*) FROM things")
    async with units.read() as reader:
        assert await reader.session.scalar(count) == 0
        async with units.write() as writer:
            await writer.session.execute(ADD, {"name": "a"})
            await writer.commit()
        assert await reader.session.scalar(count) == 0
    assert await names(units) == ["a"]


async def test_wakers_run_after_the_commit_and_only_then(units: Units) -> None:
    woken: list[str] = []
    async with units.write() as unit:
        unit.after_commit(lambda: woken.append("never"))
    async with units.write() as unit:
        unit.after_commit(lambda: woken.append("woken"))
        assert woken == []
        await unit.commit()
        assert woken == ["woken"]


async def test_a_failing_waker_neither_undoes_the_commit_nor_stops_the_next(
    units: Units, caplog: pytest.LogCaptureFixture
) -> None:
    woken: list[str] = []
    async with units.write() as unit:
        await unit.session.execute(ADD, {"name": "a"})
        unit.after_commit(lambda: woken.remove("nothing"))
        unit.after_commit(lambda: woken.append("second"))
        await unit.commit()
    assert woken == ["second"]
    assert await names(units) == ["a"]
    assert "a waker failed" in caplog.text


async def test_writers_at_once_lose_nothing(units: Units) -> None:
    async def add(number: int) -> None:
        async with units.write() as unit:
            await unit.session.execute(ADD, {"name": f"{number:02}"})
            await unit.commit()

    await asyncio.gather(*(add(number) for number in range(40)))
    assert await names(units) == [f"{number:02}" for number in range(40)]


async def test_a_cancelled_writer_leaves_nothing_behind(units: Units) -> None:
    begun = asyncio.Event()

    async def stall() -> None:
        async with units.write() as unit:
            await unit.session.execute(ADD, {"name": "a"})
            begun.set()
            await asyncio.sleep(60)
            await unit.commit()

    task = asyncio.create_task(stall())
    await begun.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    async with asyncio.timeout(5), units.write() as unit:
        await unit.session.execute(ADD, {"name": "b"})
        await unit.commit()
    assert await names(units) == ["b"]


async def test_on_a_full_disk_a_writer_is_put_off_and_readers_are_not(units: Units, dialect: str) -> None:
    full = {
        "sqlite": ("PRAGMA max_page_count = 1", "INSERT INTO things VALUES (hex(zeroblob(1000000)))"),
        "postgresql": ("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$",),
    }

    async def fill() -> None:
        async with units.write() as unit:
            await unit.session.execute(ADD, {"name": "a"})
            for statement in full[dialect]:
                await unit.session.execute(text(statement))

    with pytest.raises(UnavailableError):
        await fill()
    assert await names(units) == []


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    engines = open_engines("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(UnavailableError):
        async with Units(engines).read():
            pass
    await engines.close()
