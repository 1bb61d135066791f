import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from reality_engine.app.tables import all_tables
from reality_engine.db import migrate, revisions
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnavailableError


@pytest.fixture
def url(database_url: str) -> str:
    migrate.downgrade(database_url)  # whatever the fixture gave
    return database_url


def test_from_empty_to_the_newest_and_back(url: str) -> None:
    assert revisions.current(url) is None
    migrate.upgrade(url)
    assert revisions.current(url) == revisions.newest()
    migrate.downgrade(url)
    assert revisions.current(url) is None
    migrate.upgrade(url)
    assert revisions.current(url) == revisions.newest()


def test_the_newest_revision_has_the_tables_that_the_models_say(url: str) -> None:
    migrate.upgrade(url)
    assert migrate.check(url, all_tables()) == []


def test_a_difference_is_found(url: str) -> None:
    migrate.upgrade(url)
    assert any("remove_table" in difference for difference in migrate.check(url, MetaData()))


def test_an_upgrade_of_what_is_new_enough_does_nothing(url: str) -> None:
    migrate.upgrade(url)
    migrate.upgrade(url)
    assert revisions.current(url) == revisions.newest()


def test_processes_that_start_together_take_turns(url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate.upgrade, [url] * 3))
    assert revisions.current(url) == revisions.newest()


async def test_ready_once_upgraded_and_callable_under_a_loop(database_url: str) -> None:
    await asyncio.to_thread(migrate.downgrade, database_url)
    engines = open_engines(database_url)
    async with Units(engines).read() as unit:
        assert not await revisions.ready(unit)
    migrate.upgrade(database_url)
    async with Units(engines).read() as unit:
        assert await revisions.ready(unit)
    await engines.close()


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(UnavailableError):
        migrate.upgrade("postgresql://nobody@127.0.0.1:1/nothing")


def test_a_database_that_is_not_there_is_named(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite makes the file")
    with pytest.raises(UnavailableError, match="does not exist"):
        migrate.upgrade(database_url.rsplit("/", 1)[0] + "/nowhere")


def test_the_newest_revision_is_told_by_the_names_of_files() -> None:
    assert revisions.newest() == ScriptDirectory.from_config(migrate.configuration()).get_current_head()
