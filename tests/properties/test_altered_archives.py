"""P7 and P11 for imports: whatever is in an archive, it is refused in words and leaves nothing, or it makes a world."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reality_engine.archives.errors import ArchiveError, ArchiveTooLargeError
from reality_engine.db.engine import open_engines
from reality_engine.db.unit import Units
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.projection.verify import verify
from tests.databases import DIALECTS, Databases
from tests.importing import Told, archived, imported, lines_of, packed, rechained
from tests.properties.stage import Stage, staged
from tests.tables import dump

Path = tuple[Any, ...]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, True, 0, -1, 2**53, 2**63, 2**64, 1e308, 0.5, "", "x", "@life", "@owner", "\U0001f480", "x" * 700, [], {},
        [[]], {"#": "x"}, "everyone", "user:", "group:x", "1970-01-01T00:00:00.000000Z", WORLD_ENTITY,
    ]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)  # fmt: skip


@pytest.fixture(scope="module", params=DIALECTS)
def stages(request: pytest.FixtureRequest, databases: Databases) -> Iterator[tuple[Stage, list[Told], Units]]:
    """Yield a stage, the lines of a world of it, and another database."""
    dialect = request.param
    with (
        databases.fresh(dialect, migrated=True) as url, databases.fresh(dialect, migrated=True) as other,
        staged(url) as stage,
    ):  # fmt: skip
        engines = open_engines(other)

        async def lines() -> list[Told]:
            return lines_of(await archived(stage, await stage.world()))

        yield stage, stage.runner.run(lines()), Units(engines)
        stage.runner.run(engines.close())


def paths(tree: Any, path: Path = ()) -> Iterator[Path]:
    """Yield where every value of a tree stands, also those within."""
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from paths(part, (*path, key))


def put(tree: Any, path: Path, value: Any, *, gone: bool) -> None:
    for key in path[:-1]:
        tree = tree[key]
    if gone:
        del tree[path[-1]]
    else:
        tree[path[-1]] = value


def altered(lines: list[Told], data: st.DataObject) -> bytes:
    """Change some values of an archive anywhere, and chain it anew, as somebody would who knows how."""
    made = json.loads(json.dumps(lines))
    for _ in range(data.draw(st.integers(1, 2), label="how many")):
        line = made[data.draw(st.integers(0, len(made) - 2), label="line")]
        inner = "event" in line and data.draw(st.integers(0, 9), label="inside") > 0
        tree = json.loads(line["body"]) if inner else line
        found = list(paths(tree))
        path = found[data.draw(st.integers(0, 10_000), label="where") % len(found)]
        put(tree, path, data.draw(ODD, label="value"), gone=data.draw(st.integers(0, 4), label="gone") == 0)
        if inner:
            line["body"] = json.dumps(tree)
    try:
        return rechained(made, lambda *_: None)
    except (KeyError, TypeError, AttributeError, ValueError):
        return packed(made)


async def check(stage: Stage, archive: bytes, target: Units) -> None:
    before = await dump(target)
    try:
        done = await imported(stage, target, archive, copy=True)
    except (ArchiveError, ArchiveTooLargeError) as error:
        event(error.message.partition(":")[2][:30])
        assert await dump(target) == before
    else:
        event("accepted")
        async with target.read() as unit:
            await verify(unit, done.world, stage.actions.packs)


@settings(max_examples=max(8, settings().max_examples // 6), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_altered_archive_is_refused_or_whole(stages: tuple[Stage, list[Told], Units], data: st.DataObject) -> None:
    stage, lines, target = stages
    stage.runner.run(check(stage, altered(lines, data), target))
