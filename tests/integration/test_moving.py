"""A whole server goes from one database to another, whichever, and goes on there; or nothing is taken for one."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.user import ServerRole, User
from reality_engine.actions import service as acting
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.app.cli.commands import run_command
from reality_engine.app.tables import all_tables
from reality_engine.db import migrate, moving, revisions
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import ConflictError, UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.projection.verify import verify
from reality_engine.rules.decision import Request
from tests.databases import DIALECTS, Databases
from tests.properties.stage import Stage, staged
from tests.serving import NOON, SECRET
from tests.tables import dump

Captured = pytest.CaptureFixture[str]
WAYS = [(source, target) for source in DIALECTS for target in DIALECTS]


@pytest.fixture(params=WAYS, ids="-".join)
def sides(request: pytest.FixtureRequest, databases: Databases) -> Iterator[tuple[Stage, str, str]]:
    """Yield a stage with something played on it, its database, and one without a table."""
    source, target = request.param
    with (
        databases.fresh(source, migrated=True) as url, databases.fresh(target, migrated=False) as other,
        staged(url) as stage,
    ):  # fmt: skip
        stage.runner.run(_played(stage))
        yield stage, url, other


async def _played(stage: Stage) -> str:
    world = await stage.world()
    wishes = [Wish(Request("world.configure", stage.people[0], input={"title": f"Title {n}"})) for n in range(3)]
    await acting.submit_each(stage.actions, world, wishes)
    await _register(stage.units, "mira@example.org")
    return world


async def _register(units: Units, email: str) -> None:
    async with units.write() as unit:
        await accounts.add_user(unit, User(fresh_id(NOON), email, "Mira", ServerRole.USER, NOON), "")
        await unit.commit()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Units]:
    engines = open_engines(url)
    try:
        yield Units(engines)
    finally:
        await engines.close()


def prepared(url: str) -> str:
    migrate.upgrade(url)
    return url


def test_it_is_all_there_and_goes_on(sides: tuple[Stage, str, str]) -> None:
    stage, source, target = sides

    async def run() -> None:
        before = await dump(stage.units)
        moved = await moving.move(source, prepared(target), all_tables(), many=7)
        assert moved.worlds == len(before["worlds"]) > 0
        assert moved.rows == {name: len(rows) for name, rows in before.items()}
        async with opened(target) as units:
            assert await dump(units) == before
            actions = Actions(units, stage.clock, stage.actions.viewers, b"key")
            (world,) = (row[0] for row in before["worlds"])
            for title in ("Something new to search for", "And again"):
                wish = Wish(Request("world.configure", stage.people[0], input={"title": title}))
                assert (await acting.submit(actions, world, wish)).accepted
            async with units.read() as unit:
                await verify(unit, world, stage.actions.packs)
        assert migrate.check(target, all_tables()) == []

    stage.runner.run(run())


class Interrupted(BaseException):
    """Stands for a kill, between two chunks."""


@pytest.mark.parametrize("sides", WAYS[1:3], ids="-".join, indirect=True)
def test_one_that_is_interrupted_goes_on_and_serves_nobody_before(sides: tuple[Stage, str, str]) -> None:
    stage, source, target = sides
    passed: list[int] = []

    def stop(_: str, rows: int) -> None:
        passed.append(rows)
        if len(passed) % 15 == 0:
            raise Interrupted

    async def run() -> None:
        before = await dump(stage.units)
        prepared(target)
        ended = 0
        for _ in range(50):
            try:
                await moving.move(source, target, all_tables(), stop, many=5)
                break
            except Interrupted:
                ended += 1
                assert revisions.current(target) == revisions.MOVING
                with pytest.raises(UnavailableError, match="has not come to its end"):
                    migrate.upgrade(target)
        assert ended > 2
        assert sum(passed) == sum(map(len, before.values()))
        async with opened(target) as units:
            assert await dump(units) == before
        assert revisions.current(target) == revisions.newest()

    stage.runner.run(run())


@pytest.mark.parametrize("sides", WAYS[1:2], ids="-".join, indirect=True)
def test_who_writes_meanwhile_is_found_out_and_the_next_begins_anew(sides: tuple[Stage, str, str]) -> None:
    stage, source, target = sides

    async def run() -> None:
        prepared(target)

        def write(table: str, _: int) -> None:
            if table == "worlds":
                asyncio.run_coroutine_threadsafe(_register(stage.units, "pia@example.org"), loop).result(10)

        loop = asyncio.get_running_loop()
        with pytest.raises(ConflictError, match="somebody wrote"):
            await asyncio.to_thread(asyncio.run, moving.move(source, target, all_tables(), write))
        await moving.move(source, target, all_tables())
        async with opened(target) as units:
            assert await dump(units) == await dump(stage.units)
        with pytest.raises(ConflictError, match="there is something"):
            await moving.move(source, target, all_tables())
        with pytest.raises(ConflictError, match="into itself"):
            await moving.move(source, source, all_tables())

    stage.runner.run(run())


def _run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    return int(ended.value.code or 0)


def test_the_command_says_what_to_set(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    with databases.fresh("sqlite", migrated=True) as url, databases.fresh("postgresql", migrated=False) as other:
        for name, value in {"SECRET_KEY": SECRET, "DATABASE_URL": url}.items():
            monkeypatch.setenv(f"REALITY_{name}", value)
        assert _run("move", "--to", other) == 0
        said = capsys.readouterr()
        assert "counts, heads and digests agree" in said.out
        assert "REALITY_DATABASE_URL=postgresql+asyncpg://" in said.err
        assert _run("move", "--to", "nonsense") == 1
        assert _run("move", "--to", "postgresql://nobody@127.0.0.1:1/x") == 1
        assert "cannot be reached" in capsys.readouterr().err
        monkeypatch.setenv("REALITY_DATABASE_URL", "sqlite:///empty.db")
        assert _run("move", "--to", other) == 1
        assert "reality db upgrade" in capsys.readouterr().err
