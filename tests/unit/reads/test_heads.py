"""Where logs stand is read for all who asked before the read began, and for nobody who came later."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from reality_engine.db.dialects.sqlite import Sqlite
from reality_engine.db.reading.statement import Script
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import UnavailableError
from reality_engine.reads.heads import Heads

T = TypeVar("T")


class Slow(Units):
    """Reads pages one turn of the loop later, and counts what it is asked; `position` is that of every log."""

    dialect = Sqlite()

    def __init__(self) -> None:
        self.position, self.asked = 1, 0
        self.began = asyncio.Event()
        self.fails = False

    async def page(self, script: Callable[[], Script[T]]) -> T:
        self.asked += 1
        self.began.set()
        reading = script()
        next(reading)
        rows = [(world, self.position, 0, 0, "pack") for world in ("one", "two")]
        await asyncio.sleep(0)
        if self.fails:
            raise UnavailableError("the database cannot be reached")
        try:
            reading.send(rows)
        except StopIteration as done:
            found: T = done.value
            return found
        raise AssertionError


async def positions(heads: Heads, *worlds: str) -> list[int | None]:
    found = await asyncio.gather(*(heads.of(world) for world in worlds))
    return [None if one is None else one.position for one in found]


async def test_who_asks_during_a_read_waits_for_the_next() -> None:
    units = Slow()
    heads = Heads(units)
    first = asyncio.ensure_future(positions(heads, "one", "two", "one", "none"))
    await units.began.wait()
    units.position = 2  # committed after that read had begun
    assert await positions(heads, "one", "two") == [2, 2]
    assert await first == [1, 1, 1, None]
    assert units.asked == 2


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    heads = Heads(Slow())
    gone, stays = (asyncio.ensure_future(heads.of("one")) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays) is not None


async def test_everybody_hears_of_a_failure_and_the_next_read_is_another() -> None:
    units = Slow()
    heads = Heads(units)
    units.fails = True
    told = await asyncio.gather(heads.of("one"), heads.of("two"), return_exceptions=True)
    assert [type(one) for one in told] == [UnavailableError] * 2
    units.fails = False
    assert await positions(heads, "one") == [1]
