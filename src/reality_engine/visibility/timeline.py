"""What a viewer saw of an entity from when to when, facet by facet, the latest first; not what changed it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, select, union, union_all

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.json import Plain
from reality_engine.state.models import EntityRow, FacetRow, PastEntityRow, PastFacetRow
from reality_engine.visibility.models import EntityAudienceRow, FacetMoveRow, PastAudienceRow
from reality_engine.visibility.predicates import held_by, packed_keys
from reality_engine.visibility.viewer import Viewer

# Behind every position: until when the present holds.
NOW: Final = 2**63 - 1


class Stretch(NamedTuple):
    """A facet as it was from the event at `since` until just before the one at `until`."""

    facet: int
    since: int
    until: int
    fields: Mapping[str, Plain]


class Stretches(NamedTuple):
    """What was seen of an entity below a position; all of it down to `from_`, and nothing is known below that."""

    seen: Sequence[Stretch]
    from_: int


class Whole(NamedTuple):
    """What an entity was apart from its fields; who may know of the owner is another matter."""

    kind: str
    owner: str | None
    life: str


async def stretches(
    unit: ReadUnit, viewer: Viewer, entity: str, before: int, many: int, facets: Sequence[int] | None = None
) -> Stretches:
    """Return the latest visible stretches that begin below a position, at most so many of each facet.

    `facets` are those that it may have, for who knows; else they are looked for.
    """
    if facets is None:
        facets = await facets_ever(unit, viewer, entity)
    if not facets:
        return Stretches((), 0)
    parts = [_present(unit, viewer, entity, before)]
    parts += [_past(unit, viewer, entity, number, before, many) for number in facets]
    rows = await unit.session.execute(union_all(*parts))
    seen = sorted((Stretch(*row) for row in rows), key=lambda one: (one.since, one.facet), reverse=True)
    counted = {number: [one.since for one in seen if one.facet == number and one.until != NOW] for number in facets}
    # Where a page of a facet is full, what ended when its earliest stretch began is not known.
    from_ = max((min(each) + 1 for each in counted.values() if len(each) >= many), default=0)
    return Stretches(seen, from_)


async def whole_at(unit: ReadUnit, viewer: Viewer, entity: str, position: int) -> Whole | None:
    """Return what an entity that the viewer sees was after the event at a position, apart from its fields."""
    for row in (EntityRow, PastEntityRow):
        query = select(row.kind, row.owner, row.life).where(
            row.world == viewer.world, row.id == entity, row.since <= position
        )
        found = (await unit.session.execute(query.order_by(row.since.desc()).limit(1))).first()
        if found is not None:
            return Whole(*found)
    return None


async def moves(unit: ReadUnit, viewer: Viewer, after: int, before: int, many: int) -> list[tuple[int, str]]:
    """Return where, between two positions, others saw something of an entity than before, the latest first.

    Whether the viewer is one of these has still to be looked at.
    """
    row = FacetMoveRow
    query = (
        select(row.position, row.entity)
        .where(row.world == viewer.world, row.position > after, row.position < before)
        .order_by(row.position.desc(), row.entity.desc())
        .limit(many)
    )
    return [(position, entity) for position, entity in await unit.session.execute(query)]


async def facets_ever(unit: ReadUnit, viewer: Viewer, entity: str) -> list[int]:
    """Return the numbers of the facets of an entity that the viewer's keys open or have ever opened.

    What never was for them is not walked over, however often it changed.
    """
    if viewer.scope.everything:
        tables = (FacetRow, PastFacetRow)
        return sorted({number for row in tables async for number in _numbers(unit, viewer, entity, row)})
    keys = packed_keys(viewer.scope)
    now, past = EntityAudienceRow, PastAudienceRow
    opened = union(
        select(now.facet).where(now.world == viewer.world, now.entity == entity, now.key.in_(keys)),
        select(past.facet).where(
            past.world == viewer.world, past.kind.in_(await _kinds(unit, viewer, entity)), past.key.in_(keys),
            past.entity == entity,
        ),
    )  # fmt: skip
    return sorted(await unit.session.scalars(opened))


async def _kinds(unit: ReadUnit, viewer: Viewer, entity: str) -> list[str]:
    """Return of what kind an entity is, and was at first: an upgrade may have renamed it."""
    row, past = EntityRow, PastEntityRow
    first = select(past.kind).where(past.world == viewer.world, past.id == entity).order_by(past.since).limit(1)
    present = select(row.kind).where(row.world == viewer.world, row.id == entity)
    found = {await unit.session.scalar(present), await unit.session.scalar(first)}
    return sorted(kind for kind in found if kind is not None)


async def _numbers(unit: ReadUnit, viewer: Viewer, entity: str, row: Any) -> AsyncIterator[int]:
    """Yield the numbers of the facets that a table has of an entity, by looking for the next one each time."""
    last: int | None = -1
    while last is not None:
        query = select(func.min(row.facet)).where(row.world == viewer.world, row.entity == entity, row.facet > last)
        last = await unit.session.scalar(query)
        if last is not None:
            yield last


def _present(unit: ReadUnit, viewer: Viewer, entity: str, before: int) -> Select[Any]:
    row = FacetRow
    return select(row.facet, row.since, literal(NOW).label("until"), row.fields).where(
        *_of(unit, viewer, entity, row), row.since < before
    )


def _past(unit: ReadUnit, viewer: Viewer, entity: str, facet: int, before: int, many: int) -> Select[Any]:
    row = PastFacetRow
    latest = (
        select(row.facet, row.since, row.until, row.fields)
        .where(*_of(unit, viewer, entity, row), row.facet == facet, row.since < before)
        .order_by(row.since.desc())
        .limit(many)
    ).subquery()
    return select(latest)


def _of(unit: ReadUnit, viewer: Viewer, entity: str, row: Any) -> tuple[ColumnElement[bool], ...]:
    return row.world == viewer.world, row.entity == entity, held_by(unit.dialect, viewer.scope, row.keys)
