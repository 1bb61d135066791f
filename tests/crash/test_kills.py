from typing import Final

import pytest
from bench.durability import durability_of_product

from tests.crash.book import BrokenError
from tests.crash.checks import check
from tests.crash.house import House
from tests.crash.points import Act, Moment, Place, Point
from tests.crash.session import Session, begun
from tests.postgres import Cluster

# What commits is one statement on PostgreSQL and several on SQLite; a point that there is not becomes a kill at random.
POINTS: Final = (
    None,
    Point(Place.PROJECT, Moment.BEFORE, nth=3),
    Point(Place.COMMIT, Moment.BEFORE, nth=4),
    Point(Place.COMMIT, Moment.DURING, nth=3, delay=0.0003),
    Point(Place.COMMIT, Moment.AFTER, nth=5),
)
PROCESSES: Final = {"sqlite": 1, "postgresql": 2}


async def test_a_killed_server_loses_doubles_and_tears_nothing(house: House, durable_url: str, dialect: str) -> None:
    session = await begun(house, PROCESSES[dialect], people=4, seed=1)
    assert await durability_of_product(durable_url)
    for point in POINTS:
        await session.kill_server(point)
    await session.verify()
    tally = session.tally
    assert tally.kills.total() == len(POINTS)
    assert {"before commit", "after commit"} <= tally.kills.keys()
    assert 3 * tally.between >= len(POINTS)
    assert tally.absent > 0
    # Committed, and not answered. Beside another process a commit may also be one that came too late, and did nothing.
    assert tally.done > 0 or dialect == "postgresql"


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_killed_database_is_waited_for(house: House, cluster: Cluster) -> None:
    session = await begun(house, 2, people=4, seed=2)
    session.cluster = cluster
    await session.kill_database()
    await session.verify()
    assert session.tally.put_off > 0


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
async def test_a_connection_lost_in_the_commit_leaves_no_doubt(house: House) -> None:
    session = await begun(house, 1, people=4, seed=3)
    for moment in (Moment.BEFORE, Moment.AFTER):
        await session.cut_connection(Point(Place.COMMIT, moment, nth=3, act=Act.CUT))
    await session.verify()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_the_look_finds_what_is_lost_and_doubled(house: House) -> None:
    session = await begun(house, 1, people=2, seed=4)
    await session.kill_server(Point(Place.COMMIT, Moment.BEFORE, nth=9))
    book = session.book
    first, second = book.people
    first.store += 1
    assert await _found(session) == "lost"
    first.store -= 2
    assert await _found(session) == "doubled"
    first.store += 1
    book.told.add("an event that was acknowledged")
    assert await _found(session) == "lost"
    book.told.clear()
    book.position -= 1
    assert await _found(session) == "doubled"
    book.position += 1
    book.taken[book.patches[0]] += 1
    assert await _found(session) == "torn"
    book.taken[book.patches[0]] -= 1
    second.open = None
    await check(session.servers[0].port, book)


async def _found(session: Session) -> str:
    with pytest.raises(BrokenError) as broken:
        await check(session.servers[0].port, session.book)
    return broken.value.kind


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(4))
async def test_in_a_hundred_kills_nothing_is_lost(
    house: House, dialect: str, request: pytest.FixtureRequest, seed: int
) -> None:
    session = await begun(house, PROCESSES[dialect], people=16, seed=seed)
    session.cluster = request.getfixturevalue("cluster") if dialect == "postgresql" else None
    tally = await session.run(kills=100, verify_every=20)
    assert not tally.broken
    assert 3 * tally.between >= tally.kills.total()
