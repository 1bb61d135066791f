"""P1 for forks: whatever has happened, and at whatever position a world is forked, the fork is what its log says."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select

from reality_engine.db.unit import WriteUnit
from reality_engine.eventlog import repository as eventlog
from reality_engine.eventlog.models import EventRow
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.kernel.ids import fresh_id
from reality_engine.projection.closing import both
from reality_engine.projection.copying import Cut
from reality_engine.projection.verify import verify
from reality_engine.state import repository as state
from reality_engine.state.audience_notes import taken
from reality_engine.state.entity import AUDIENCE
from reality_engine.visibility.models import EventFacetRow
from reality_engine.worlds.forking import NewFork, fork
from tests.databases import Databases
from tests.properties.stage import HARBOR, Stage, staged, wish
from tests.serving import NOON

VEILS = Path(__file__).parent / "veils.yaml"
STEPS = 15


@pytest.fixture(scope="module", params=["sqlite-harbor", "sqlite-veils", "postgresql-harbor", "postgresql-veils"])
def stage(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Yield a database with a pack, each once for all examples."""
    dialect, _, pack = request.param.partition("-")
    folder = HARBOR
    if pack == "veils":
        folder = tmp_path_factory.mktemp("veils")
        shutil.copy(VEILS, folder / "pack.yaml")
    with databases.fresh(dialect, migrated=True) as url, staged(url, folder) as stage:
        yield stage


async def forked(stage: Stage, unit: WriteUnit, world: str, position: int, *, members: bool) -> str:
    """Fork a world, in a transaction that is not kept."""
    new = NewFork(fresh_id(NOON), "Elsewhere", world, position, members, frozenset({"gm"}))
    made = await fork(unit, new, stage.people[0], stage.actions.packs, stage.clock.now())
    return made.id


async def log_of(unit: WriteUnit, world: str, position: int) -> list[tuple[object, ...]]:
    """Return the beginning of a log as it is stored."""
    row = EventRow
    columns = (row.position, row.id, row.type, row.recorded_at, row.digest, row.body, row.private)
    query = select(*columns).where(row.world == world, row.position <= position).order_by(row.position)
    return [tuple(one) for one in await unit.session.execute(query)]


async def check_closed(stage: Stage, unit: WriteUnit, cut: Cut) -> None:
    """Hold a fork to what was taken in its origin since: fields that were concealed, and heads of events."""
    heads = {
        world: {at: frozenset(keys) for at, keys in await unit.session.execute(_heads(world, cut.position))}
        for world in (cut.origin, cut.fork)
    }
    for at, keys in heads[cut.fork].items():
        now = heads[cut.origin][at]
        assert both(keys, now) == keys, f"event {at} is open to {keys - now} in the fork alone"
    head = await eventlog.get_head(unit, cut.origin)
    for event in await eventlog.events_between(unit, cut.origin, cut.position, head):
        for change, *_ in event.changes:
            before, after = ({} if one is None else one for one in (change.before, change.after))
            if change.field != AUDIENCE or not isinstance(before, dict) or not isinstance(after, dict):
                continue
            held = (await state.held_with_secrets(unit, cut.fork, [change.entity])).get(change.entity)
            for field, lost in taken(before, after).items():
                number = stage.pack.kinds[change.kind].fields[field].facet
                if held is not None and number in held.facets:
                    open_to = held.facets[number].keys
                    assert not open_to if lost is None else open_to.isdisjoint(lost), f"{field} is open to {open_to}"


def _heads(world: str, until: int) -> Select[int, list[str]]:
    row = EventFacetRow
    return select(row.position, row.keys).where(row.world == world, row.facet == 0, row.position <= until)


async def play(stage: Stage, data: st.DataObject) -> None:
    """Act at random, and then fork at several positions."""
    world = await stage.world()
    for _ in range(data.draw(st.integers(5, STEPS), label="steps")):
        asked = wish(stage, data, await stage.entities(world))
        try:
            await stage.act(world, asked)
        except (NotFoundError, InvalidError):
            continue
    async with stage.units.read() as unit:
        end = (await eventlog.get_head(unit, world)).position
    for drawn in (0, *data.draw(st.lists(st.integers(1, 999), min_size=2, max_size=2), label="back")):
        position = end - drawn % end
        async with stage.units.write() as unit:
            made = await forked(stage, unit, world, position, members=drawn % 2 == 0)
            found = await verify(unit, made, stage.actions.packs)
            assert found.events == position + 1
            assert await log_of(unit, made, position) == await log_of(unit, world, position)
            await check_closed(stage, unit, Cut(world, made, position))
    await stage.verified(world)


KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=max(2, settings().max_examples // 30), suppress_health_check=KEPT)
@given(data=st.data())
def test_a_fork_is_what_its_log_says(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(play(stage, data))
