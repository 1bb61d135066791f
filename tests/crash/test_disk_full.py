import resource
from pathlib import Path

import pytest

from tests.crash.checks import check
from tests.crash.house import House
from tests.crash.load import Load
from tests.crash.session import Session, begun

FREE = resource.RLIM_INFINITY


def room(pid: int, size: int) -> None:
    """Let a process write files up to a size: what it gets beyond is an error, as on a disk that is full."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, FREE))


async def everybody_is_put_off(session: Session, load: Load) -> None:
    enough = load.put_off + load.clients
    await session.go_on(load, lambda: load.put_off > enough)


async def everybody_acts(session: Session, load: Load) -> None:
    enough = load.answered + load.clients
    await session.go_on(load, lambda: load.answered > enough)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_on_a_full_disk_acts_are_put_off_and_go_on_when_there_is_room(house: House, tmp_path: Path) -> None:
    session = await begun(house, 1, people=4, seed=5)
    (server,) = session.servers
    load = session.load()
    load.start()
    await everybody_acts(session, load)
    for size in ((tmp_path / "reality.db-wal").stat().st_size, 4096):
        room(server.pid, size)
        await everybody_is_put_off(session, load)
        room(server.pid, FREE)
        await everybody_acts(session, load)
    await load.stop()
    await check(server.port, session.book)
    await session.verify()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_a_server_killed_on_a_full_disk_finds_everything_again(house: House) -> None:
    session = await begun(house, 1, people=4, seed=6)
    (server,) = session.servers
    load = session.load()
    load.start()
    await everybody_acts(session, load)
    room(server.pid, 4096)
    await everybody_is_put_off(session, load)
    server.kill()
    await load.stop()
    again = await house.serve()
    await check(again.port, session.book)
    await session.verify()
