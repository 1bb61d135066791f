"""Works out a principal's scope in a world from memberships and from what their entities belong to, at each request."""

from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Final

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
from reality_engine.state.models import EntityRow, RefRow, UniqueRow
from reality_engine.visibility.audience import Scope

NO_WORLD: Final = "there is no such world"
MEMBER: Final = "member"
USER: Final = "user"


async def scope_of(unit: ReadUnit, world: str, pack: CompiledPack, principal: Principal) -> Scope:
    """Return what a principal may see in a world; raises NotFoundError where that is nothing at all."""
    scope = (await scopes_of(unit, world, pack, [principal])).get(principal)
    if scope is None:
        raise NotFoundError(NO_WORLD)
    return scope


async def scopes_of(
    unit: ReadUnit, world: str, pack: CompiledPack, principals: Collection[Principal]
) -> dict[Principal, Scope]:
    """Return what principals may see in a world, by as many queries as for one; who sees nothing at all is left out.

    The world is there for its members, for everybody if it is public or open to join, and for nobody else. Members
    alone hold keys of their own: who has left sees what any stranger sees, and no more.
    """
    members = await _members(unit, world, [one.id for one in principals if one.known])
    groups = await _groups(unit, world, pack, members)
    strangers = [one for one in principals if not one.known or one.id not in members]
    found = await _scopes_of_strangers(unit, world, strangers) if strangers else {}
    for one in principals:
        if one.known and one.id in members:
            found[one] = scope_of_member(pack, members[one.id], one, groups.get(one.id, ()))
    return found


def scope_of_member(pack: CompiledPack, member: Entity, principal: Principal, groups: Collection[str]) -> Scope:
    """Return what a member sees who belongs to groups with these keys."""
    held = member.get("roles")
    roles = tuple(str(role) for role in held if str(role) in pack.roles) if isinstance(held, list) else ()
    # What was for a role under an earlier name stays for it.
    names = {name for role in roles for name in (role, *pack.roles[role].formerly)}
    keys = {EVERYONE, MEMBERS, user_key(principal.id), *map(role_key, names), *groups}
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
    row, kinds = EntityRow, kinds_of_groups(pack)
    if not kinds:
        return []
    return list(
        await unit.session.scalars(select(row.id).where(row.world == world, row.owner == user, row.kind.in_(kinds)))
    )


def kinds_of_groups(pack: CompiledPack) -> list[str]:
    """Return the kinds of entities by which their owners belong to groups."""
    return sorted({kind.group.kind for kind in pack.kinds.values() if kind.group})


async def _owners(unit: ReadUnit, world: str, pack: CompiledPack, members: Collection[str]) -> dict[str, str]:
    """Return the owners of all such entities of users who are members, by the ids of the entities."""
    kinds = kinds_of_groups(pack)
    if not kinds or not members:
        return {}
    row, member = EntityRow, UniqueRow
    # Each is looked up: without statistics PostgreSQL would go through all entities of these kinds.
    theirs = select(member.value.label("at")).where(
        member.world == world, member.kind == MEMBER, member.field == USER,
        unit.dialect.among(member.value, sorted(members)),
    )  # fmt: skip
    owned: Any = select(row.id, row.owner).where(row.world == world, row.kind.in_(kinds))
    found = await unit.session.execute(unit.dialect.looked_up_in(owned, row.owner, theirs))
    return {key: str(owner) for key, owner in found}


async def _scopes_of_strangers(unit: ReadUnit, world: str, principals: Collection[Principal]) -> dict[Principal, Scope]:
    settings = (await repository.entities_with_secrets(unit, world, [WORLD_ENTITY])).get(WORLD_ENTITY)
    found = {}
    for one in principals:
        with suppress(NotFoundError):
            found[one] = scope_of_stranger(settings, one)
    return found


async def _members(unit: ReadUnit, world: str, users: Collection[str]) -> dict[str, Entity]:
    """Return the members that users are, by user."""
    keys = await repository.found(unit, world, [(MEMBER, USER, user) for user in users]) if users else {}
    held = await repository.entities_with_secrets(unit, world, list(keys.values())) if keys else {}
    return {user: held[key] for (_, _, user), key in keys.items() if key in held}


async def _groups(unit: ReadUnit, world: str, pack: CompiledPack, users: Collection[str]) -> dict[str, set[str]]:
    """Return the keys of the groups that users belong to, by user."""
    paths = [f"{kind.group.kind}.{kind.group.field}" for kind in pack.kinds.values() if kind.group]
    # Two queries, since without statistics either database may join from the refs, and go through the world.
    owners = await _owners(unit, world, pack, users)
    groups: defaultdict[str, set[str]] = defaultdict(set)
    if owners:
        query = select(RefRow.source, RefRow.target).where(
            RefRow.world == world, unit.dialect.among(RefRow.source, sorted(owners)), RefRow.path.in_(paths)
        )
        for source, target in await unit.session.execute(query):
            groups[owners[source]].add(group_key(target))
    return groups
