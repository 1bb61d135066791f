"""Holds the tables of state to the entities that a log makes; finds the first difference and mends none."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from reality_engine.db.shape import Shape
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.indexes import AUDIENCES, INDEXES, REFS, UNIQUES, VALUES
from reality_engine.projection.replaying import Replay
from reality_engine.state import repository as state
from reality_engine.state.models import EntityRow, FacetRow

_INDEXED: Final[Mapping[Shape, str]] = {
    AUDIENCES: "an audience of an entity",
    REFS: "a ref of an entity",
    UNIQUES: "a unique value",
    VALUES: "an indexed value of an entity",
}


async def check_state(unit: ReadUnit, world: str, replay: Replay) -> None:
    """Compare a world's tables of state with what its log makes of them; raises IntegrityError."""
    left = dict(replay.entities)
    after: str | None = None
    while True:
        page = await state.world_with_secrets(unit, world, after)
        for key, entity in page.items():
            if left.pop(key, None) != entity:
                raise IntegrityError(f"{entity.kind} {key} is not what the log makes of it")
        if not page:
            break
        after = max(page)
    if left:
        raise IntegrityError(f"{next(iter(left.values())).kind} {next(iter(left))} is missing")
    query = select(EntityRow.id, EntityRow.since).where(EntityRow.world == world)
    expected = {(key,): held.since for key, held in replay.held.items()}
    _same(
        "since when an entity is as it is",
        expected,
        {(key,): since for key, since in await unit.session.execute(query)},
    )
    await _check_facets(unit, world, replay)
    for shape in INDEXES:
        await _check_index(unit, world, replay, shape)


async def _check_facets(unit: ReadUnit, world: str, replay: Replay) -> None:
    expected = {
        (key, number): (held.entity.kind, facet.fields, sorted(facet.keys), facet.since, facet.changed_at)
        for key, held in replay.held.items()
        for number, facet in held.facets.items()
    }
    row = FacetRow
    query = select(row.entity, row.facet, row.kind, row.fields, row.keys, row.since, row.changed_at)
    rows = await unit.session.execute(query.where(row.world == world))
    _same("a facet of an entity", expected, {(key, number): tuple(held) for key, number, *held in rows})


async def _check_index(unit: ReadUnit, world: str, replay: Replay, shape: Shape) -> None:
    """Compare the rows of one index."""
    rows_of, kinds = INDEXES[shape], replay.pack.kinds
    made = (rows_of(world, kinds[held.entity.kind], held) for held in replay.held.values())
    # The world, of which they all are, is the first column.
    expected = {row[1:]: True for rows in made for row in rows}
    query = select(*shape.columns[1:]).where(shape.columns[0] == world)
    _same(_INDEXED[shape], expected, {tuple(row): True for row in await unit.session.execute(query)})


def _same(what: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> None:
    if expected != found:
        different = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
        raise IntegrityError(f"{what} is not what the log makes of it: {_told(min(different, key=repr))}")


def _told(key: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in key if not isinstance(part, bytes))
