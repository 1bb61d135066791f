"""Who is erased is nowhere any more, and nobody else misses anything; what is left verifies at any moment."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reality_engine.kernel.ids import fresh_id
from reality_engine.kernel.principal import WORLD, Principal, PrincipalKind
from tests.properties import erasing
from tests.properties.erasing import (
    MINE,
    MIRA,
    PIA,
    STEPS,
    Interrupting,
    Step,
    Telling,
    erasures,
    founded,
    rows_with,
    told,
)
from tests.properties.stage import Stage, staged
from tests.serving import NOON
from tests.tables import dump
from tests.upgrades import changed, stored, upgraded

DIARY = Path(__file__).with_name("diary.yaml")
KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
EXAMPLES = max(3, settings().max_examples // 16)


# What some see of a soul is in another facet from then on, and what was told of its mood is personal.
NEWER = {
    "personal: true, visible_to: [owner]}": "personal: true, visible_to: [owner, keeper]}",
    "mood:   {type: text, default: calm}": "mood:   {type: text, default: calm, personal: true}",
}


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url, DIARY) as stage:
        yield stage


async def erased(stage: Stage, steps: list[Step], deaths: tuple[int, ...], meanwhile: Step, turn: int) -> None:
    telling = Telling()
    # Others than before: else the worlds of all examples would be gone through each time.
    stage.people[:] = [
        Principal(PrincipalKind.PERSON, fresh_id(NOON), f"{name}0 called", "session") for name in erasing.NAMED
    ]
    world = await founded(stage, telling)
    for number, step in enumerate(steps):
        if number == turn:
            await upgraded(stage, world, await stored(stage, changed(DIARY, NEWER)))
        await told(stage, world, step, telling)
    mira, theirs = stage.people[MIRA].id, await never_mine(stage, world)
    assert await rows_with(stage.units, MINE)
    for left in deaths:
        with suppress(erasing.DiedError):
            await erasures(stage, Interrupting(stage.units, left)).erase(mira, WORLD)
        await stage.verified(world)
    acts = told(stage, world, meanwhile, telling)
    await asyncio.gather(erasures(stage).erase(mira, WORLD), acts)
    await stage.verified(world)
    done = await erasures(stage).erase(mira, WORLD)
    assert not await rows_with(stage.units, MINE)
    verified = await stage.verified(world)
    assert verified.unaccounted == 0
    assert verified.erased == done.values if not deaths else verified.erased >= done.values
    now = await never_mine(stage, world)
    assert {key: one for key, one in now.items() if key in theirs} == theirs
    for step in steps[:3]:
        await told(stage, world, step._replace(who=PIA), telling)
        await stage.verified(world)


async def never_mine(stage: Stage, world: str) -> dict[str, object]:
    """Return what those souls are called that Mira never owned and that nobody calls by a name of hers."""
    there, mira = await stage.entities(world), stage.people[MIRA].id
    owned = {row[1] for row in (await dump(stage.units))["past_entities"] if mira in row}
    others = [one for one in there.values() if one.owner != mira and one.id not in owned and MINE not in repr(one)]
    return {one.id: [one.fields.get(name) for name in ("name", "alias", "shout")] for one in others}


@settings(max_examples=EXAMPLES, suppress_health_check=KEPT)
@given(
    steps=st.lists(STEPS, min_size=3, max_size=14),
    deaths=st.sampled_from([(), (2,), (3, 1), (4,), (5,)]),
    meanwhile=STEPS.filter(lambda step: step.action in ("greet", "calm", "confess", "arrive")),
    turn=st.integers(0, 20),
)
def test_nothing_is_left_of_who_is_erased_and_the_rest_verifies(
    stage: Stage, steps: list[Step], deaths: tuple[int, ...], meanwhile: Step, turn: int
) -> None:
    stage.runner.run(erased(stage, steps, deaths, meanwhile, turn))
