"""What the tests that kill may ask for: processes to kill, on databases that wait for their disk; kills nothing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from tests.crash.house import House, nursery, opened
from tests.postgres import Cluster, clustered


@pytest.fixture(scope="session")
def cradle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a nursery, which loads the product once for all tests."""
    with nursery(tmp_path_factory.mktemp("cradle")) as place:
        yield place


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that waits for its disk, and may be killed."""
    with clustered(durable=True) as started:
        yield started


@pytest.fixture
async def durable_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a table, which an answered commit has to survive in."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'reality.db'}"
    server = request.getfixturevalue("cluster").server
    name = f"crash_{uuid4().hex}"
    connection = await asyncpg.connect(server.url().replace("+asyncpg", ""))
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return str(server.url(name))


@pytest.fixture
async def house(cradle: Path, tmp_path: Path, durable_url: str) -> AsyncIterator[House]:
    """Processes on a database of their own."""
    async with opened(cradle, tmp_path, durable_url) as house:
        yield house
