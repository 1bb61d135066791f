"""Runs the proof on a database of the tests, quietly; not the proof, see `reality_engine.app.proving`."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
import structlog

from reality_engine.app.proving.house import House, opened
from reality_engine.app.proving.proof import Bounds, Proved, prove
from reality_engine.app.proving.story import story_of
from reality_engine.packs.loader import read_files

ROOT = Path(__file__).parents[2]
PACKS = {
    "harbor": ROOT / "packs/harbor",
    "cortex": ROOT / "packs/cortex",
    "commons": ROOT / "packs/commons",
    "quay": ROOT / "tests/integration/quay.yaml",
    "ground": ROOT / "tests/properties/ground.yaml",
}


@asynccontextmanager
async def quiet_house(url: str) -> AsyncIterator[House]:
    """Open a database to prove in."""
    with _quiet(), _at_once():
        async with opened(url) as house:
            yield house


async def proved(url: str, files: Mapping[str, str], cases: int, seed: str = "ci", shrinking: float = 60.0) -> Proved:
    """Try a pack in so many cases."""
    async with quiet_house(url) as house:
        return await prove(house, files, seed, Bounds(cases, shrinking=shrinking))


def files_of(name: str) -> dict[str, str]:
    """Return the files of one of the packs."""
    return read_files(PACKS[name])


def told(found: Proved, files: Mapping[str, str]) -> str:
    """Return the story of what was found, for whoever reads that a test has failed."""
    return "no leak" if found.leak is None else str(story_of(found.leak, files, "pack.yaml"))


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out the line for each request: there are tens of thousands."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.reset_defaults()


@contextmanager
def _at_once() -> Iterator[None]:
    """Run what SQLite is told at once, and not in a thread beside: one request is under way, nobody else would wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "_connect", _connect)
        patch.setattr(aiosqlite.Connection, "_execute", _execute)
        yield


async def _connect(connection: Any) -> Any:
    connection._connection = connection._connector()
    return connection


async def _execute(_connection: Any, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    return call(*arguments, **named)
