"""What every test may ask for: databases of both kinds, and short or long runs; fakes and factories stand beside it."""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from tests.databases import DIALECTS, Databases

SHARED = pytest.StashKey[Databases]()

# A slow machine is not a failing test: examples are counted, not timed.
settings.register_profile("ci", deadline=None, max_examples=50, print_blob=True)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--nightly` runs the long form of everything."""
    parser.addoption("--nightly", action="store_true", help="run the tests marked nightly, and many more examples")


def pytest_configure(config: pytest.Config) -> None:
    """Give the run its folder: made by the process that was started first, told to the workers."""
    # A run keeps a gigabyte of objects, which the collector would go through again and again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("nightly" if config.getoption("--nightly") else "ci")
    told = getattr(config, "workerinput", None)  # pytest-xdist gives it to its workers, and to them alone
    if told is None:
        folder, owner = Path(tempfile.mkdtemp(prefix="reality-tests-")), os.getpid()
        databases = Databases(folder, owner)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.add_cleanup(databases.stop)  # the last one added runs first
    else:
        databases = Databases(Path(told["folder"]), told["owner"])
    config.stash[SHARED] = databases


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist what this process made."""
    node.workerinput.update(node.config.stash[SHARED].address)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long forms, unless they were asked for."""
    if not config.getoption("--nightly"):
        for item in items:
            if item.get_closest_marker("nightly"):
                item.add_marker(pytest.mark.skip(reason="a long form: runs with --nightly"))


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """Fresh databases, for a test that needs more than one."""
    return pytestconfig.stash[SHARED]


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn; `@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)` picks."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(dialect: str, databases: Databases) -> Iterator[str]:
    """A database for this test alone, migrated and without a row."""
    with databases.fresh(dialect, migrated=True) as url:
        yield url


@pytest.fixture
def empty_database_url(dialect: str, databases: Databases) -> Iterator[str]:
    """A database for this test alone, without a table: for tests of the migrations."""
    with databases.fresh(dialect, migrated=False) as url:
        yield url


@pytest.fixture(scope="session", params=DIALECTS)
def worker_database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A migrated database for all the tests of this process that leave nothing behind."""
    with databases.fresh(request.param, migrated=True) as url:
        yield url


@pytest.fixture
def other_url(dialect: str, databases: Databases) -> Iterator[str]:
    """Yield the address of another migrated database of the same kind."""
    with databases.fresh(dialect, migrated=True) as url:
        yield url


@pytest.fixture
async def others(other_url: str) -> AsyncIterator[Units]:
    """Open units of work on that other database."""
    engines = open_engines(other_url)
    yield Units(engines)
    await engines.close()
