"""What a viewer sees of a world in memory, through the same audience keys as everywhere; not what a test expects."""

from collections.abc import Mapping

from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal, PrincipalKind
from reality_engine.packs.audience import EVERYONE, MEMBERS, role_key
from reality_engine.packs.compiled import CompiledPack
from reality_engine.rules.decision import Request
from reality_engine.rules.naming import named_by
from reality_engine.state.audience import facet_keys, facets_of, group_key, user_key
from reality_engine.state.entity import Entity
from reality_engine.visibility.audience import Scope, sees


def scope_in(pack: CompiledPack, entities: Mapping[str, Entity], viewer: Principal) -> Scope:
    """Return the audience keys that somebody holds now; the world itself sees everything."""
    if viewer.kind is PrincipalKind.WORLD:
        return Scope(frozenset(), everything=True)
    member = _member(entities, viewer)
    if member is None:
        public = entities[WORLD_ENTITY].get("public") is True
        return Scope(frozenset({EVERYONE} if public else ()))
    held = member.get("roles")
    roles = [str(role) for role in held] if isinstance(held, list) else []
    keys = {EVERYONE, MEMBERS, user_key(viewer.id), *map(role_key, roles), *_groups(pack, entities, viewer.id)}
    return Scope(frozenset(keys), everything=any(pack.roles[role].sees_everything for role in roles), member=True)


def may_enter(entities: Mapping[str, Entity], viewer: Principal) -> bool:
    """Say whether the world is there for somebody at all: for members, and for others if it is public or open."""
    if viewer.kind is PrincipalKind.WORLD or _member(entities, viewer) is not None:
        return True
    world = entities[WORLD_ENTITY]
    return world.get("public") is True or (viewer.known and world.get("joining") == "open")


def hidden_from(scope: Scope, pack: CompiledPack, entities: Mapping[str, Entity], request: Request) -> frozenset[str]:
    """Return those of the entities a request names of which its principal sees nothing."""
    named = named_by(pack.actions.get(request.action), request)
    return frozenset(key for key in named if key not in entities or not sees_anything(scope, pack, entities[key]))


def sees_anything(scope: Scope, pack: CompiledPack, entity: Entity) -> bool:
    """Say whether any facet of an entity is seen; deleted ones are there for those alone who see everything."""
    kind = pack.kinds[entity.kind]
    found = facets_of(kind, entity) if entity.live else ()
    return scope.everything or any(sees(scope, facet_keys(kind, facet, entity)) for facet in found)


def _member(entities: Mapping[str, Entity], viewer: Principal) -> Entity | None:
    members = (each for each in entities.values() if each.kind == "member" and each.live)
    return next((each for each in members if viewer.known and each.get("user") == viewer.id), None)


def _groups(pack: CompiledPack, entities: Mapping[str, Entity], user: str) -> set[str]:
    paths = {(kind.group.kind, kind.group.field) for kind in pack.kinds.values() if kind.group}
    owned = [each for each in entities.values() if each.live and each.owner == user]
    return {group_key(str(each.get(field))) for each in owned for kind, field in paths if each.kind == kind}
