"""What a filter reads, as SQL: NULL where there is no value or the viewer may not see it; not the conditions."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, literal, select
from sqlalchemy.orm import DeclarativeBase

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.expressions.types import Base
from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow, FacetRow, RefRow
from reality_engine.visibility.filters.terms import ID, OWNER, Read, Through, family
from reality_engine.visibility.predicates import held_by
from reality_engine.visibility.viewer import Viewer


@dataclass(frozen=True)
class Reading:
    """The values of the entity whose id stands in a column, as one viewer sees them.

    Each is a subquery that looks up one row by its key, so that a database cannot make a join of them.
    """

    dialect: Dialect
    viewer: Viewer
    entity: Any

    def value(self, read: Read) -> ColumnElement[Any]:
        """Return a value as it is compared, a list or mapping as JSON."""
        if read.name == ID:
            return self.dialect.documents.bytewise(cast(self.entity, Text))
        found = self._owner(read) if read.name == OWNER else self._field(read)
        return self.dialect.documents.bytewise(found) if family(read.type) in (Base.TEXT, Base.TIMESTAMP) else found

    def _field(self, read: Read) -> ColumnElement[Any]:
        facet = _other(FacetRow)
        found = select(self._extracted(facet.fields, read)).where(
            facet.entity == self._place(read), *self._seen(facet, read), *self._reached(read, facet.entity)
        )
        return found.correlate(self.entity.table).scalar_subquery()

    def _owner(self, read: Read) -> ColumnElement[Any]:
        owned, facet = _other(EntityRow), _other(FacetRow)
        seen = select(literal(1)).where(facet.entity == owned.id, *self._seen(facet, read))
        found = select(owned.owner).where(
            owned.world == self.viewer.world, owned.id == self._place(read), _looked_up(seen, owned.id.table),
            *self._reached(read, owned.id),
        )  # fmt: skip
        return found.correlate(self.entity.table).scalar_subquery()

    def _seen(self, facet: Any, read: Read | Through) -> tuple[ColumnElement[bool], ...]:
        world, held = facet.world == self.viewer.world, held_by(self.dialect, self.viewer.scope, facet.keys)
        return world, facet.facet == read.facet, facet.kind == read.kind, held

    def _place(self, read: Read) -> Any:
        """Return whose the value is: of the entity itself, or of what a ref of it leads to."""
        if read.through is None:
            return self.entity
        ref, path = _other(RefRow), f"{read.through.kind}.{read.through.field}"
        led = select(ref.target).where(ref.world == self.viewer.world, ref.source == self.entity, ref.path == path)
        return led.correlate(self.entity.table).scalar_subquery()

    def _reached(self, read: Read, place: Any) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions under which a ref leads anywhere: the viewer sees it, and it leads to what is live.

        They stand beside each other and not within, since SQLite's parser takes no deep nesting.
        """
        if read.through is None:
            return ()
        facet, there = _other(FacetRow), _other(EntityRow)
        seen = select(literal(1)).where(facet.entity == self.entity, *self._seen(facet, read.through))
        live = select(literal(1)).where(
            there.world == self.viewer.world, there.id == place, there.life == str(Life.LIVE)
        )  # fmt: skip
        return _looked_up(seen, self.entity.table), _looked_up(live, place.table)

    def _extracted(self, fields: Any, read: Read) -> ColumnElement[Any]:
        documents, path = self.dialect.documents, (read.name, *read.inner)
        base = family(read.type)
        if base in (Base.TEXT, Base.TIMESTAMP):
            return documents.text(fields, path)
        if base is Base.NUMBER:
            return documents.number(fields, path)
        if base is Base.BOOLEAN:
            return documents.boolean(fields, path)
        return documents.seconds(fields, path) if base is Base.DURATION else documents.part(fields, path)


def _other(row: type[DeclarativeBase]) -> SimpleNamespace:
    """Return the columns of a table, which may be read in other places too.

    Of the table itself: an alias of what is mapped is adapted at each use, which takes a quarter of a filtered page.
    """
    return SimpleNamespace(**dict(row.__table__.alias().c.items()))


def _looked_up(query: Select[Any], outside: Any) -> ColumnElement[bool]:
    # The offset is a fence, as in `visibility.predicates`.
    return query.offset(0).correlate(outside).exists()
