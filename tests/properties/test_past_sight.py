"""P5 for the past: what a scope sees of the state just before an event, in SQL and by a replay; and explanations."""

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reality_engine.eventlog.reading import event_of
from reality_engine.eventlog.repository import stored_events
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.packs.compiled import CompiledPack, Kind
from reality_engine.projection.holding import facets
from reality_engine.reads.explained_events import Explaining
from reality_engine.state.audience import facet_of
from reality_engine.state.entity import OWNER, Entity
from reality_engine.state.fold import fold
from reality_engine.visibility.audience import Scope, sees
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.seen import Seen, seen_before, seen_now
from reality_engine.visibility.viewer import viewer_of
from tests.properties.stage import Stage, staged, wish


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as stage:
        yield stage


def shown(seen: Mapping[str, Seen], pack: CompiledPack) -> dict[str, object]:
    """Return what is visible, in a form to compare; an owner counts where its facet is there."""
    return {
        key: (one.kind, one.live, _owner(one.owner, pack.kinds[one.kind], one.facets), one.facets)
        for key, one in seen.items()
    }


def in_memory(state: Mapping[str, Entity], pack: CompiledPack, scope: Scope) -> dict[str, object]:
    """Return the same of a state."""
    found: dict[str, object] = {}
    for key, entity in state.items():
        kind = pack.kinds[entity.kind]
        held = {
            number: facet.fields
            for number, facet in facets(kind, entity).items()
            if (entity.live or scope.everything) and sees(scope, frozenset(facet.keys))
        }
        if held:
            found[key] = (entity.kind, entity.live, _owner(entity.owner, kind, held), held)
    return found


def _owner(owner: str | None, kind: Kind, held: Mapping[int, object]) -> str | None:
    return owner if facet_of(kind, OWNER) in held else None


async def play(stage: Stage, data: st.DataObject) -> None:
    """Act at random, then look back at every moment with everybody's eyes."""
    world, pack = await stage.world(), stage.pack
    for _ in range(data.draw(st.integers(3, 12), label="steps")):
        try:
            await stage.act(world, wish(stage, data, await stage.entities(world)))
        except (NotFoundError, InvalidError):
            continue
    async with stage.units.read() as unit:
        states: list[dict[str, Entity]] = [{}]
        async for row in stored_events(unit, world):
            state = states[-1]
            states.append({**state, **fold(state, (one.change for one in event_of(row).changes))})
        everything = list(states[-1])
        for person in stage.people:
            try:
                viewer = await viewer_of(unit, world, person, stage.actions.viewers)
            except NotFoundError:
                continue
            for before, state in enumerate(states):
                seen = await seen_before(unit, viewer.scope, world, before + 1, everything)
                assert shown(seen, pack) == in_memory(state, pack, viewer.scope), f"before {before + 1}"
            now = await seen_now(unit, viewer.scope, world, everything)
            assert now == await seen_before(unit, viewer.scope, world, len(states), everything)
            explaining = Explaining(unit, viewer, stage.actions.packs)
            for event in await feed_page(unit, viewer, 200):
                told = await explaining.explain(event.id)
                assert told.reasons, "somebody sees it for no reason"
                assert all(one.holds for one in told.rules)
                assert (told.made_by is None) <= (not told.rules)


KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=max(5, settings().max_examples // 5), suppress_health_check=KEPT)
@given(data=st.data())
def test_the_past_is_seen_as_it_was_by_the_keys_of_now(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(play(stage, data))
