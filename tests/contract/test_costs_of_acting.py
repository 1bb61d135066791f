"""An action costs what it touches, not how long the log is: counted, never timed, in a process that knows nothing yet.

SQLite's machine tells the steps that it takes, PostgreSQL the rows and index entries that its scans return.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from sqlalchemy import text

from reality_engine.actions import service as acting
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.chance import secret_draws
from reality_engine.kernel.clock import FixedClock
from reality_engine.packs.cache import PackCache
from reality_engine.rules.decision import Request
from reality_engine.visibility.viewer import Viewers
from tests.properties.stage import COMMONS, staged
from tests.serving import NOON

YOUNG, OLD = 20, 400
SCANNED = text("""
    SELECT (SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables)
         + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)
""")
OTHERS = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
""")


@contextmanager
def steps_counted(patch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """Count the steps, in hundreds, of all connections to SQLite that are opened meanwhile."""
    steps: list[None] = []
    connect = sqlite3.connect

    def counting(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)
        connection.set_progress_handler(lambda: steps.append(None), 100)
        return connection

    with patch.context() as during:
        during.setattr(sqlite3, "connect", counting)
        yield steps


async def scanned(units: Units) -> int:
    """Return what all scans have returned; whoever has left has told of theirs."""
    async with units.read() as unit:
        while await unit.session.scalar(OTHERS):
            await unit.session.execute(text("SELECT pg_sleep(0.01)"))
    async with units.read() as unit:
        return int(await unit.session.scalar(SCANNED) or 0)


@asynccontextmanager
async def process(url: str) -> AsyncIterator[Actions]:
    """Act in another process, as far as memories and connections go."""
    engines, clock = open_engines(url), FixedClock(NOON)
    yield Actions(Units(engines), clock, Viewers(PackCache()), b"key", secret_draws)
    await engines.close()


async def load(url: str, world: str, wish: Wish, times: int) -> None:
    """Make the log longer."""
    async with process(url) as actions:
        done = await asyncio.gather(*(acting.submit(actions, world, wish) for _ in range(times)))
    assert all(answer.accepted for answer in done)


async def cost(url: str, world: str, wish: Wish, patch: pytest.MonkeyPatch) -> int:
    """Return what it costs to act twice, first remembering nothing of the world, then all that it takes."""
    with steps_counted(patch) as steps:
        async with process(url) as actions:
            for _ in range(2):
                assert (await acting.submit(actions, world, wish)).accepted
    return len(steps)


def begun(url: str) -> tuple[str, Wish]:
    """Make a world with a gatherer and a patch that does not run dry."""
    with staged(url, COMMONS) as stage:
        gia, mira, *_ = stage.people

        async def begin() -> tuple[str, Wish]:
            world = await stage.world()
            found = Request("found_patches", gia, input={"names": ["Meadow"], "stock": 10_000, "capacity": 10_000})
            assert (await stage.act(world, Wish(found))).accepted
            there = (await stage.entities(world)).values()
            actor = next(one.id for one in there if one.owner == mira.id and one.kind == "gatherer")
            patch = next(one.id for one in there if one.get("name") == "Meadow")
            return world, Wish(Request("gather", mira, actor, patch, {"effort": 1}))

        return stage.runner.run(begin())


def test_an_action_costs_what_it_did_when_the_log_was_a_tenth_as_long(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, wish = begun(database_url)

    async def measured(times: int) -> int:
        await load(database_url, world, wish, times)
        engines = open_engines(database_url)
        if engines.dialect.name == "sqlite":
            return await cost(database_url, world, wish, monkeypatch)
        before = await scanned(Units(engines))
        await engines.close()
        await cost(database_url, world, wish, monkeypatch)
        after = await scanned(Units(engines))
        await engines.close()
        return after - before

    young, old = asyncio.run(measured(YOUNG)), asyncio.run(measured(OLD))
    # An index that is ten times as large may be a step deeper.
    assert old <= 1.2 * young + 5
