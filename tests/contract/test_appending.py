"""Events of the engine's own stand in the log like all others, on both databases."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from reality_engine.actions import appending
from reality_engine.actions import service as acting
from reality_engine.actions.wish import Wish
from reality_engine.eventlog.event import Head, Recorded
from reality_engine.kernel.errors import IntegrityError, NotFoundError
from reality_engine.kernel.ids import WORLD_ENTITY, fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import WORLD
from reality_engine.rules.decision import DraftEvent, Request
from reality_engine.state.entity import Change
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.viewer import viewer_of
from tests.properties.stage import Stage, staged
from tests.tables import dump_world

MEMBERS = frozenset({"members"})


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as stage:
        yield stage


def renamed(stage: Stage, before: Plain, after: Plain) -> DraftEvent:
    change = Change(WORLD_ENTITY, "world", "title", before, after)
    keys = frozenset({"everyone"})
    moment = stage.clock.now()
    return DraftEvent(
        fresh_id(moment), "world.forked", 0, MEMBERS, changes=(Recorded(change, keys, keys),), data={"position": 7}
    )


async def append(stage: Stage, world: str, *drafts: DraftEvent, **how: Any) -> Head:
    async with stage.units.write() as unit:
        log = await appending.hold(unit, world, stage.actions.packs)
        for draft in drafts:
            await log.append([draft], WORLD, stage.clock.now(), **how)
        await unit.commit()
        return log.head


def test_they_are_seen_verified_and_built_upon(stage: Stage) -> None:
    async def run() -> None:
        world, mira = await stage.world(), stage.people[1]
        drafts = renamed(stage, "Tuesdays", "Wednesdays"), renamed(stage, "Wednesdays", "Thursdays")
        head = await append(stage, world, *drafts)
        assert (await stage.verified(world)).events == head.position
        async with stage.units.read() as unit:
            viewer = await viewer_of(unit, world, mira, stage.actions.viewers)
            views = await feed_page(unit, viewer, 2)
        heads: list[Any] = [view.head for view in views]
        assert [head["data"] for head in heads] == [{"position": 7}] * 2
        assert views[0].changes == [
            {"entity": WORLD_ENTITY, "kind": "world", "field": "title", "before": "Wednesdays", "after": "Thursdays"}
        ]
        # Whoever remembers the world takes in what was appended beside.
        wish = Wish(Request("world.configure", stage.people[0], input={"title": "Fridays"}))
        assert (await acting.submit(stage.actions, world, wish)).accepted
        assert (await stage.entities(world))[WORLD_ENTITY].get("title") == "Fridays"
        await stage.verified(world)

    stage.runner.run(run())


def test_one_that_does_not_follow_leaves_nothing(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        before = await dump_world(stage.units, world)
        with pytest.raises(IntegrityError):
            await append(stage, world, renamed(stage, "Tuesdays", "Wednesdays"), renamed(stage, "Tuesdays", "Fridays"))
        with pytest.raises(NotFoundError):
            await append(stage, fresh_id(stage.clock.now()))
        assert await dump_world(stage.units, world) == before

    stage.runner.run(run())


def test_with_a_new_epoch_everybody_begins_anew(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        async with stage.units.read() as unit:
            viewer = await viewer_of(unit, world, stage.people[1], stage.actions.viewers)
        head = await append(stage, world, renamed(stage, "Tuesdays", "Wednesdays"), epoch=True)
        assert head.epoch == 1
        assert stage.actions.viewers.known(head, world, viewer.principal) is None
        assert (await acting.submit(stage.actions, world, Wish(Request("member.join", stage.people[3])))).accepted
        await stage.verified(world)

    stage.runner.run(run())


def test_actions_wait_for_whoever_holds_the_log(stage: Stage) -> None:
    async def run() -> None:
        world = await stage.world()
        async with stage.units.write() as unit:
            log = await appending.hold(unit, world, stage.actions.packs)
            joining = asyncio.create_task(
                acting.submit(stage.actions, world, Wish(Request("member.join", stage.people[3])))
            )
            await asyncio.sleep(0.05)
            assert not joining.done()
            await log.append([renamed(stage, "Tuesdays", "Wednesdays")], WORLD, stage.clock.now())
            await unit.commit()
        assert (await joining).accepted
        await stage.verified(world)

    stage.runner.run(run())
