from asyncio import to_thread

from reality_engine.app.tables import all_tables
from reality_engine.db import migrate
from tests.crash.house import House
from tests.crash.points import Moment, Place, Point

POINTS = (
    Point(Place.DEFINE, Moment.AFTER, nth=9),
    Point(Place.COMMIT, Moment.BEFORE),
    Point(Place.COMMIT, Moment.DURING, delay=0.0002),
)
KILLED = -9


async def test_a_killed_migration_is_wholly_there_or_absent_and_can_be_run_again(
    house: House, durable_url: str
) -> None:
    tables = all_tables()
    nothing = await to_thread(migrate.check, durable_url, tables)
    for point in POINTS:
        status, said = await house.run("db", "upgrade", point=point)
        assert status in {KILLED, 0}, said  # once a commit that was cut short has been whole, there is no more to do
        assert await to_thread(migrate.check, durable_url, tables) in (nothing, [])
    status, said = await house.run("db", "upgrade")
    assert status == 0, said
    status, said = await house.run("db", "check")
    assert status == 0, said


async def test_a_server_killed_while_it_makes_its_database_starts_the_next_time(house: House) -> None:
    killed = await house.begin(["serve", "--port", "0"], Point(Place.DEFINE, Moment.BEFORE, nth=5))
    assert await killed.ended == KILLED
    server = await house.serve()
    assert not server.ended.done()
