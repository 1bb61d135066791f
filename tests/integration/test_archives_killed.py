"""P10 and P7 through kill -9: an import or an export that was killed goes on, and nobody sees anything of it before."""

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.archives.models import ImportRow
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.projection.verify import verify
from reality_engine.rules.decision import Request
from tests.databases import Databases
from tests.importing import archived
from tests.processes import REALITY
from tests.properties.stage import Stage, staged
from tests.serving import SECRET
from tests.tables import Dump, dump

WAIT = 60.0


@pytest.fixture
def played(databases: Databases) -> Iterator[tuple[Stage, str, str]]:
    """Yield a stage, its database, and a world of some pages of it."""
    with databases.fresh("sqlite", migrated=True) as url, staged(url) as stage:

        async def play() -> str:
            world = await stage.world()
            titles = ({"title": f"Title {number}"} for number in range(250))
            wishes = [Wish(Request("world.configure", stage.people[0], input=title)) for title in titles]
            await acting.submit_each(stage.actions, world, wishes)
            return world

        yield stage, url, stage.runner.run(play())


def begun(url: str, folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REALITY_")}
    settings = {"REALITY_DATABASE_URL": url, "REALITY_SECRET_KEY": SECRET}
    # By the interpreter, so that the sources are those of this run.
    command = [sys.executable, str(REALITY), *arguments]
    return subprocess.Popen(command, cwd=folder, env={**kept, **settings}, stderr=subprocess.DEVNULL)


def done(url: str, folder: Path, *arguments: str) -> None:
    assert begun(url, folder, *arguments).wait(WAIT) == 0


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("dialect", [pytest.param("sqlite", marks=pytest.mark.nightly), "postgresql"], indirect=True)
def test_an_import_goes_on(played: tuple[Stage, str, str], database_url: str, tmp_path: Path) -> None:
    stage, _, world = played
    archive = stage.runner.run(archived(stage, world))
    engines = open_engines(database_url)

    def held() -> Dump:
        return stage.runner.run(dump(Units(engines)))

    async def position() -> int:
        async with Units(engines).read() as unit:
            return await unit.session.scalar(select(ImportRow.position)) or 0

    before = held()
    (tmp_path / "whole.gz").write_bytes(archive)
    os.mkfifo(tmp_path / "pipe")
    process = begun(database_url, tmp_path, "import", "pipe")
    with (tmp_path / "pipe").open("wb", buffering=0) as pipe:
        pipe.write(archive[: len(archive) * 3 // 4])
        wait_for(lambda: stage.runner.run(position()) > 0)
        process.send_signal(signal.SIGKILL)
        process.wait(WAIT)
    between = held()
    assert len(between["events"]) > 0
    assert all(between[name] == before[name] for name in ("worlds", "world_heads", "users", "pack_versions"))
    done(database_url, tmp_path, "import", "whole.gz")
    assert held()["imports"] == []

    async def check() -> None:
        async with Units(engines).read() as unit:
            await verify(unit, world, stage.actions.packs)
        await engines.close()

    stage.runner.run(check())


def test_an_export_goes_on(played: tuple[Stage, str, str], tmp_path: Path) -> None:
    _, url, world = played
    done(url, tmp_path, "export", world, "-o", "whole.gz")
    process = begun(url, tmp_path, "export", world, "-o", "killed.gz")
    part, whole = tmp_path / "killed.gz.part", tmp_path / "killed.gz"
    wait_for(lambda: whole.exists() or (part.exists() and part.stat().st_size > 12_000))
    process.send_signal(signal.SIGKILL)
    process.wait(WAIT)
    if not whole.exists():
        done(url, tmp_path, "export", world, "-o", "killed.gz", "--resume")
    held, other = [
        [line for line in gzip.decompress(path.read_bytes()).splitlines() if b'"event":' in line]
        for path in (whole, tmp_path / "whole.gz")
    ]
    assert len(held) > 250
    assert held == other
    assert not part.exists()
