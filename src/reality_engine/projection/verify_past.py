"""Holds the tables of past states, and of what once led to them, to what a log makes of them; mends none."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from reality_engine.db.shape import Shape
from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import IntegrityError
from reality_engine.projection.indexes import PAST_AUDIENCES, PAST_REFS, PAST_UNIQUES
from reality_engine.projection.projector import FACET_MOVES
from reality_engine.projection.replaying import PAST_ENTITY, PAST_FACET, PAST_TEXT, Replay, summed
from reality_engine.state.models import PastEntityRow, PastFacetRow
from reality_engine.visibility.models import PastTextRow

BATCH = 500
_ONCE: Final[Mapping[Shape, str]] = {
    PAST_AUDIENCES: "who could once see an entity",
    PAST_REFS: "what an entity once referred to",
    PAST_UNIQUES: "what was once a unique value",
    FACET_MOVES: "when somebody else began to see an entity",
}


async def check_past(unit: ReadUnit, world: str, replay: Replay) -> None:
    """Compare a world's past states with those that its log went through; raises IntegrityError."""
    found: dict[str, int] = defaultdict(int)
    whose: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
        (PastEntityRow, PastEntityRow.id, PAST_ENTITY),
        (PastFacetRow, PastFacetRow.entity, PAST_FACET),
        (PastTextRow, PastTextRow.entity, PAST_TEXT),
    )
    for table, entity, names in whose:
        query = select(entity, *(getattr(table, name) for name in names)).where(table.world == world)
        async for key, *row in await unit.session.stream(query.execution_options(yield_per=BATCH)):
            found[key] = summed(found[key], names, row)
    past = replay.past_sums()
    different = [key for key in past.keys() | found.keys() if past.get(key, 0) != found.get(key, 0)]
    if different:
        raise IntegrityError(f"a past state of entity {min(different)} is not what the log made of it")
    for shape, what in _ONCE.items():
        await _check_once(unit, world, shape, replay, what)


async def _check_once(unit: ReadUnit, world: str, shape: Shape, replay: Replay, what: str) -> None:
    """Compare what an index has lost. The world, of which all rows are, is the first column."""
    left = {row[1:] for row in replay.once[shape].values()}
    query = select(*shape.columns[1:]).where(shape.columns[0] == world)
    async for row in await unit.session.stream(query.execution_options(yield_per=BATCH)):
        if tuple(row) not in left:
            raise IntegrityError(f"{what} is not what the log made of it: {_told(row)}")
        left.discard(tuple(row))
    if left:
        raise IntegrityError(f"{what} is not what the log made of it: {_told(min(left, key=repr))}")


def _told(row: Any) -> str:
    return " ".join(str(part) for part in row if not isinstance(part, bytes))
