"""The compiler from scope to SQL: every read of what others may see goes through here, and returns nothing else."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, false, literal, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute

from reality_engine.db.dialects.dialect import Dialect
from reality_engine.state.entity import Life
from reality_engine.state.models import EntityRow, FacetRow
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EntityAudienceRow, EventAudienceRow, EventFacetRow

# SQLite takes at most 500; who holds more keys is in the groups of hundreds of things, and reads the longer way.
MAX_BRANCHES: Final = 100


def visible_facets(scope: Scope) -> ColumnElement[bool]:
    """Return the condition under which a row of `entity_facets` may be read."""
    if scope.everything:
        return true()
    seen = EntityAudienceRow
    return _looked_up(
        seen.world == FacetRow.world, seen.kind == FacetRow.kind, seen.key.in_(_packed(scope)),
        seen.entity == FacetRow.entity, seen.facet == FacetRow.facet,
    )  # fmt: skip


def held_by(dialect: Dialect, scope: Scope, keys: "InstrumentedAttribute[Any]") -> ColumnElement[bool]:
    """Return the condition under which a state with these audience keys, present or past, may be read."""
    return true() if scope.everything else dialect.overlaps(keys, sorted(scope.keys))


def visible_event_facets(scope: Scope) -> ColumnElement[bool]:
    """Return the condition under which a row of `event_facets` may be read."""
    if scope.everything:
        return true()
    seen = EventAudienceRow
    return _looked_up(
        seen.world == EventFacetRow.world, seen.key.in_(_packed(scope)),
        seen.position == EventFacetRow.position, seen.facet == EventFacetRow.facet,
    )  # fmt: skip


def newest_events(scope: Scope, world: str, before: int | None, limit: int) -> Select[int]:
    """Return the positions of the newest visible events below `before`, newest first.

    Each key contributes at most a page from its own index range, so that the cost does not grow with what `everyone`
    may see.
    """
    if scope.everything:
        return (
            _ranged(EventFacetRow, EventFacetRow.position, world, before).where(EventFacetRow.facet == 0).limit(limit)
        )
    row = EventAudienceRow
    return _merged(_ranged(row, row.position, world, before), row.key, scope, limit)


def newest_entities(scope: Scope, world: str, kind: str, before: str | None, limit: int) -> Select[str]:
    """Return the ids of the newest visible live entities of a kind below `before`, newest first, merged by key."""
    if scope.everything:
        row = EntityRow
        found = _ranged(row, row.id, world, before).where(row.kind == kind, row.life == str(Life.LIVE))
        return found.limit(limit)
    seen = EntityAudienceRow
    return _merged(_ranged(seen, seen.entity, world, before).where(seen.kind == kind), seen.key, scope, limit)


def _looked_up(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return EXISTS that is looked up for each row of a page.

    The offset is a fence: PostgreSQL else makes a join of it, and reads the whole table to hash it, while that has
    fewer than some 60,000 rows.
    """
    return select(literal(1)).where(*conditions).offset(0).exists()


def _packed(scope: Scope) -> list[bytes]:
    return sorted(pack_key(key) for key in scope.keys)


def _ranged(row: Any, column: Any, world: str, before: Any) -> Select[Any]:
    query = select(column.label("at")).where(row.world == world).order_by(column.desc())
    return query if before is None else query.where(column < before)


def _merged(ranged: Select[Any], key: InstrumentedAttribute[bytes], scope: Scope, limit: int) -> Select[Any]:
    keys = _packed(scope)
    if not keys:
        return ranged.where(false())
    if len(keys) > MAX_BRANCHES:
        return ranged.where(key.in_(keys)).distinct().limit(limit)
    branches = [ranged.where(key == one).distinct().limit(limit) for one in keys]
    merged = union_all(*(select(branch.subquery().c.at) for branch in branches)).subquery()
    return select(merged.c.at).distinct().order_by(merged.c.at.desc()).limit(limit)
