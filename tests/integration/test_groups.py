"""Actions that are committed together: each has its own outcome, whatever becomes of the others or of the commit."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from reality_engine.actions import service as acting
from reality_engine.actions.answer import Answer
from reality_engine.actions.room import Room
from reality_engine.actions.service import MAX_LANES, Actions
from reality_engine.actions.waiting import MAX_WAITING_OF_WORLD
from reality_engine.actions.wish import Wish
from reality_engine.db.batch import Batch
from reality_engine.db.dialects.dialect import Write
from reality_engine.db.engine import open_engines
from reality_engine.db.errors import OutcomeUnknownError
from reality_engine.db.shape import Key, Shape
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.kernel.chance import Draws
from reality_engine.kernel.errors import BusyError, NotFoundError, UnavailableError
from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import Principal
from reality_engine.rules.decision import Request
from tests.properties.stage import Stage, staged
from tests.serving import NOON


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as stage:
        yield stage


class Losing(Units):
    """Loses the connection in its next commit: `before` it happens, or `after`."""

    lost: str | None = None
    always = False
    reachable = True

    async def write_batch(self, batch: Batch) -> None:
        """Write, or not, and do not know."""
        await self._losing(super().write_batch, batch)

    @asynccontextmanager
    async def alone(self, shape: Shape, keys: Sequence[Key]) -> AsyncIterator[Write]:
        """Write likewise while nobody else can."""
        async with super().alone(shape, keys) as write:
            yield partial(self._losing, write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteUnit]:
        """Open a unit, where the database can be reached again."""
        if not self.reachable:
            raise UnavailableError("planted")
        async with super().write() as unit:
            yield unit

    async def _losing(self, write: Write, batch: Batch) -> None:
        lost = self.lost
        if not self.always:
            self.lost = None
        if lost != "before":
            await write(batch)
        if lost is not None:
            raise OutcomeUnknownError("planted")


@pytest.fixture
def units(stage: Stage, database_url: str) -> Iterator[Losing]:
    """Write by connections of another process, which will be lost."""
    engines = open_engines(database_url)
    yield Losing(engines)
    stage.runner.run(engines.close())


def again(stage: Stage, units: Units | None = None) -> Actions:
    """Act in another process, which shares nothing but the database."""
    return Actions(units or stage.units, stage.clock, stage.actions.viewers, b"key", stage.turns)


def ask(who: Principal, action: str, key: str | None = None, target: str | None = None, **given: Any) -> Wish:
    return Wish(Request(action, who, target=target, input=given), key)


async def clock_of(stage: Stage, world: str) -> str:
    return min(key for key, one in (await stage.entities(world)).items() if one.kind == "clock")


async def ticks(stage: Stage, world: str) -> int:
    held = (await stage.entities(world))[await clock_of(stage, world)].get("ticks")
    return held if isinstance(held, int) else 0


async def together(actions: Actions, world: str, *wishes: Wish) -> list[Answer | BaseException]:
    """Act at once: in one process, they are one group."""
    return await asyncio.gather(*(acting.submit(actions, world, one) for one in wishes), return_exceptions=True)


def outcomes(answers: list[Answer | BaseException]) -> list[str]:
    return [one.code or one.outcome if isinstance(one, Answer) else type(one).__name__ for one in answers]


def test_nothing_is_done_again_because_somebody_may_not_be_told_what_happened_since(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        gia, mira, *_ = stage.people
        clock = await clock_of(stage, world)
        await acting.submit(stage.actions, world, ask(gia, "world.configure", public=False, joining="closed"))
        member = next(key for key, one in (await stage.entities(world)).items() if one.get("user") == mira.id)
        stale = Wish(Request("tick_clock", mira, target=clock), if_match="older", since=1)
        before = await ticks(stage, world)
        told = await together(
            stage.actions, world, ask(gia, "tick_clock", target=clock), stale, ask(gia, "member.remove", target=member)
        )
        assert outcomes(told) == ["accepted", "NotFoundError", "accepted"]
        assert await ticks(stage, world) == before + 1
        await stage.verified(world)

    stage.runner.run(run())


def test_one_refusal_kept_at_two_places_at_once_is_the_same_answer(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        mira, clock = stage.people[1], await clock_of(stage, world)
        wish = ask(mira, "tick_clock", "key", clock)
        told = await asyncio.gather(*(acting.submit(again(stage), world, wish) for _ in range(4)))
        assert {one.code for one in told} == {"denied"}
        assert sorted(one.repeated for one in told) == [False, True, True, True]

    stage.runner.run(run())


def test_a_key_used_twice_in_a_group_is_done_once(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        clock, before = await clock_of(stage, world), await ticks(stage, world)
        wish = ask(stage.people[0], "tick_clock", "key", clock)
        told = await together(
            stage.actions, world, wish, wish, ask(stage.people[0], "tick_clock", "key", clock, ticks=2)
        )
        assert outcomes(told) == ["accepted", "accepted", "KeyReusedError"]
        assert [one.repeated for one in told if isinstance(one, Answer)] == [False, True]
        assert await ticks(stage, world) == before + 1

    stage.runner.run(run())


def test_an_action_that_breaks_does_not_harm_its_neighbours(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        clock, before, taken = await clock_of(stage, world), await ticks(stage, world), 0

        def chance() -> Draws:
            nonlocal taken
            taken += 1
            if taken == 2:
                raise ZeroDivisionError
            return stage.turns()

        breaking = Actions(stage.units, stage.clock, stage.actions.viewers, b"key", chance)
        told = await together(breaking, world, *[ask(stage.people[0], "tick_clock", target=clock)] * 3)
        assert outcomes(told) == ["accepted", "ZeroDivisionError", "accepted"]
        assert await ticks(stage, world) == before + 2
        await stage.verified(world)

    stage.runner.run(run())


def test_what_the_database_refuses_harms_nobody_else(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        gia, clock, before = stage.people[0], await clock_of(stage, world), await ticks(stage, world)
        hero = next(key for key, one in (await stage.entities(world)).items() if one.kind == "character")
        async with stage.units.write() as unit:
            connection = await unit.session.connection()
            await connection.execute(text("CREATE UNIQUE INDEX planted ON entities (world) WHERE kind = 'rumour'"))
            await unit.commit()
        whispers = [ask(gia, "whisper", target=hero, text=what) for what in ("one", "two")]
        told = await together(
            stage.actions, world, whispers[0], ask(gia, "tick_clock", target=clock), whispers[1],
            ask(gia, "tick_clock", target=clock),
        )  # fmt: skip
        assert [isinstance(one, Answer) and one.accepted for one in told] == [True, True, False, True]
        assert await ticks(stage, world) == before + 2
        await stage.verified(world)

    stage.runner.run(run())


@pytest.mark.parametrize("lost", ["before", "after"])
@pytest.mark.parametrize("key", [None, "key"])
def test_a_commit_of_which_nobody_knows_is_looked_for(stage: Stage, units: Losing, lost: str, key: str | None) -> None:
    async def run() -> None:
        world = await stage.world()
        gia, mira, *_ = stage.people
        clock, before = await clock_of(stage, world), await ticks(stage, world)
        units.lost = lost
        refused = ask(mira, "tick_clock", "mine", clock)
        told = await together(again(stage, units), world, ask(gia, "tick_clock", key, clock), refused)
        assert outcomes(told) == ["accepted", "denied"]
        assert await ticks(stage, world) == before + 1
        assert (await acting.submit(stage.actions, world, refused)).repeated
        await stage.verified(world)

    stage.runner.run(run())


@pytest.mark.parametrize("lost", ["before", "after"])
def test_so_is_one_that_was_made_while_nobody_else_could_write(stage: Stage, units: Losing, lost: str) -> None:
    async def run() -> None:
        world = await stage.world()
        tick = ask(stage.people[0], "tick_clock", target=await clock_of(stage, world))
        before = await ticks(stage, world)
        behind = again(stage, units)
        for actions in (behind, stage.actions, behind):
            # The third does not know of the second, and then takes no chances.
            assert outcomes(await together(actions, world, tick)) == ["accepted"]
        units.lost = lost
        assert outcomes(await together(behind, world, tick)) == ["accepted"]
        assert await ticks(stage, world) == before + 4
        await stage.verified(world)

    stage.runner.run(run())


def test_where_no_commit_happens_the_caller_is_told_so_and_not_that_others_write(stage: Stage, units: Losing) -> None:
    async def run() -> None:
        world = await stage.world()
        tick = ask(stage.people[0], "tick_clock", target=await clock_of(stage, world))
        before = await ticks(stage, world)
        units.lost, units.always = "before", True
        actions = again(stage, units)
        (told,) = await together(actions, world, tick)
        assert isinstance(told, UnavailableError)
        assert "commit" in str(told)
        units.lost = None
        assert outcomes(await together(actions, world, tick)) == ["accepted"]
        assert await ticks(stage, world) == before + 1

    stage.runner.run(run())


@pytest.mark.parametrize("lost", ["before", "after"])
def test_where_nobody_can_look_the_caller_is_told_that_nobody_knows(stage: Stage, units: Losing, lost: str) -> None:
    async def run() -> None:
        world = await stage.world()
        wish = ask(stage.people[0], "tick_clock", "key", await clock_of(stage, world))
        before = await ticks(stage, world)
        units.lost, units.reachable = lost, False
        actions = again(stage, units)
        assert outcomes(await together(actions, world, wish)) == ["OutcomeUnknownError"]
        units.reachable = True
        repeated = await acting.submit(actions, world, wish)
        assert (repeated.accepted, repeated.repeated) == (True, lost == "after")
        assert await ticks(stage, world) == before + 1

    stage.runner.run(run())


def test_after_a_world_was_deleted_nothing_of_its_group_happens(stage: Stage) -> None:
    async def run() -> None:
        world, other = await stage.world(), await stage.world()
        gia, clock = stage.people[0], await clock_of(stage, world)
        tick = ask(gia, "tick_clock", target=clock)
        told = await asyncio.gather(
            together(
                stage.actions, world, tick, ask(gia, "world.delete", "gone"), tick, ask(gia, "world.delete", "gone")
            ),
            together(stage.actions, other, ask(gia, "tick_clock", target=await clock_of(stage, other))),
        )
        assert outcomes(told[0]) == ["accepted", "accepted", "NotFoundError", "accepted"]
        assert outcomes(told[1]) == ["accepted"]
        assert outcomes(await together(stage.actions, world, tick)) == ["NotFoundError"]

    stage.runner.run(run())


def test_an_action_sees_which_names_those_before_it_took(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        gia = stage.people[0]
        start = ask(gia, "start_clock", name="Dawn", stakes="all")
        assert outcomes(await together(stage.actions, world, start, start))[0] == "accepted"
        found = [one for one in (await stage.entities(world)).values() if one.get("name") == "Dawn"]
        assert len(found) == 1
        await stage.verified(world)

    stage.runner.run(run())


def test_processes_that_take_turns_know_what_the_others_did(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        gia = stage.people[0]
        processes = [again(stage) for _ in range(3)]
        for number in range(12):
            actions = processes[number % 3]
            start = ask(gia, "start_clock", name=f"Bell {number}", stakes="all")
            assert (await acting.submit(actions, world, start)).accepted
            # Who is behind must not say yes by what they remember.
            taken = ask(gia, "start_clock", name=f"Bell {number}", stakes="all")
            assert not (await acting.submit(processes[(number + 1) % 3], world, taken)).accepted
        await stage.verified(world)

    stage.runner.run(run())


def test_whoever_waits_where_too_many_do_is_sent_away_and_nothing_of_it_happens(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        before = await stage.verified(world)
        wish = ask(stage.people[1], "tick_clock", target=await clock_of(stage, world))
        told = await together(stage.actions, world, *[wish] * (MAX_WAITING_OF_WORLD + 100))
        busy = [one for one in told if isinstance(one, BusyError)]
        assert 0 < len(busy) <= 100
        assert all(one.retry_after > 0 for one in busy)
        assert {one.code for one in told if isinstance(one, Answer)} == {"denied"}
        assert await stage.verified(world) == before

    stage.runner.run(run())


def test_what_nobody_waits_for_any_more_is_not_begun(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        before = await ticks(stage, world)
        wish = ask(stage.people[0], "tick_clock", target=await clock_of(stage, world))
        waiting = [asyncio.ensure_future(acting.submit(stage.actions, world, wish)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        assert outcomes(await asyncio.gather(*waiting, return_exceptions=True)) == [
            "accepted",
            "CancelledError",
            "accepted",
        ]
        assert await ticks(stage, world) == before + 2

    stage.runner.run(run())


def test_lanes_that_have_nothing_to_do_are_let_go(stage: Stage) -> None:
    async def run() -> None:
        for _ in range(MAX_LANES + 10):
            with pytest.raises(NotFoundError):
                await acting.submit(stage.actions, fresh_id(NOON), ask(stage.people[0], "tick_clock"))
        assert len(stage.actions.lanes) <= MAX_LANES
        await asyncio.sleep(0.01)  # whoever was told is told before the lane looks whether there is more
        assert all(lane.idle for lane in stage.actions.lanes.values())

    stage.runner.run(run())


def test_a_world_is_acted_in_as_before_once_it_was_forgotten_for_others(stage: Stage) -> None:
    async def run() -> None:
        world, gia = await stage.world(), stage.people[0]
        others = [await stage.world() for _ in range(2)]
        actions = Actions(stage.units, stage.clock, stage.actions.viewers, b"key", stage.turns, Room(20))
        before = await ticks(stage, world)
        for _ in range(2):
            for each in (world, *others):
                told = await together(actions, each, *[ask(gia, "tick_clock", target=await clock_of(stage, each))] * 2)
                assert outcomes(told) == ["accepted", "accepted"]
            assert world not in actions.room
            assert others[1] in actions.room
        assert await ticks(stage, world) == before + 4
        assert (await stage.verified(world)).events

    stage.runner.run(run())
