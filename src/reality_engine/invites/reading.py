"""Reads what an invite is to, for whoever has its token, though they see nothing of the world; changes nothing."""

from reality_engine.db.unit import ReadUnit
from reality_engine.directory import repository as directory
from reality_engine.invites.links import no_invite
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.packs import service as packs
from reality_engine.packs.cache import PackCache
from reality_engine.visibility import entities
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.entities import EntityView
from reality_engine.visibility.viewer import Viewer

_KIND = "invite"


async def invited_to(unit: ReadUnit, world: str, invite: str, cache: PackCache) -> tuple[EntityView, EntityView]:
    """Return the settings of the world and the invite; raises InviteOverError where either is there no more."""
    try:
        pack = await packs.load(unit, (await directory.get(unit, world)).pack, cache)
        # The token is the right to see these two things, and nothing else is read.
        viewer = Viewer(world, pack, Scope(frozenset(), everything=True))
        settings = await entities.get_entity(unit, viewer, WORLD_ENTITY)
        found = await entities.get_entity(unit, viewer, invite)
    except NotFoundError as error:
        raise no_invite() from error
    if found.kind != _KIND or found.deleted or settings.deleted:
        raise no_invite()
    return settings, found
