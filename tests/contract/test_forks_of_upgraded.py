"""Forks of worlds that went on under other versions of their packs, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reality_engine.eventlog import repository as eventlog
from reality_engine.kernel.ids import fresh_id
from reality_engine.projection.verify import verify
from reality_engine.visibility.moments import BadAsOfError
from reality_engine.worlds.forking import NewFork, fork
from tests.contract.test_upgrading import FLEET, LUCK, LUCKY, NEW, fleet
from tests.properties.stage import HARBOR, Stage, staged
from tests.serving import NOON
from tests.upgrades import changed, stored, upgraded


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url, HARBOR) as stage:
        yield stage


async def forked(stage: Stage, world: str, position: int) -> int:
    """Fork a world, and hold the fork to its log; returns how many events it has."""
    async with stage.units.write() as unit:
        new = NewFork(fresh_id(NOON), "Then", world, position, members=True, roles=frozenset({"gm", "captain"}))
        made = await fork(unit, new, stage.people[0], stage.actions.packs, stage.clock.now())
        return (await verify(unit, made.id, stage.actions.packs)).events


async def end_of(stage: Stage, world: str) -> int:
    async with stage.units.read() as unit:
        return (await eventlog.get_head(unit, world)).position


def test_a_fork_of_before_and_after_an_upgrade_is_what_its_log_says(stage: Stage) -> None:
    async def story() -> None:
        world = await stage.world()
        before = await end_of(stage, world)
        await upgraded(stage, world, await stored(stage, changed(HARBOR, LUCK, upgrades=LUCKY)))
        after = await end_of(stage, world)
        assert after > before
        for position in (1, before, before + 1, after):
            assert await forked(stage, world, position) == position + 1

    stage.runner.run(story())


def test_a_moment_before_something_was_closed_cannot_be_forked(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(FLEET)

    async def story(stage: Stage) -> None:
        world = await fleet(stage)
        before = await end_of(stage, world)
        await upgraded(stage, world, await stored(stage, {"pack.yaml": NEW}))
        with pytest.raises(BadAsOfError, match="an upgrade has since closed"):
            await forked(stage, world, before)
        after = await end_of(stage, world)
        assert await forked(stage, world, after) == after + 1

    with staged(database_url, tmp_path) as stage:
        stage.runner.run(story(stage))
