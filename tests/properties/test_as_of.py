"""P9: as of now a world is what it is now, and as of an earlier position what a replay up to it gives."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reality_engine.actions.allowed import choices
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import InvalidError, NotFoundError, ProblemsError
from reality_engine.packs.compiled import Kind
from reality_engine.visibility.entities import search_entities, views, visible_ids
from reality_engine.visibility.events import feed_page
from reality_engine.visibility.filters.names import Names
from reality_engine.visibility.filters.parsing import parse_filter
from reality_engine.visibility.lists.listing import Wanted, count, list_page
from reality_engine.visibility.lists.ordering import parse_sort
from reality_engine.visibility.moments import viewer_at
from reality_engine.visibility.viewer import Viewer, viewer_of
from reality_engine.visibility.words import asked_words
from tests.properties.copied import copied, events_of, words_in
from tests.properties.stage import COMMONS, CORTEX, HARBOR, Stage, staged, wish
from tests.serving import NOON

VEILS = Path(__file__).with_name("veils.yaml")
PACKS = {"harbor": HARBOR, "cortex": CORTEX, "commons": COMMONS, "veils": VEILS}
KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.fixture(params=PACKS)
def stage(request: pytest.FixtureRequest, database_url: str) -> Iterator[Stage]:
    with staged(database_url, PACKS[request.param]) as stage:
        yield stage


def filters(kind: Kind) -> Iterator[str]:
    """Yield conditions over a kind, some of them through what it refers to."""
    yield "owner == me" if kind.owned else "id != ''"
    for name, field in kind.fields.items():
        yield f"is_set({name})"
        if field.value.base == "ref":
            yield f"{name}.name != 'none'" if field.value.kind != "member" else f"{name}.name.startsWith('M')"
        elif field.value.base == "text":
            yield f"{name}.contains('a') || size({name}) > 3"


def wanted(viewer: Viewer, kind: str, source: str | None, sort: str | None, words: str | None) -> Wanted | None:
    """Return what is asked for, None where it names what the viewer could never see."""
    names = Names(viewer, kind)
    try:
        condition = None if source is None else parse_filter(source, names)
        return Wanted(kind, condition, parse_sort(sort, names), asked_words(words) if words else ())
    except ProblemsError:
        return None


async def listed(unit: ReadUnit, viewer: Viewer, asked: Wanted) -> object:
    """Return two pages of a list, after which there is no more."""
    first = await list_page(unit, viewer, asked, 2)
    rest = await list_page(unit, viewer, asked, 50, first[-1].place) if len(first) == 2 else []
    assert await count(unit, viewer, asked) == len(first) + len(rest)
    return [(one.view, one.place) for one in (*first, *rest)]


@dataclass(frozen=True)
class Questions:
    """What everybody is asked for: some of the filters and sorts that there are, and some words."""

    ids: list[str]
    words: list[str]
    chosen: Random

    def of(self, kind: Kind) -> list[tuple[str | None, str | None, str | None]]:
        """Return some filters, sorts and words for a list."""
        sources, word = list(filters(kind)), self.chosen.choice(self.words)
        sorts = ["id", *kind.fields, *(f"-{name}" for name in kind.fields)]
        source, sort = self.chosen.choice(sources), self.chosen.choice(sorts)
        return [(None, None, None), (source, None, None), (None, sort, None), (source, sort, word)]


async def seen(unit: ReadUnit, viewer: Viewer, asked: Questions) -> dict[str, object]:
    """Return what a viewer finds by every sort of read."""
    found: dict[str, object] = {
        "entities": sorted(await views(unit, viewer, asked.ids), key=lambda view: view.id),
        "visible": await visible_ids(unit, viewer, asked.ids),
        "feed": await feed_page(unit, viewer, 60),
        "page": await feed_page(unit, viewer, 3, 12),
    }
    for word in asked.chosen.choices(asked.words, k=2):
        found[f"feed {word}"] = await feed_page(unit, viewer, 60, None, asked_words(word))
        found[f"search {word}"] = await search_entities(unit, viewer, asked_words(word), None, 50)
    for kind in asked.chosen.choices(list(viewer.pack.kinds.values()), k=3):
        for part in asked.of(kind):
            one = wanted(viewer, kind.name, *part)
            if one is not None:
                found[f"{kind.name} {part}"] = await listed(unit, viewer, one)
    return found


async def allowed(stage: Stage, unit: ReadUnit, viewer: Viewer, target: str | None) -> object:
    """Return what a viewer may do, None where they do not see on what."""
    try:
        found = await choices(unit, stage.actions, viewer, target, None, NOON)
    except NotFoundError:
        return None
    return [(choice.action.name, choice.allowed) for choice in found]


async def play(stage: Stage, data: st.DataObject) -> None:
    """Act at random, then look back with everybody's eyes."""
    world = await stage.world()
    for _ in range(data.draw(st.integers(3, 12), label="steps")):
        with suppress(NotFoundError, InvalidError):
            await stage.act(world, wish(stage, data, await stage.entities(world)))
    ids = sorted(await stage.entities(world))
    async with stage.units.read() as unit:
        events = await events_of(unit, world)
    last, seed = len(events), data.draw(st.integers(0, 999), label="questions")
    words = [*words_in(events), "a"]
    position = 1 + data.draw(st.integers(0, 999), label="position") % last
    copy = world if position == last else await copied(stage, world, events, position)
    person = data.draw(st.sampled_from(stage.people), label="who")
    async with stage.units.read() as unit:
        try:
            now = await viewer_of(unit, world, person, stage.actions.viewers)
        except NotFoundError:
            return
        then = await viewer_at(unit, now, position, stage.actions.packs)
        told, held = [
            await seen(unit, viewer, Questions(ids, words, Random(seed))) for viewer in (then, replace(now, world=copy))
        ]
        for viewer, found in ((then, told), (replace(now, world=copy), held)):
            for target in (None, Random(seed).choice(ids)):
                found[f"allowed {target}"] = await allowed(stage, unit, viewer, target)
        for name, answer in held.items():
            assert told[name] == answer, f"{name} as of {position} of {last}, {person.name}"


@settings(max_examples=max(4, settings().max_examples // 25), suppress_health_check=KEPT)
@given(data=st.data())
def test_as_of_a_position_a_world_is_what_its_log_made_by_then(stage: Stage, data: st.DataObject) -> None:
    stage.runner.run(play(stage, data))
