"""P1 after a rebuild: whatever was altered beside the log, rebuilding puts it right, whatever happens meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.eventlog.models import HeadRow
from reality_engine.kernel.errors import ConflictError, IntegrityError, RealityError
from reality_engine.projection.models import RebuildRow
from reality_engine.projection.rebuild import Rebuilding, Sizes, abandon, rebuild
from reality_engine.projection.tables import PROJECTIONS
from reality_engine.rules.decision import Request
from tests.databases import Databases
from tests.properties.stage import Stage, staged
from tests.properties.tampering import OF_THE_LOG, WAYS, Scene
from tests.properties.test_tampering import QUAY, play
from tests.serving import NOON

BESIDE_THE_LOG = sorted(WAYS.keys() - OF_THE_LOG - {"head_moment"})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def played_world(request: pytest.FixtureRequest, databases: Databases) -> Iterator[tuple[Stage, str]]:
    """Yield a world in which something of everything has happened."""
    with databases.fresh(request.param, migrated=True) as url, staged(url, QUAY) as stage:
        yield stage, stage.runner.run(play(stage))


class _StoppedError(Exception):
    pass


def work(stage: Stage, stop: int = -1) -> Rebuilding:
    """Return what rebuilds in small steps, and stops after so many of them."""
    steps = iter(range(stop))

    def passed(_what: str, _done: int) -> None:
        if stop >= 0 and next(steps, None) is None:
            raise _StoppedError

    return Rebuilding(stage.units, stage.actions.packs, "1", passed, Sizes(15, 100))


async def tamper(stage: Stage, world: str, way: str, at: int) -> None:
    """Alter what is stored."""
    async with stage.units.write() as unit:
        await WAYS[way](Scene(unit, world, at))
        await unit.commit()


async def left_over(stage: Stage) -> list[Any]:
    """Return what there is of worlds that are none."""
    async with stage.units.read() as unit:
        heads = set(await unit.session.scalars(select(HeadRow.world)))
        begun = list(await unit.session.scalars(select(RebuildRow.shadow)))
        rows = [
            (shape.name, world)
            for shape in PROJECTIONS
            for world in await unit.session.scalars(select(shape.columns[0]).distinct())
            if world not in heads
        ]
        return begun + rows


@settings(max_examples=max(3, settings().max_examples // 25))
@given(
    way=st.sampled_from(BESIDE_THE_LOG), other=st.sampled_from(BESIDE_THE_LOG), at=st.integers(0, 5000),
    stop=st.integers(0, 30),
)  # fmt: skip
def test_what_was_altered_is_put_right(
    played_world: tuple[Stage, str], way: str, other: str, at: int, stop: int
) -> None:
    stage, world = played_world

    async def mended() -> None:
        await tamper(stage, world, way, at)
        if other.partition("_")[0] != way.partition("_")[0]:  # one row may only be altered once
            await tamper(stage, world, other, at)
        with suppress(_StoppedError):
            await rebuild(work(stage, stop), world, NOON)
        await rebuild(work(stage), world, NOON)
        await stage.verified(world)
        assert await left_over(stage) == []

    stage.runner.run(mended())


def test_tables_that_were_emptied_are_made_anew_and_their_rows_counted(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def emptied() -> None:
        rows: dict[str, int] = {}
        async with stage.units.write() as unit:
            for shape in PROJECTIONS:
                rows[shape.name] = len(await Scene(unit, world, 0).rows(shape.model))
                await unit.session.execute(delete(shape.model).where(shape.columns[0] == world))
            await unit.commit()
        found = await rebuild(Rebuilding(stage.units, stage.actions.packs, "1"), world, NOON)
        assert found == {name: many for name, many in rows.items() if many}
        await stage.verified(world)

    stage.runner.run(emptied())


def test_what_happens_meanwhile_is_kept(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world
    gia = stage.people[0]

    async def meanwhile() -> None:
        await tamper(stage, world, "facet_added", 1)
        for step in range(1, 16, 3):
            try:
                await rebuild(work(stage, step), world, NOON)
            except _StoppedError:
                wish = Request("world.configure", gia, input={"title": f"At {step}"})
                assert (await acting.submit(stage.actions, world, Wish(wish))).accepted
        await rebuild(work(stage), world, NOON)
        await stage.verified(world)
        assert await left_over(stage) == []

    stage.runner.run(meanwhile())


def test_a_log_that_is_not_whole_changes_nothing(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def broken() -> None:
        await tamper(stage, world, "facet_added", 1)
        async with stage.units.write() as unit:
            kept = await Scene(unit, world, 0).rows(HeadRow, HeadRow.world == world)
            await WAYS["head"](Scene(unit, world, 0))
            await unit.commit()
        with pytest.raises(IntegrityError):
            await rebuild(work(stage), world, NOON)
        async with stage.units.write() as unit:
            scene = Scene(unit, world, 0)
            await scene.change(HeadRow, kept[0], position=kept[0].position)
            await unit.commit()
        assert (await rebuild(work(stage), world, NOON)) == {"entity_facets": 1}

    stage.runner.run(broken())


def test_a_rebuild_that_another_release_began_is_begun_anew(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def anew() -> None:
        with pytest.raises(_StoppedError):
            await rebuild(replace(work(stage, 3), release="0"), world, NOON)
        assert await rebuild(work(stage), world, NOON) == {}
        assert await left_over(stage) == []

    stage.runner.run(anew())


def test_what_was_interrupted_can_be_taken_away(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def away() -> None:
        with pytest.raises(_StoppedError):
            await rebuild(work(stage, 5), world, NOON)
        assert await left_over(stage) != []
        async with stage.units.write() as unit:
            await abandon(unit, world)
            await unit.commit()
        assert await left_over(stage) == []
        await stage.verified(world)

    stage.runner.run(away())


def test_two_at_once_do_no_harm(played_world: tuple[Stage, str]) -> None:
    stage, world = played_world

    async def both() -> None:
        other: list[RealityError] = []
        with pytest.raises(_StoppedError):
            await rebuild(work(stage, 4), world, NOON)
        first = work(stage)
        begun = False

        def passed(_what: str, _done: int) -> None:
            nonlocal begun
            begun = True

        # One goes on from the same place as the other, and finds that it has moved.
        one, two = rebuild(replace(first, progress=passed), world, NOON), rebuild(work(stage), world, NOON)
        for outcome in await asyncio.gather(one, two, return_exceptions=True):
            if isinstance(outcome, RealityError):
                other.append(outcome)
            else:
                assert outcome == {}
        assert begun
        assert all(isinstance(error, ConflictError) for error in other)
        await rebuild(work(stage), world, NOON)
        await stage.verified(world)
        assert await left_over(stage) == []

    stage.runner.run(both())
