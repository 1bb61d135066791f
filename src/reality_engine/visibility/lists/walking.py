"""Queries for the entities that a list shows, each a walk along an index per audience key; not which walk is taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, literal, select, tuple_

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow
from reality_engine.visibility.filters.reading import Reading
from reality_engine.visibility.keys import EVERYTHING, newest_first
from reality_engine.visibility.lists.narrowing import Bound
from reality_engine.visibility.lists.ordering import Order, Sorted
from reality_engine.visibility.models import EntityAudienceRow, EntityValueRow
from reality_engine.visibility.predicates import packed_keys
from reality_engine.visibility.viewer import Viewer

# Conditions over the entity that a reading reads.
Asked: TypeAlias = Callable[[Reading], ColumnElement[bool]]

_VALUE: Final = LargeBinary()


@dataclass(frozen=True)
class Walks:
    """Walks through the entities of a kind that a viewer sees and that meet some conditions."""

    dialect: Dialect
    viewer: Viewer
    kind: str
    asked: Sequence[Asked] = ()
    found: Asked | None = None

    @property
    def keys(self) -> list[bytes]:
        """The keys under which an index of values has what the viewer sees."""
        return [EVERYTHING] if self.viewer.scope.everything else packed_keys(self.viewer.scope)

    def newest(self, before: str | None, limit: int) -> Select[Any]:
        """Return the ids of the newest below `before`."""
        if self.viewer.scope.everything:
            row = EntityRow
            query = select(row.id.label("at")).where(self._all(), *_below(row.id, before))
            return query.order_by(row.id.desc()).limit(limit)
        seen = EntityAudienceRow
        there = and_(seen.world == self.viewer.world, seen.kind == self.kind, *_below(seen.entity, before))
        there = and_(there, *self._met(seen.entity))
        return self.dialect.greatest(seen.entity, self.keys, lambda key: and_(there, seen.key == key), limit)

    def newest_with(self, bound: Bound, before: str | None, limit: int) -> Select[Any]:
        """Return the ids of the newest below `before` whose indexed value is one of a few."""
        row = EntityValueRow
        there = and_(self._valued(bound.read.name), *_below(row.entity, before), *self._met(row.entity))

        def rows(key: Any, value: Any) -> Select[Any]:
            held = select(row.entity.label("at")).where(there, row.key == key, row.value == value)
            return held.order_by(row.entity.desc()).limit(limit)

        found = self.dialect.each(self._pairs(bound), rows).cte("found_by_key")
        return select(found.c.at).distinct().order_by(found.c.at.desc()).limit(limit)

    def everyone(self) -> Select[Any]:
        """Return the ids of all, in no order; where they were `found` by a search, that says who is seen too."""
        if self.found is not None:
            row, found = EntityRow, self.found(self._reading(EntityRow.id))
            return (
                select(row.id.label("at"))
                .where(row.world == self.viewer.world, row.kind == self.kind, found)
                .where(*self._met(row.id))
            )
        if self.viewer.scope.everything:
            return select(EntityRow.id.label("at")).where(self._all())
        seen = EntityAudienceRow
        there = (seen.world == self.viewer.world, seen.kind == self.kind, seen.key.in_(self.keys))
        return select(seen.entity.label("at")).where(*there, *self._met(seen.entity)).distinct()

    def all_with(self, bound: Bound) -> Select[Any]:
        """Return the ids of all whose indexed value is one of a few, in no order."""
        row = EntityValueRow
        there = (self._valued(bound.read.name), row.key.in_(self.keys), row.value.in_(bound.values))
        return select(row.entity.label("at")).where(*there, *self._met(row.entity)).distinct()

    def along(self, orders: Sequence[Order], bounds: Sequence[Bound], place: Any, limit: int) -> Select[Any]:
        """Return the ids of the first after `place` by the index of the first order; the rest breaks ties in it."""
        first, row = orders[0], EntityValueRow
        there = and_(self._valued(first.read.name), *_within(bounds), *self._met(row.entity))
        reading = self._reading(row.entity)
        rest = Sorted(reading, orders[1:], [order.value(reading) for order in orders[1:]], row.entity)
        start = () if place is None else (self._after(orders, place),)

        def rows(key: Any) -> Select[Any]:
            held = select(row.entity.label("at")).where(there, row.key == key, *start)
            return held.order_by(*_direction(first, rest)).limit(limit)

        found = self.dialect.each([(key,) for key in self.keys], rows).cte("found_by_key")
        return select(found.c.at).distinct()

    def nearest(self, first: Order, bounds: Sequence[Bound], place: Any, limit: int) -> Select[Any]:
        """Return the ids of the first `limit` of the index, whether or not they meet the conditions."""
        row = EntityValueRow
        start = () if place is None else (self._after((first,), place),)
        there = and_(self._valued(first.read.name), *_within(bounds), *start)
        direction = _direction(first, Sorted(self._reading(row.entity), (), (), row.entity))

        def rows(key: Any) -> Any:
            held = select(row.entity.label("at"), row.value.label("value")).where(there, row.key == key)
            return held.order_by(*direction).limit(limit)

        found = self.dialect.each_valued([(key,) for key in self.keys], rows).cte("found_by_key")
        by = found.c.value.desc() if first.down else found.c.value
        return select(found.c.at, found.c.value).distinct().order_by(by, found.c.at.desc()).limit(limit)

    def among(self, keys: Sequence[str]) -> Select[Any]:
        """Return those of the ids, which are of this kind and seen, that meet the conditions."""
        row = EntityRow
        there = (row.world == self.viewer.world, self.dialect.among(row.id, keys))
        return select(row.id.label("at")).where(*there, *self._met(row.id))

    def _after(self, orders: Sequence[Order], place: Any) -> ColumnElement[bool]:
        (value, *rest, last), first, row = place, orders[0], EntityValueRow
        bound = literal(value, _VALUE)
        if len(orders) > 1:
            reading = self._reading(row.entity)
            ties = Sorted(reading, orders[1:], [order.value(reading) for order in orders[1:]], row.entity)
            further = row.value < bound if first.down else row.value > bound
            reached = row.value <= bound if first.down else row.value >= bound
            return and_(reached, further | ((row.value == bound) & ties.after([*rest, last])))
        if first.down:
            return tuple_(row.value, row.entity) < tuple_(bound, literal(last, row.entity.type))
        return tuple_(row.value, row.newest) > tuple_(bound, literal(newest_first(last), _VALUE))

    def _all(self) -> ColumnElement[bool]:
        row = EntityRow
        live = (row.world == self.viewer.world, row.kind == self.kind, row.life == str(Life.LIVE))
        return and_(*live, *self._met(row.id))

    def _valued(self, field: str) -> ColumnElement[bool]:
        row = EntityValueRow
        return and_(row.world == self.viewer.world, row.kind == self.kind, row.field == field)

    def _met(self, entity: Any) -> list[ColumnElement[bool]]:
        return [asked(self._reading(entity)) for asked in self.asked]

    def _reading(self, entity: Any) -> Reading:
        return Reading(self.dialect, self.viewer, entity)

    def _pairs(self, bound: Bound) -> list[tuple[bytes, ...]]:
        return [(key, value) for key in self.keys for value in bound.values]


def _below(column: Any, before: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if before is None else (column < before,)


def _within(bounds: Sequence[Bound]) -> list[ColumnElement[bool]]:
    """Return where in the index to look. What begins alike is looked at too, since of texts it has the beginning."""
    value, found = EntityValueRow.value, []
    for bound in bounds:
        low, high = min(bound.values), max(bound.values)
        if bound.operator in ("==", ">", ">="):
            found.append(value >= literal(low, _VALUE))
        if bound.operator in ("==", "<", "<="):
            found.append(value <= literal(high, _VALUE))
    return found


def _direction(first: Order, rest: Sorted) -> list[Any]:
    row = EntityValueRow
    if rest.orders:
        return [row.value.desc() if first.down else row.value, *rest.by()]
    return [row.value.desc(), row.entity.desc()] if first.down else [row.value, row.newest]
