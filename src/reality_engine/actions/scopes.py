"""What a principal may see in a world as it is known while deciding; the same as `visibility.resolver` reads."""

from reality_engine.actions.known import Known
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal
from reality_engine.state.audience import group_key
from reality_engine.visibility.audience import Scope
from reality_engine.visibility.resolver import NO_WORLD, scope_of_member, scope_of_stranger
from reality_engine.visibility.viewer import Viewer


def viewer_in(known: Known, principal: Principal, *, vouched: bool = False) -> Viewer:
    """Return how a principal sees a world; raises NotFoundError where they see nothing of it, and LackError.

    Who is vouched for may know that it is there, and sees nothing of it either.
    """
    user = principal.id if principal.known else ""
    scope = known.scopes.get(user)
    if scope is None:
        try:
            scope = known.scopes[user] = _scope(known, principal)
        except NotFoundError:
            if not (vouched and is_there(known)):
                raise
            scope = Scope(frozenset(), user=user)
    return Viewer(known.world, known.pack, scope, principal)


def is_there(known: Known) -> bool:
    """Say whether a world was not deleted."""
    settings = known.entity(WORLD_ENTITY)
    return settings is not None and settings.live


def _scope(known: Known, principal: Principal) -> Scope:
    if not is_there(known):
        raise NotFoundError(NO_WORLD)
    key = known.find("member", "user", principal.id) if principal.known else None
    member = None if key is None else known.entity(key)
    if member is None:
        return scope_of_stranger(known.entity(WORLD_ENTITY), principal)
    return scope_of_member(known.pack, member, principal, _groups(known, principal.id))


def _groups(known: Known, user: str) -> set[str]:
    groups: set[str] = set()
    places = {(kind.group.kind, kind.group.field) for kind in known.pack.kinds.values() if kind.group}
    for key in known.belongings(user) if places else ():
        entity = known.entity(key)
        if entity is not None and entity.live:
            held = [entity.get(field) for kind, field in places if kind == entity.kind]
            groups.update(group_key(target) for target in held if isinstance(target, str))
    return groups
