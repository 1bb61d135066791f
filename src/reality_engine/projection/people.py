"""Whom a world's state names: its members, present and past, and the owners of what is in it; not their accounts."""

from collections import defaultdict

from sqlalchemy import and_, select

from reality_engine.db.unit import ReadUnit
from reality_engine.state.models import EntityRow, FacetRow, PastFacetRow

_MEMBER = "member"
BATCH = 500


async def people_of(unit: ReadUnit, world: str) -> dict[str, set[str]]:
    """Return by user all names that the world has, or once had, for them as a member."""
    users: dict[str, str] = {}
    names: dict[str, set[str]] = defaultdict(set)
    for table in (FacetRow, PastFacetRow):
        joined = and_(table.world == EntityRow.world, table.entity == EntityRow.id)
        query = select(table.entity, table.fields).join(EntityRow, joined)
        query = query.where(EntityRow.world == world, EntityRow.kind == _MEMBER)
        async for key, fields in await unit.session.stream(query.execution_options(yield_per=BATCH)):
            if isinstance(fields.get("user"), str):
                users.setdefault(key, fields["user"])
            if isinstance(fields.get("name"), str):
                names[key].add(fields["name"])
    found: dict[str, set[str]] = defaultdict(set)
    for key, user in users.items():
        found[user] |= names[key]
    owners = select(EntityRow.owner).where(EntityRow.world == world, EntityRow.owner.is_not(None)).distinct()
    for owner in await unit.session.scalars(owners):
        found[str(owner)] |= set()
    return dict(found)
