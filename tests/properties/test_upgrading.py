"""Whatever was played, an upgrade leaves a world whole, before, between and after, and opens nothing unsaid."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reality_engine.actions.appending import HeldLog
from reality_engine.kernel.errors import InvalidError, NotFoundError
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.upgrades import Migration
from reality_engine.projection.rebuild import Rebuilding, Sizes, rebuild
from reality_engine.projection.verify import verify
from reality_engine.upgrading import service
from reality_engine.upgrading.names import Between
from reality_engine.upgrading.service import Upgrading
from reality_engine.visibility.entities import views
from reality_engine.visibility.viewer import viewer_of
from tests.properties.stage import CORTEX, HARBOR, Stage, staged, wish
from tests.upgrades import changed, stored

KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
EXAMPLES = max(2, settings().max_examples // 50)

# What is replaced in the source, and what the upgrade says of it.
Recipe = tuple[dict[str, str], str]
STRESS: Final = "  stress:  {type: meter, max: 9}"
SECRET: Final = 'default: "", visible_to: '
PLOT: Final = "title: What it is up to"
RICH: Final = "self.coin > 2 ? 'rich' : 'poor'"
RECIPES: Final[dict[Path, dict[str, Recipe]]] = {
    HARBOR: {
        "added": ({STRESS: f"{STRESS}\n      luck: {{type: integer, default: 1}}"}, "default: {character.luck: 3}"),
        "computed": ({"  coin:    {": f'  rank: {{type: text, computed: "{RICH}"}}\n      coin:    {{'}, ""),
        "worked out": (
            {"  broken:  {": "  worth: {type: integer}\n      broken:  {"},
            'compute: {character.worth: "=self.coin * 10"}',
        ),
        "renamed": ({"stakes": "threat"}, "rename: {fields: {clock.stakes: threat}}"),
        "another kind": ({"rumour": "hearsay"}, "rename: {kinds: {rumour: hearsay}}"),
        "tightened": (
            {f"{SECRET}[owner, gm]}}": f"{SECRET}[gm]}}", "to hide: {actor.secret}": "to hide"},
            "",
        ),
        "closed": (
            {f"[group, gm], {PLOT}": f"[gm], {PLOT}", "up to something: {target.plot}": "up"},
            "",
        ),
    },
    CORTEX: {
        "added": ({"due:      {type: date}": "due:      {type: date}\n      effort: {type: integer, default: 1}"}, ""),
        "renamed": ({"published": "shown"}, "rename: {fields: {note.published: shown, link.published: shown}}"),
    },
}


@pytest.fixture(params=[HARBOR, CORTEX], ids=lambda folder: folder.name)
def stage(database_url: str, request: pytest.FixtureRequest) -> Iterator[tuple[Stage, Path]]:
    with staged(database_url, request.param) as stage:
        yield stage, request.param


async def play(stage: Stage, data: st.DataObject, world: str, most: int) -> None:
    for _ in range(data.draw(st.integers(0, most), label="wishes")):
        try:
            await stage.act(world, wish(stage, data, await stage.entities(world)))
        except (NotFoundError, InvalidError):
            continue


async def facts(stage: Stage, world: str, who: int) -> set[tuple[str, str, str]]:
    """Return everything that somebody sees of entities: values by entity and field."""
    try:
        async with stage.units.read() as unit:
            viewer = await viewer_of(unit, world, stage.people[who], stage.actions.viewers)
            seen = await views(unit, viewer, sorted(await stage.entities(world)))
    except NotFoundError:
        return set()
    return {(view.id, name, repr(value)) for view in seen for name, value in view.fields.items()} | {
        (view.id, "@owner", repr(view.owner)) for view in seen
    }


async def version(stage: Stage, folder: Path, chosen: list[str]) -> CompiledPack:
    """Return a version in which these parts are others, whose upgrade says the same of each."""
    parts = {old: new for name in chosen for old, new in RECIPES[folder][name][0].items()}
    said = [RECIPES[folder][name][1] for name in chosen]
    merged = [text for text in said if text and not text.startswith("rename")]
    renames = [text.removeprefix("rename: {").removesuffix("}") for text in said if text.startswith("rename")]
    if renames:
        merged.append(f"rename: {{{', '.join(renames)}}}")
    number = f"2.{sum(1 << [*RECIPES[folder]].index(name) for name in chosen)}.0"
    entry = f"upgrades: [{{{', '.join(['from: 1.0.0', *merged])}}}]"
    return await stored(stage, changed(folder, parts, number, entry))


@settings(suppress_health_check=KEPT, max_examples=EXAMPLES, phases=[Phase.generate])
@given(data=st.data())
def test_an_upgrade_leaves_a_world_whole_and_opens_nothing(stage: tuple[Stage, Path], data: st.DataObject) -> None:
    table, folder = stage
    recipes = [*RECIPES[folder]]
    chosen = data.draw(st.lists(st.sampled_from(recipes), min_size=1, unique=True).map(sorted), label="what is another")

    async def verified(log: HeldLog) -> None:
        await verify(log.unit, log.world, table.actions.packs)

    async def run() -> None:
        old = table.pack
        world = await table.world()
        await play(table, data, world, 6)
        pack = await version(table, folder, chosen)
        before = [await facts(table, world, who) for who in range(4)]
        upgrading = Upgrading(table.units, table.actions.packs, data.draw(st.integers(1, 5)), verified)
        await service.upgrade(upgrading, world, pack, table.people[0], table.clock.now())
        await table.verified(world)
        between = Between.of(old, pack)
        for who in (1, 2, 3):
            opened = _renamed(between.migration, await facts(table, world, who)) - before[who]
            assert {name for _, name, _ in opened} <= {"luck", "rank", "worth", "effort"}
        try:
            table.pack = pack
            await play(table, data, world, 3)
        finally:
            table.pack = old
        await table.verified(world)
        work = Rebuilding(table.units, table.actions.packs, "test", sizes=Sizes(40, 500))
        assert await rebuild(work, world, table.clock.now()) == {}

    table.runner.run(run())


def _renamed(said: Migration, seen: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Return what is seen by the names that fields had; each of these is a name of its own in its pack."""
    names: dict[str, Any] = {new: old for (_, old), new in said.fields.items()}
    return {(key, str(names.get(name, name)), value) for key, name, value in seen}
