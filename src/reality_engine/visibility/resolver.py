"""Works out a principal's scope in a world from memberships and from what their entities belong to, at each request."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from reality_engine.db.unit import ReadUnit
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal
from reality_engine.packs.audience import EVERYONE, MEMBERS, role_key
from reality_engine.packs.compiled import CompiledPack
from reality_engine.state import repository
from reality_engine.state.audience import group_key, user_key
from reality_engine.state.entity import Entity
from reality_engine.state.models import EntityRow, RefRow
from reality_engine.visibility.audience import Scope

NO_WORLD: Final = "there is no such world"


async def scope_of(unit: ReadUnit, world: str, pack: CompiledPack, principal: Principal) -> Scope:
    """Return what a principal may see in a world; raises NotFoundError where that is nothing at all.

    The world is there for its members, for everybody if it is public or open to join, and for nobody else. Members
    alone hold keys of their own: who has left sees what any stranger sees, and no more.
    """
    member = await _member(unit, world, principal)
    if member is None:
        settings = (await repository.entities_with_secrets(unit, world, [WORLD_ENTITY])).get(WORLD_ENTITY)
        return scope_of_stranger(settings, principal)
    return scope_of_member(pack, member, principal, await _groups(unit, world, pack, principal.id))


def scope_of_member(pack: CompiledPack, member: Entity, principal: Principal, groups: Collection[str]) -> Scope:
    """Return what a member sees who belongs to groups with these keys."""
    held = member.get("roles")
    roles = tuple(str(role) for role in held if str(role) in pack.roles) if isinstance(held, list) else ()
    keys = {EVERYONE, MEMBERS, user_key(principal.id), *(role_key(role) for role in roles), *groups}
    return Scope(
        frozenset(keys), everything=any(pack.roles[role].sees_everything for role in roles), member=True,
        admin=any(pack.roles[role].admin for role in roles), user=principal.id, roles=roles,
    )  # fmt: skip


def scope_of_stranger(settings: Entity | None, principal: Principal) -> Scope:
    """Return what is seen by who is no member of a world with these settings; raises NotFoundError."""
    public = settings is not None and settings.get("public") is True
    joinable = settings is not None and settings.get("joining") == "open" and principal.known
    if not (public or joinable):
        raise NotFoundError(NO_WORLD)
    return Scope(frozenset({EVERYONE} if public else ()), user=principal.id)


async def belongings(unit: ReadUnit, world: str, pack: CompiledPack, user: str) -> list[str]:
    """Return the ids of a user's entities by which one may belong to a group, deleted ones too."""
    kinds = sorted({kind.group.kind for kind in pack.kinds.values() if kind.group})
    if not kinds:
        return []
    mine = select(EntityRow.id).where(EntityRow.world == world, EntityRow.owner == user, EntityRow.kind.in_(kinds))
    return list(await unit.session.scalars(mine))


async def _member(unit: ReadUnit, world: str, principal: Principal) -> Entity | None:
    if not principal.known:
        return None
    wanted = ("member", "user", principal.id)
    key = (await repository.found(unit, world, [wanted])).get(wanted)
    return (await repository.entities_with_secrets(unit, world, [key])).get(key) if key else None


async def _groups(unit: ReadUnit, world: str, pack: CompiledPack, user: str) -> set[str]:
    paths = [f"{kind.group.kind}.{kind.group.field}" for kind in pack.kinds.values() if kind.group]
    # Two queries, since without statistics either database may join from the refs, and go through the world.
    owned = await belongings(unit, world, pack, user) if paths else []
    if not owned:
        return set()
    query = select(RefRow.target).where(
        RefRow.world == world, unit.dialect.among(RefRow.source, owned), RefRow.path.in_(paths)
    )
    return {group_key(target) for target in await unit.session.scalars(query)}
