"""What can be done with worlds as such: create one from a pack, look at it, list one's own; not HTTP."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from reality_engine.actions import service as actions
from reality_engine.db.unit import ReadUnit, WriteUnit
from reality_engine.directory import repository as directory
from reality_engine.directory.repository import World
from reality_engine.kernel.chance import Draws, secret_draws
from reality_engine.kernel.errors import NotFoundError, Problem, ProblemsError
from reality_engine.kernel.ids import WORLD_ENTITY, fresh_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import Principal
from reality_engine.packs import repository as packs
from reality_engine.packs import service as pack_service
from reality_engine.packs.audience import EVERYONE
from reality_engine.packs.cache import PackCache
from reality_engine.packs.problems import PackError
from reality_engine.packs.stored import PackVersion
from reality_engine.rules.decision import Request
from reality_engine.visibility import entities
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.viewer import Viewer, Viewers, viewer_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorldView:
    """A world as one principal may see it; `roles` are theirs, `forked_from` the origin of a fork that they see too."""

    world: World
    pack: PackVersion
    title: str
    description: str
    public: bool
    joining: str
    upgrades: str
    roles: tuple[str, ...]
    forked_from: str | None = None


@dataclass(frozen=True, slots=True)
class NewWorld:
    """What a new world is to be: a stored pack's name and version (None: the newest), and its settings."""

    pack: str
    version: str | None
    settings: dict[str, Plain]


async def create(
    unit: WriteUnit, new: NewWorld, principal: Principal, cache: PackCache, now: datetime, draws: Draws | None = None
) -> World:
    """Create a world whose first member is its creator; raises NotFoundError for an unknown pack version.

    Raises ProblemsError where the pack's own seeds are refused by its rules.
    """
    version = await _version(unit, new)
    pack = await pack_service.load(unit, version.digest, cache)
    world = World(fresh_id(now), version.digest, now)
    await directory.add(unit, world)
    founding = Request("world.create", principal, input=new.settings, founding=True)
    answer = await actions.found_world(unit, pack, world, founding, draws or secret_draws())
    if not answer.accepted:
        problems = answer.problems or (Problem(str(answer.code), str(answer.message)),)
        raise ProblemsError(str(answer.message), problems=problems)
    return world


async def look(unit: ReadUnit, viewer: Viewer, viewers: Viewers) -> WorldView:
    """Return a world as its viewer may see it."""
    found = await directory.get(unit, viewer.world)
    # The settings are for everyone who may know of the world at all, such as those who may join it.
    outside = replace(viewer, scope=Scope(frozenset({EVERYONE})))
    settings = (await entities.get_entity(unit, outside, WORLD_ENTITY)).fields
    return WorldView(
        found, await packs.get_version(unit, found.pack), str(settings.get("title", "")),
        str(settings.get("description", "")), settings.get("public") is True, str(settings.get("joining", "closed")),
        str(settings.get("upgrades", "pinned")), viewer.scope.roles,
        await _origin(unit, found, viewer.principal, viewers),
    )  # fmt: skip


async def _origin(unit: ReadUnit, world: World, principal: Principal, viewers: Viewers) -> str | None:
    """Return of which world one is a fork, as far as somebody may see that."""
    if world.lineage is None:
        return None
    try:
        await viewer_of(unit, world.lineage.origin, principal, viewers)
    except NotFoundError:
        return None
    return world.lineage.origin


async def list_mine(
    unit: ReadUnit, principal: Principal, viewers: Viewers, limit: int, before: str | None = None
) -> list[WorldView]:
    """Return the worlds that a principal is a member of, the newest first.

    A world whose pack this release does not understand is left out, and said in the log: the others can be seen.
    """
    views: list[WorldView] = []
    while wanted := limit - len(views):
        found = await directory.list_of_member(unit, principal.id, wanted, before)
        entered = [world for world in found if principal.enters(world.id)]
        views += [view for world in entered if (view := await _view(unit, world, principal, viewers)) is not None]
        if len(found) < wanted:
            break
        before = found[-1].id
    return views


async def _view(unit: ReadUnit, world: World, principal: Principal, viewers: Viewers) -> WorldView | None:
    try:
        return await look(unit, await viewer_of(unit, world.id, principal, viewers), viewers)
    except PackError:
        logger.exception("the pack of world %s cannot be compiled any more", world.id)
        return None


async def _version(unit: ReadUnit, new: NewWorld) -> PackVersion:
    if new.version is not None:
        found = await packs.find_version(unit, new.pack, new.version)
    else:
        found = next(iter(await packs.list_versions(unit, 1, name=new.pack)), None)
    if found is None:
        raise NotFoundError("there is no such pack version", field="pack", hint="GET /api/v1/packs lists them")
    return found
