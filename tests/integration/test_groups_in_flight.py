"""Actions that are decided while those before them are on their way to the disk: nobody is told before their commit."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from reality_engine.actions import service as acting
from reality_engine.actions.committing import Committer
from reality_engine.actions.lane import LOT, Lane
from reality_engine.actions.service import Actions
from reality_engine.actions.wish import Wish
from reality_engine.db.batch import Batch
from reality_engine.db.engine import open_engines
from reality_engine.db.errors import HeadMovedError, OutcomeUnknownError
from reality_engine.db.unit import Units
from reality_engine.kernel.chance import Draws
from reality_engine.kernel.errors import IntegrityError, UnavailableError
from tests.integration.test_groups import ask, outcomes
from tests.properties.stage import Stage, staged

if TYPE_CHECKING:
    from reality_engine.actions.answer import Answer

ACCEPTED, REFUSED = "accepted", "denied"


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as stage:
        yield stage


class Slow(Units):
    """A disk that takes as long as it is told to, and then may do something else than write: once."""

    def __init__(self, url: str) -> None:
        """Wait for nothing at first."""
        self._opened = open_engines(url)
        super().__init__(self._opened)
        self.free = asyncio.Event()
        self.writing = 0
        self.trouble: Exception | None = None
        self.afterwards: Exception | None = None

    async def write_batch(self, batch: Batch) -> None:
        """Write, once it may."""
        self.writing += 1
        assert self.writing == 1, "one group is on its way at a time"
        await self.free.wait()
        self.writing -= 1
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        await super().write_batch(batch)
        afterwards, self.afterwards = self.afterwards, None
        if afterwards is not None:
            raise afterwards

    async def close(self) -> None:
        """Close the connections."""
        await self._opened.close()


class Scene:
    """A process with such a disk, and a world; `decided` counts what was decided."""

    def __init__(self, stage: Stage, units: Slow, world: str, hero: str) -> None:
        """Begin with nothing on its way."""
        self.stage, self.units, self.world, self._hero = stage, units, world, hero
        self.decided = 0
        self._awaited = (0, asyncio.Event())
        self.actions = Actions(units, stage.clock, stage.actions.viewers, b"key", self._chance)
        # On both databases, though the product decides ahead on one of them alone.
        self.actions.lanes["" if units.single_writer else world] = Lane(Committer(self.actions), ahead=True)

    def tell(self, key: str | None = None) -> Wish:
        """Return what makes a rumour."""
        return ask(self.stage.people[0], "whisper", key, self._hero, text="something")

    def refused(self) -> Wish:
        """Return what its principal may not do."""
        return ask(self.stage.people[1], "whisper", None, self._hero, text="anything")

    async def rumours(self) -> int:
        """Return how many rumours there are."""
        return sum(one.kind == "rumour" for one in (await self.stage.entities(self.world)).values())

    async def submit(self, *wishes: Wish) -> "list[asyncio.Task[Answer]]":
        """Act, and return once all of it was decided."""
        self._awaited = (self.decided + len(wishes), asyncio.Event())
        asked = [asyncio.create_task(acting.submit(self.actions, self.world, one)) for one in wishes]
        await self._awaited[1].wait()
        return asked

    async def came_of(self, asked: "list[asyncio.Task[Answer]]") -> list[str]:
        """Let the disk write, and return what the actions came to."""
        self.units.free.set()
        return outcomes(await asyncio.gather(*asked, return_exceptions=True))

    def _chance(self) -> Draws:
        self.decided += 1
        if self.decided == self._awaited[0]:
            self._awaited[1].set()
        return self.stage.turns()


@pytest.fixture
def here(stage: Stage, database_url: str) -> Iterator[Scene]:
    async def begin() -> Scene:
        world = await stage.world()
        hero = next(key for key, one in (await stage.entities(world)).items() if one.kind == "character")
        return Scene(stage, Slow(database_url), world, hero)

    scene = stage.runner.run(begin())
    yield scene
    stage.runner.run(scene.units.close())


def test_a_group_is_decided_while_the_one_before_is_written_and_nobody_is_told_before_their_commit(here: Scene) -> None:
    async def run() -> None:
        first = await here.submit(here.tell())
        second = await here.submit(*[here.tell()] * LOT, here.refused())
        await asyncio.sleep(0.02)
        assert not any(one.done() for one in (*first, *second))
        assert await here.rumours() == 0
        assert await here.came_of([*first, *second]) == [ACCEPTED] * (LOT + 1) + [REFUSED]
        assert await here.came_of(await here.submit(here.tell())) == [ACCEPTED]
        assert here.decided == LOT + 3  # and nothing twice
        assert await here.rumours() == LOT + 2
        await here.stage.verified(here.world)

    here.stage.runner.run(run())


def test_what_only_says_no_waits_for_what_it_goes_by(here: Scene) -> None:
    async def run() -> None:
        first = await here.submit(here.tell())
        second = await here.submit(*[here.refused()] * LOT)
        await asyncio.sleep(0.02)
        assert not any(one.done() for one in second)
        assert await here.came_of([*first, *second]) == [ACCEPTED] + [REFUSED] * LOT

    here.stage.runner.run(run())


def test_a_key_that_the_group_before_has_used_is_not_used_again(here: Scene) -> None:
    async def run() -> None:
        first = await here.submit(here.tell("key"))
        again = [asyncio.create_task(acting.submit(here.actions, here.world, here.tell("key"))) for _ in range(2)]
        second = await here.submit(*[here.tell()] * LOT)
        assert await here.came_of([*first, *second, *again]) == [ACCEPTED] * (LOT + 3)
        assert [one.result().repeated for one in (*first, *again)] == [False, True, True]
        assert here.decided == LOT + 1
        assert await here.rumours() == LOT + 1

    here.stage.runner.run(run())


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (HeadMovedError("planted"), ACCEPTED),
        (IntegrityError("planted"), ACCEPTED),
        (OutcomeUnknownError("planted"), ACCEPTED),
        (ZeroDivisionError("planted"), "ZeroDivisionError"),
        (UnavailableError("planted"), "UnavailableError"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_where_the_group_before_fails_the_next_is_decided_again(here: Scene, trouble: Exception, told: str) -> None:
    async def run() -> None:
        first = await here.submit(here.tell("key"))
        second = await here.submit(*[here.tell()] * LOT)
        again = asyncio.create_task(acting.submit(here.actions, here.world, here.tell("key")))
        here.units.trouble = trouble
        assert await here.came_of([*first, *second, again]) == [told] + [ACCEPTED] * (LOT + 1)
        assert again.result().repeated == (told == ACCEPTED)
        assert await here.rumours() == LOT + 1
        await here.stage.verified(here.world)

    here.stage.runner.run(run())


def test_a_commit_that_happened_though_nobody_knew_is_gone_on_from(here: Scene) -> None:
    async def run() -> None:
        first = await here.submit(here.tell())
        second = await here.submit(*[here.tell()] * LOT)
        here.units.afterwards = OutcomeUnknownError("planted")
        assert await here.came_of([*first, *second]) == [ACCEPTED] * (LOT + 1)
        assert await here.rumours() == LOT + 1
        assert here.decided == LOT + 1

    here.stage.runner.run(run())


def test_what_another_process_wrote_meanwhile_is_known_to_both_groups(here: Scene) -> None:
    async def run() -> None:
        gia = here.stage.people[0]
        first = await here.submit(here.tell())
        second = await here.submit(*[here.tell()] * LOT, ask(gia, "start_clock", name="Bell", stakes="all"))
        assert (await here.stage.act(here.world, ask(gia, "start_clock", name="Bell", stakes="all"))).accepted
        told = await here.came_of([*first, *second])
        assert told[:-1] == [ACCEPTED] * (LOT + 1)
        assert told[-1] != ACCEPTED
        assert await here.rumours() == LOT + 1
        await here.stage.verified(here.world)

    here.stage.runner.run(run())
