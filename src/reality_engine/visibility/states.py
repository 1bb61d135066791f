"""Which states are read: those of now, or those as of a position of the log. Every read of entities asks here for rows.

A state as of a position is the present one where that is so old, else the last past one that began by then, unless it
had ended too. Each is one look-up by key, however often the entity has changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final, Protocol, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import DeclarativeBase

from reality_engine.state.models import EntityRow, FacetRow, PastEntityRow, PastFacetRow

# From a row to what is read of it, and to the conditions under which it may be.
Value: TypeAlias = Callable[[Any], ColumnElement[Any]]
Met: TypeAlias = Callable[[Any], Sequence[ColumnElement[bool]]]


class States(Protocol):
    """The states of entities at some moment. `outside` are the tables of the query that asks."""

    def facet(self, place: "FacetPlace", value: Value, met: Met, *outside: Any) -> ColumnElement[Any]:
        """Return what is read of a facet, NULL where there is none that meets the conditions."""
        ...

    def has_facet(self, place: "FacetPlace", met: Met, *outside: Any) -> ColumnElement[bool]:
        """Return whether there is a facet that meets the conditions."""
        ...

    def entity(self, world: Any, key: Any, value: Value, met: Met, *outside: Any) -> ColumnElement[Any]:
        """Return what is read of an entity, apart from its fields, NULL where there is none that meets them."""
        ...

    def has_entity(self, world: Any, key: Any, met: Met, *outside: Any) -> ColumnElement[bool]:
        """Return whether there is an entity that meets the conditions."""
        ...


@dataclass(frozen=True, slots=True)
class FacetPlace:
    """Where a facet is: what stands for its world and its entity in the query that asks, and its number."""

    world: Any
    entity: Any
    number: Any


@dataclass(frozen=True, slots=True)
class Now:
    """The states of now."""

    def facet(self, place: FacetPlace, value: Value, met: Met, *outside: Any) -> ColumnElement[Any]:
        """See States."""
        row = columns(FacetRow)
        return select(value(row)).where(*_at(row, place), *met(row)).correlate(*outside).scalar_subquery()

    def has_facet(self, place: FacetPlace, met: Met, *outside: Any) -> ColumnElement[bool]:
        """See States."""
        row = columns(FacetRow)
        return _there(select(literal(1)).where(*_at(row, place), *met(row)), *outside)

    def entity(self, world: Any, key: Any, value: Value, met: Met, *outside: Any) -> ColumnElement[Any]:
        """See States."""
        row = columns(EntityRow)
        found = select(value(row)).where(row.world == world, row.id == key, *met(row))
        return found.correlate(*outside).scalar_subquery()

    def has_entity(self, world: Any, key: Any, met: Met, *outside: Any) -> ColumnElement[bool]:
        """See States."""
        row = columns(EntityRow)
        return _there(select(literal(1)).where(row.world == world, row.id == key, *met(row)), *outside)


NOW: Final = Now()


@dataclass(frozen=True, slots=True)
class AsOf:
    """The states as of a position. Every entity that there was by then has an id below `ids_below`.

    `kinds` are those that there are now: of others, an upgrade has made something else since.
    """

    position: Any
    ids_below: str
    kinds: frozenset[str] = frozenset()

    def facet(self, place: FacetPlace, value: Value, met: Met, *outside: Any) -> ColumnElement[Any]:
        """See States."""
        row, past = columns(FacetRow), columns(PastFacetRow)
        present = select(value(row)).where(*_at(row, place), self._begun(row), *met(row))
        return self._either(present, self._last(past, value, met).where(*_at(past, place)), *outside)

    def has_facet(self, place: FacetPlace, met: Met, *outside: Any) -> ColumnElement[bool]:
        """See States."""
        return self.facet(place, _one, met, *outside).is_not(None)

    def entity(self, world: Any, key: Any, value: Value, met: Met, *outside: Any) -> ColumnElement[Any]:
        """See States."""
        row, past = columns(EntityRow), columns(PastEntityRow)
        present = select(value(row)).where(row.world == world, row.id == key, self._begun(row), *met(row))
        return self._either(present, self._last(past, value, met).where(past.world == world, past.id == key), *outside)

    def has_entity(self, world: Any, key: Any, met: Met, *outside: Any) -> ColumnElement[bool]:
        """See States."""
        return self.entity(world, key, _one, met, *outside).is_not(None)

    def _begun(self, row: Any) -> ColumnElement[bool]:
        begun: ColumnElement[bool] = row.since <= self.position
        return begun

    def _last(self, past: Any, value: Value, met: Met) -> Select[Any]:
        """Return what is read of the last state that began by then: it alone may meet the conditions.

        They stand beside the value, since a query for the last one that meets them would go through all before.
        """
        found = case((and_(past.until > self.position, *met(past)), value(past)))
        return select(found).where(self._begun(past)).order_by(past.since.desc()).limit(1)

    def _either(self, present: Select[Any], past: Select[Any], *outside: Any) -> ColumnElement[Any]:
        """Return what one of them finds: no state of now that is so old leaves a past one that had not ended."""
        found: ColumnElement[Any] = func.coalesce(
            present.correlate(*outside).scalar_subquery(), past.correlate(*outside).scalar_subquery()
        )
        return found


def columns(row: type[DeclarativeBase]) -> SimpleNamespace:
    """Return the columns of a table, which may be read in other places too.

    Of the table itself: an alias of what is mapped is adapted at each use, which takes a quarter of a filtered page.
    """
    return SimpleNamespace(**dict(row.__table__.alias().c.items()))


def _at(row: Any, place: FacetPlace) -> tuple[ColumnElement[bool], ...]:
    return row.entity == place.entity, row.world == place.world, row.facet == place.number


def _one(_: Any) -> ColumnElement[Any]:
    return literal(1)


def _there(query: Select[Any], *outside: Any) -> ColumnElement[bool]:
    # The offset is a fence, as in `visibility.predicates`.
    return query.offset(0).correlate(*outside).exists()
