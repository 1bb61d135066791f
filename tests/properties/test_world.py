"""P1, P3 and P7 for generated play, and the promise under P5 as far as stored keys go."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.state.models import FacetRow
from reality_engine.visibility import entities as reading
from reality_engine.visibility.audience import sees
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.predicates import held_by, newest_entities, visible_facets
from reality_engine.visibility.viewer import viewer_of
from tests.properties.stage import COMMONS, CORTEX, HARBOR, Stage, staged, wish
from tests.tables import dump_world

STEPS = 20


@pytest.fixture(params=[HARBOR, CORTEX, COMMONS], ids=lambda folder: folder.name)
def stage(database_url: str, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with staged(database_url, request.param) as stage:
        yield stage


async def play(stage: Stage, data: st.DataObject) -> None:
    """Act at random, and look after every action whether each promise holds."""
    world = await stage.world()
    before, events = await dump_world(stage.units, world), (await stage.verified(world)).events
    for _ in range(data.draw(st.integers(5, STEPS), label="steps")):
        asked = wish(stage, data, await stage.entities(world))
        try:
            answer = await stage.act(world, asked)
        except (NotFoundError, InvalidError):
            answer = None  # no answer to keep: out of sight, or a key used twice
        after = await dump_world(stage.units, world)
        if answer is None or not answer.accepted or answer.repeated:
            assert after == before, f"{asked} was refused and changed something"
        verified = await stage.verified(world)
        positions = sorted(row[1] for row in after["events"])
        assert positions == list(range(1, verified.events + 1))
        assert verified.events >= events
        before, events = after, verified.events
        event(answer.code or answer.outcome if answer else "raised")  # --hypothesis-show-statistics tells how varied
    await check_sight(stage, world)


async def check_sight(stage: Stage, world: str) -> None:
    """Compare what the SQL shows to everybody with the check in memory, on the keys that are stored."""
    for person in stage.people:
        async with stage.units.read() as unit:
            try:
                viewer = await viewer_of(unit, world, person, stage.actions.viewers)
            except NotFoundError:
                continue  # who is not a member of a world that is closed
            query = select(FacetRow.entity, FacetRow.facet).where(FacetRow.world == world)
            shown = {tuple(row) for row in await unit.session.execute(query.where(visible_facets(viewer.scope)))}
            held = select(FacetRow.entity, FacetRow.facet, FacetRow.keys).where(FacetRow.world == world)
            rows = (await unit.session.execute(held)).all()
            there = {key: one for key, one in (await stage.entities(world)).items() if one.live}
            seen = {
                (key, facet)
                for key, facet, keys in rows
                if (key in there or viewer.scope.everything) and sees(viewer.scope, frozenset(keys))
            }
            assert shown == seen
            by_keys = query.where(held_by(unit.dialect, viewer.scope, FacetRow.keys))
            assert {tuple(row) for row in await unit.session.execute(by_keys)} == seen
            for kind in stage.pack.kinds:
                listed = list(
                    await unit.session.scalars(newest_entities(unit.dialect, viewer.scope, world, kind, None, 100))
                )
                wanted = {key for key, _ in seen if key in there and there[key].kind == kind}
                assert listed == sorted(wanted, reverse=True)
            views = {view.id: view for view in await reading.views(unit, viewer, [key for key, _ in seen])}
            assert set(views) == {key for key, _ in seen}
            feed = await feed_page(unit, viewer, 100)
            assert [view.position for view in feed] == sorted({view.position for view in feed}, reverse=True)


# A database and an event loop are kept over the examples; each makes a world of its own.
KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=max(6, settings().max_examples // 8), suppress_health_check=KEPT)
@given(data=st.data())
def test_whatever_happens_the_world_is_what_its_log_says(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(play(stage, data))
