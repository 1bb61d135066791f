"""Copies rows of a world to another one, by statements of the database; not what becomes of them there."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Insert, and_, insert, literal, not_, or_, select, true

from reality_engine.db.shape import Shape, shape_of
from reality_engine.db.types import Id
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.eventlog.models import EventRow
from reality_engine.projection import event_views, indexes, text_rows
from reality_engine.projection.chunks import WORLD
from reality_engine.projection.projector import ENTITIES, FACET_MOVES, FACETS, PAST_ENTITIES, PAST_FACETS
from reality_engine.projection.tables import PROJECTIONS

EVENTS: Final = shape_of(EventRow)
# What is of a position, or of a time between two; and by what past rows there are, what those of the present were.
OF_EVENTS: Final = (event_views.FACETS, event_views.AUDIENCES, event_views.TEXTS)
OF_PAST: Final = {
    PAST_ENTITIES: "until", PAST_FACETS: "until", text_rows.PAST_TEXTS: "until", FACET_MOVES: "position",
}  # fmt: skip
OF_STATES: Final = ((ENTITIES, PAST_ENTITIES), (FACETS, PAST_FACETS))
# What says of no position since when it is there, but whose it is.
OF_ENTITIES: Final = (*indexes.INDEXES, text_rows.TEXTS, *indexes.PAST.values())
# What is made out of the log: few rows, where there are any.
OF_THE_LOG: Final = (event_views.MOVED, event_views.UNDONE)
_OWNERS: Final = {ENTITIES: "id", PAST_ENTITIES: "id", indexes.REFS: "source", indexes.PAST_REFS: "source"}


class Cut(NamedTuple):
    """A world, up to the event at a position, that is to be another world too."""

    origin: str
    fork: str
    position: int


def entity_of(shape: Shape) -> Any:
    """Return the column that says of which entity a row is."""
    return column(shape, _OWNERS.get(shape, "entity"))


def column(shape: Shape, name: str) -> Any:
    """Return a column of a table."""
    return shape.columns[shape.places[name]]


async def copy_log(unit: WriteUnit, cut: Cut) -> None:
    """Copy the events, byte for byte, with what they commit to."""
    await _copy(unit, EVENTS, cut, column(EVENTS, "position") <= cut.position)


async def copy_present(unit: WriteUnit, cut: Cut) -> None:
    """Copy all that is made of a log, which must end at the position."""
    for shape in PROJECTIONS:
        await _copy(unit, shape, cut)


async def copy_by_position(unit: WriteUnit, cut: Cut, but: Collection[str]) -> None:
    """Copy what viewers read of events, and the states of entities as they were, but for some of these."""
    for shape in OF_EVENTS:
        await _copy(unit, shape, cut, column(shape, "position") <= cut.position)
    for shape, moment in OF_PAST.items():
        await _copy(unit, shape, cut, column(shape, moment) <= cut.position, _not_of(unit, shape, but))
    for present, past in OF_STATES:
        await _copy(unit, present, cut, column(present, "since") <= cut.position, _not_of(unit, present, but))
        then = and_(column(past, "since") <= cut.position, column(past, "until") > cut.position)
        await unit.session.execute(_copied(present, past, cut, then, _not_of(unit, past, but)))


async def copy_untouched(unit: WriteUnit, cut: Cut, touched: Collection[str]) -> None:
    """Copy all by which entities are found, and once were, but for those that something has happened to since."""
    for shape in OF_ENTITIES:
        await _copy(unit, shape, cut, _not_of(unit, shape, touched))


async def touched_since(unit: ReadUnit, cut: Cut) -> set[str]:
    """Return the entities that something has happened to since, those that have come since too."""
    found: set[str] = set()
    for shape, moment in ((ENTITIES, "since"), (FACETS, "since"), (PAST_ENTITIES, "until"), (PAST_FACETS, "until")):
        query = select(entity_of(shape)).distinct()
        later = column(shape, moment) > cut.position
        found.update(await unit.session.scalars(query.where(column(shape, WORLD) == cut.origin, later)))
    return found


async def _copy(unit: WriteUnit, shape: Shape, cut: Cut, *conditions: ColumnElement[bool]) -> None:
    await unit.session.execute(_copied(shape, shape, cut, *conditions))


def _copied(to: Shape, of: Shape, cut: Cut, *conditions: ColumnElement[bool]) -> Insert:
    """Return the statement that writes the rows of one table into another, or the same, as those of the fork."""
    values = [literal(cut.fork, Id()) if name == WORLD else column(of, name) for name in to.names]
    rows = select(*values).where(column(of, WORLD) == cut.origin, *conditions)
    return insert(to.model).from_select(list(to.names), rows)


def _not_of(unit: ReadUnit, shape: Shape, entities: Collection[str]) -> ColumnElement[bool]:
    return not_(unit.dialect.among(entity_of(shape), sorted(entities))) if entities else or_(true())
