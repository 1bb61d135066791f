"""P1 where audiences move: by conditions, owners of refs, reveal and conceal of fields and of events."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.state.entity import Entity
from tests.properties.stage import Stage, staged, wish
from tests.properties.test_world import check_sight

VEILS = Path(__file__).parent / "veils.yaml"
STEPS = 25


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    shutil.copy(VEILS, tmp_path / "pack.yaml")
    with staged(database_url, tmp_path) as stage:
        yield stage


async def play(stage: Stage, data: st.DataObject) -> None:
    """Act at random, and look after every action whether the world is what its log says."""
    world = await stage.world()
    for _ in range(data.draw(st.integers(5, STEPS), label="steps")):
        there = await stage.entities(world)
        asked = wish(stage, data, there)
        try:
            answer = await stage.act(world, asked)
        except (NotFoundError, InvalidError):
            continue
        event(f"{asked.request.action} {answer.code or answer.outcome}")
        await stage.verified(world)
        check_notes(stage, await stage.entities(world))
    await check_sight(stage, world)


def check_notes(stage: Stage, there: dict[str, Entity]) -> None:
    """Hold what each living entity notes of owners to the owners that there are."""
    for one in there.values():
        wanted = {}
        for name in stage.pack.kinds[one.kind].owners_of:
            target = there.get(str(one.get(name)))
            if target is not None and target.live and target.owner:
                wanted[name] = target.owner
        if one.live:
            assert one.audience.get("owners", {}) == wanted


KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=max(6, settings().max_examples // 8), suppress_health_check=KEPT)
@given(data=st.data())
def test_however_audiences_move_the_world_is_what_its_log_says(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(play(stage, data))
