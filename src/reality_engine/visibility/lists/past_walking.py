"""The walks of lists as of a moment, along what is seen now and what once was; each find is asked what it was then.

What once was has no index of values: a list in order, or filtered, is of all that a viewer saw of a kind.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, union

from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow
from reality_engine.visibility.lists.walking import Walks
from reality_engine.visibility.models import EntityAudienceRow, PastAudienceRow
from reality_engine.visibility.predicates import held_by
from reality_engine.visibility.states import AsOf, FacetPlace, columns


@dataclass(frozen=True)
class PastWalks(Walks):
    """Walks through the entities of a kind that a viewer sees as of a moment and that met some conditions then."""

    states: AsOf = field(kw_only=True)

    def candidates(self, before: str | None, limit: int) -> list[Select[Any]]:
        """Return queries for the newest ids below `before` that may have been seen then, each by one index."""
        below, world = min(before or self.states.ids_below, self.states.ids_below), self.viewer.world
        if self.viewer.scope.everything:
            row = EntityRow
            there = (row.world == world, *self._still(row), row.id < below)
            return [select(row.id.label("at")).where(*there).order_by(row.id.desc()).limit(limit)]
        now, once = EntityAudienceRow, PastAudienceRow
        seen = and_(now.world == world, now.kind == self.kind, now.entity < below)
        was = and_(once.world == world, once.kind == self.kind, once.entity < below, once.until > self.states.position)
        return [
            self.dialect.greatest(now.entity, self.keys, lambda key: and_(seen, now.key == key), limit),
            self.dialect.greatest(once.entity, self.keys, lambda key: and_(was, once.key == key), limit),
        ]

    def newest(self, before: str | None, limit: int) -> Select[Any]:
        """Return the ids of the newest below `before`."""
        below = self.states.ids_below if before is None else min(before, self.states.ids_below)
        if self.viewer.scope.everything:
            row = columns(EntityRow)
            query = select(row.id.label("at")).where(*self._lived(row), row.id < below)
            return query.order_by(row.id.desc()).limit(limit)

        def rows(key: Any) -> Select[Any]:
            pages = (
                select(row.entity.label("at")).where(*there, row.key == key, row.entity < below)
                .distinct().order_by(row.entity.desc()).limit(limit).correlate(key.table)
                for row, there in self._sources()
            )  # fmt: skip
            both = union(*(select(page.subquery().c.at) for page in pages)).subquery("both")
            return select(both.c.at).order_by(both.c.at.desc()).limit(limit)

        found = self.dialect.each([(key,) for key in self.keys], rows).cte("found_by_key")
        return select(found.c.at).distinct().order_by(found.c.at.desc()).limit(limit)

    def everyone(self) -> Select[Any]:
        """Return the ids of all, in no order; where they were `found` by a search, that says who is seen too."""
        if self.viewer.scope.everything or self.found is not None:
            row = columns(EntityRow)
            found = () if self.found is None else (self.found(self._reading(row.id)),)
            return select(row.id.label("at")).where(*self._lived(row), *found)
        some = (
            select(row.entity.label("at")).where(*there, row.key.in_(self.keys), row.entity < self.states.ids_below)
            for row, there in self._sources()
        )
        both = union(*some).subquery("both")
        return select(both.c.at)

    def _sources(self) -> list[tuple[Any, tuple[ColumnElement[bool], ...]]]:
        """Return the tables of who sees what and of who once did, with the conditions for what was seen then."""
        now, once = columns(EntityAudienceRow), columns(PastAudienceRow)
        return [(now, self._there(now)), (once, (once.until > self.states.position, *self._there(once)))]

    def _there(self, row: Any) -> tuple[ColumnElement[bool], ...]:
        def met(facet: Any) -> tuple[ColumnElement[bool], ...]:
            return facet.kind == self.kind, held_by(self.dialect, self.viewer.scope, facet.keys)

        world = self.viewer.world
        seen = self.states.has_facet(FacetPlace(world, row.entity, row.facet), met, row.entity.table)
        return (row.world == world, row.kind == self.kind, seen, *self._met(row.entity))

    def _lived(self, row: Any) -> tuple[ColumnElement[bool], ...]:
        def met(there: Any) -> tuple[ColumnElement[bool], ...]:
            return there.life == str(Life.LIVE), there.kind == self.kind

        world = self.viewer.world
        lived = self.states.has_entity(world, row.id, met, row.id.table)
        return (row.world == world, *self._still(row), lived, *self._met(row.id))

    def _still(self, row: Any) -> tuple[ColumnElement[bool], ...]:
        """Return the condition by which an index finds entities of the kind, where they are of it still."""
        return (row.kind == self.kind,) if self.kind in self.states.kinds else ()
