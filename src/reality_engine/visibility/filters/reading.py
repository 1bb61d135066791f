"""What a filter reads, as SQL: NULL where there is no value or the viewer may not see it; not the conditions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, select

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.db.types import Id
from reality_engine.expressions.types import Base
from reality_engine.state.entity import Life
from reality_engine.state.models import RefRow
from reality_engine.visibility.filters.terms import ID, OWNER, Read, Through, family
from reality_engine.visibility.predicates import held_by
from reality_engine.visibility.states import NOW, FacetPlace, columns
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
        def met(facet: Any) -> list[ColumnElement[bool]]:
            return [*self._seen(facet, read), *self._reached(read, facet.entity)]

        place = FacetPlace(self.viewer.world, self._place(read), read.facet)
        return self.viewer.states.facet(
            place, lambda facet: self._extracted(facet.fields, read), met, self.entity.table
        )  # fmt: skip

    def _owner(self, read: Read) -> ColumnElement[Any]:
        world, states = self.viewer.world, self.viewer.states

        def met(owned: Any) -> list[ColumnElement[bool]]:
            own = FacetPlace(world, owned.id, read.facet)
            seen = states.has_facet(own, lambda facet: self._seen(facet, read), owned.id.table)
            return [seen, *self._reached(read, owned.id)]

        return states.entity(world, self._place(read), lambda owned: owned.owner, met, self.entity.table)

    def _seen(self, facet: Any, read: Read | Through) -> tuple[ColumnElement[bool], ...]:
        return facet.kind == read.kind, held_by(self.dialect, self.viewer.scope, facet.keys)

    def _place(self, read: Read) -> Any:
        """Return whose the value is: of the entity itself, or of what a ref of it leads to."""
        if read.through is None:
            return self.entity
        if self.viewer.states is not NOW:
            return self._led(read.through)
        ref, path = columns(RefRow), f"{read.through.kind}.{read.through.field}"
        led = select(ref.target).where(ref.world == self.viewer.world, ref.source == self.entity, ref.path == path)
        return led.correlate(self.entity.table).scalar_subquery()

    def _led(self, through: Through) -> ColumnElement[Any]:
        """Return what a ref led to, of which no table tells but the states of what has it."""

        def target(facet: Any) -> ColumnElement[Any]:
            return cast(self.dialect.documents.text(facet.fields, (through.field,)), Id())

        own = FacetPlace(self.viewer.world, self.entity, through.facet)
        return self.viewer.states.facet(own, target, lambda facet: (facet.kind == through.kind,), self.entity.table)

    def _reached(self, read: Read, place: Any) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions under which a ref leads anywhere: the viewer sees it, and it leads to what is live.

        They stand beside each other and not within, since SQLite's parser takes no deep nesting.
        """
        through, world, states = read.through, self.viewer.world, self.viewer.states
        if through is None:
            return ()
        own = FacetPlace(world, self.entity, through.facet)
        seen = states.has_facet(own, lambda facet: self._seen(facet, through), self.entity.table)
        live = states.has_entity(world, place, lambda there: (there.life == str(Life.LIVE),), place.table)
        return seen, live

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
