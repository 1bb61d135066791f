"""A read is for all who asked before it began, and for nobody who came later."""

import asyncio
from collections.abc import Mapping

from reality_engine.db.reading.together import Together


class Slow:
    """Reads one turn of the loop later, and notes what it is asked for; there are `one` and `two`."""

    def __init__(self) -> None:
        self.value = 1
        self.asked: list[set[str]] = []
        self.began = asyncio.Event()
        self.fails = False

    async def read(self, keys: set[str]) -> Mapping[str, int]:
        self.asked.append(keys)
        self.began.set()
        found = dict.fromkeys(("one", "two"), self.value)
        await asyncio.sleep(0)
        if self.fails:
            raise OSError
        return found


async def test_who_asks_during_a_read_waits_for_the_next() -> None:
    slow = Slow()
    together = Together(slow.read)
    first = asyncio.gather(*(together.of(key) for key in ("one", "two", "one", "none")))
    await slow.began.wait()
    slow.value = 2  # committed after that read had begun
    assert await asyncio.gather(*(together.of(key) for key in ("one", "two"))) == [2, 2]
    assert await first == [1, 1, 1, None]
    assert slow.asked == [{"one", "two", "none"}, {"one", "two"}]


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    together = Together(Slow().read)
    gone, stays = (asyncio.ensure_future(together.of("one")) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 1


async def test_everybody_hears_of_a_failure_and_the_next_read_is_another() -> None:
    slow = Slow()
    slow.fails = True
    together = Together(slow.read)
    told = await asyncio.gather(together.of("one"), together.of("two"), return_exceptions=True)
    assert [type(one) for one in told] == [OSError] * 2
    slow.fails = False
    assert await together.of("one") == 1
