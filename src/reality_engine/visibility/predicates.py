"""The compiler from scope to SQL: every read of what others may see goes through here, and returns nothing else."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute

from reality_engine.db.dialects.dialect import Dialect, Given
from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow, EventAudienceRow, EventFacetRow


@dataclass(frozen=True, slots=True)
class Form:
    """Stands for the scopes of all who will look through a statement that is made once."""

    everything: bool
    keys: Given


def visible_facets(scope: Scope, row: Any = FacetRow) -> ColumnElement[bool]:
    """Return the condition under which a row of `entity_facets`, or another about a facet, may be read."""
    if scope.everything:
        return true()
    seen = EntityAudienceRow
    return looked_up(
        seen.world == row.world, seen.kind == row.kind, seen.key.in_(packed_keys(scope)),
        seen.entity == row.entity, seen.facet == row.facet,
    )  # fmt: skip


def held_by(dialect: Dialect, scope: Scope | Form, keys: "InstrumentedAttribute[Any]") -> ColumnElement[bool]:
    """Return the condition under which a state with these audience keys, present or past, may be read."""
    if scope.everything:
        return true()
    return dialect.overlaps(keys, scope.keys if isinstance(scope, Form) else sorted(scope.keys))


def visible_event_facets(scope: Scope, row: Any = EventFacetRow) -> ColumnElement[bool]:
    """Return the condition under which a row of `event_facets`, or another about a facet, may be read."""
    if scope.everything:
        return true()
    seen = EventAudienceRow
    return looked_up(
        seen.world == row.world, seen.key.in_(packed_keys(scope)),
        seen.position == row.position, seen.facet == row.facet,
    )  # fmt: skip


def newest_events(dialect: Dialect, scope: Scope | Form, world: Any, before: Any, limit: Any) -> Select[Any]:
    """Return the positions of the newest visible events below `before`, newest first.

    Each key contributes at most a page from its own index range, so that the cost does not grow with what `everyone`
    may see.
    """
    if scope.everything:
        row = EventFacetRow
        return _newest(row.position, row.world == world, row.facet == 0, *_below(row.position, before)).limit(limit)
    seen = EventAudienceRow
    place = and_(seen.world == world, *_below(seen.position, before))
    return dialect.greatest(seen.position, _keys(scope), lambda key: and_(place, seen.key == key), limit)


def newest_entities(
    dialect: Dialect, scope: Scope | Form, world: Any, kind: Any, before: Any, limit: Any
) -> Select[Any]:
    """Return the ids of the newest visible live entities of a kind below `before`, newest first, merged by key."""
    if scope.everything:
        row = EntityRow
        live = (row.world == world, row.kind == kind, row.life == str(Life.LIVE))
        return _newest(row.id, *live, *_below(row.id, before)).limit(limit)
    seen = EntityAudienceRow
    place = and_(seen.world == world, seen.kind == kind, *_below(seen.entity, before))
    return dialect.greatest(seen.entity, _keys(scope), lambda key: and_(place, seen.key == key), limit)


def looked_up(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return EXISTS that is looked up for each row of a page.

    The offset is a fence: PostgreSQL else makes a join of it, and reads the whole table to hash it, while that has
    fewer than some 60,000 rows.
    """
    return select(literal(1)).where(*conditions).offset(0).exists()


def packed_keys(scope: Scope) -> list[bytes]:
    """Return the scope's keys as they are stored."""
    return sorted(pack_key(key) for key in scope.keys)


def _keys(scope: Scope | Form) -> "list[bytes] | Given":
    return scope.keys if isinstance(scope, Form) else packed_keys(scope)


def _newest(column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(column.label("at")).where(*conditions).order_by(column.desc())


def _below(column: InstrumentedAttribute[Any], before: Any) -> tuple[ColumnElement[bool], ...]:
    return () if before is None else (column < before,)
