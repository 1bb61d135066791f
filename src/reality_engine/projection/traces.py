"""In which worlds there may be anything of a person; not what."""

from sqlalchemy import exists, or_, select

from reality_engine.db.unit import ReadUnit
from reality_engine.directory.models import WorldRow
from reality_engine.state.audience import user_key
from reality_engine.state.models import EntityRow, PastUniqueRow, UniqueRow
from reality_engine.visibility.keys import pack_key
from reality_engine.visibility.models import EventAudienceRow


async def worlds_of(unit: ReadUnit, user: str) -> list[str]:
    """Return the worlds that somebody is or was a member of, owns something in, or is the audience of something in.

    Deleted ones too, in order of their ids. Nobody can act in a world, or own anything, without one of these.
    """
    world = WorldRow.id
    member = (
        exists().where(row.world == world, row.kind == "member", row.field == "user", row.value == user)
        for row in (UniqueRow, PastUniqueRow)
    )
    owner = exists().where(EntityRow.world == world, EntityRow.owner == user)
    seen = exists().where(EventAudienceRow.world == world, EventAudienceRow.key == pack_key(user_key(user)))
    return [*await unit.session.scalars(select(world).where(or_(*member, owner, seen)).order_by(world))]
