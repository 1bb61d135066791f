"""P10: a world that was exported and imported, in whichever database, has the same chain and the same state."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reality_engine.archives import exporting
from reality_engine.archives.pseudonyms import Naming
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.erasure.service import Erasures
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.projection.tables import LOG, PROJECTIONS
from reality_engine.projection.verify import verify
from tests.contract.test_upgrading import FLEET, LUCK, LUCKY, NEW, fleet
from tests.databases import DIALECTS, Databases
from tests.importing import archived, imported, lines_of
from tests.properties.stage import HARBOR, Stage, staged, wish
from tests.tables import Dump, dump_world
from tests.upgrades import changed, stored, upgraded

STEPS = 10
WAYS = [(source, target) for source in DIALECTS for target in DIALECTS]


@pytest.fixture(scope="module", params=WAYS, ids="-".join)
def stages(request: pytest.FixtureRequest, databases: Databases) -> Iterator[tuple[Stage, Units]]:
    """Yield a stage on one database, and another database to import into."""
    source, target = request.param
    with (
        databases.fresh(source, migrated=True) as url, databases.fresh(target, migrated=True) as other,
        staged(url, HARBOR) as stage,
    ):  # fmt: skip
        engines = open_engines(other)
        yield stage, Units(engines)
        stage.runner.run(engines.close())


def comparable(dump: Dump) -> Dump:
    """Leave the world's id out, the numbers that a database gives, and what is told outside and remembered here."""
    shapes = {shape.name: shape for shape in (*LOG, *PROJECTIONS)}
    found: Dump = {}
    for name in dump.keys() & shapes.keys():
        # Before the world's id stands the number, where there is one.
        first = 1 + len(dump[name][0]) - len(shapes[name].names) if dump[name] else 0
        found[name] = sorted((row[first:] for row in dump[name]), key=repr)
    # Nobody remembers anything of it here, neither an epoch nor a scope.
    found["world_heads"] = [(*row[:2], *row[3:5]) for row in found["world_heads"]]
    return found


async def check(stage: Stage, target: Units, data: st.DataObject) -> None:
    world = await stage.world()
    for _ in range(data.draw(st.integers(1, STEPS), label="steps")):
        try:
            await stage.act(world, wish(stage, data, await stage.entities(world)))
        except (NotFoundError, InvalidError):
            continue
    archive = await archived(stage, world)
    done = await imported(stage, target, archive, copy=True)
    assert done.world != world
    assert comparable(await dump_world(target, done.world)) == comparable(await dump_world(stage.units, world))
    async with target.read() as unit:
        await verify(unit, done.world, stage.actions.packs)


@settings(
    max_examples=max(2, settings().max_examples // 20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_what_was_exported_and_imported_is_the_same_world(stages: tuple[Stage, Units], data: st.DataObject) -> None:
    stage, target = stages
    stage.runner.run(check(stage, target, data))


async def same(stage: Stage, target: Units, world: str) -> None:
    """Bring a world to the other database, where it must be what it is."""
    archive = await archived(stage, world)
    done = await imported(stage, target, archive, copy=True)
    assert comparable(await dump_world(target, done.world)) == comparable(await dump_world(stage.units, world))
    async with target.read() as unit:
        await verify(unit, done.world, stage.actions.packs)
    started = await exporting.begin(target, done.world, stage.clock, "test", Naming.ACCOUNTS)
    again = b"".join([packed async for packed in started.members()])
    assert [line for line in lines_of(again) if "event" in line] == [
        line for line in lines_of(archive) if "event" in line
    ]


def test_what_was_erased_and_upgraded_comes_as_it_is(stages: tuple[Stage, Units]) -> None:
    stage, target = stages

    async def run() -> None:
        gia, mira, *_ = stage.people
        await stored(stage, {"pack.yaml": FLEET})
        world = await fleet(stage)
        erasures = Erasures(stage.units, stage.actions.packs, stage.clock, settle=0)
        await upgraded(stage, world, await stored(stage, {"pack.yaml": NEW}))
        await same(stage, target, world)
        await erasures.erase(mira.id, gia)
        await same(stage, target, world)
        harbor = await stage.world()
        await upgraded(stage, harbor, await stored(stage, changed(HARBOR, LUCK, upgrades=LUCKY)))
        await erasures.erase(mira.id, gia)
        await same(stage, target, harbor)

    stage.runner.run(run())
