"""Resolves audiences to keys: who may see a facet of an entity, given what it holds; not a check of any viewer."""

from typing import Final

from reality_engine.packs.audience import Audience, Seer, Term
from reality_engine.packs.compiled import Kind
from reality_engine.state.entity import LIFE, OWNER, Entity
from reality_engine.state.own_fields import OwnFields

EVERYONE: Final = "everyone"
MEMBERS: Final = "members"


def role_key(role: str) -> str:
    """Return the key that members with this role hold."""
    return f"role:{role}"


def user_key(user: str) -> str:
    """Return the key that this user alone holds."""
    return f"user:{user}"


def group_key(entity: str) -> str:
    """Return the key that the members of this entity's group hold."""
    return f"group:{entity}"


def facet_of(kind: Kind, field: str) -> int:
    """Return the index of the facet that shows a field; life and owner belong to the kind's own."""
    return 0 if field in (LIFE, OWNER) else kind.fields[field].facet


def facet_keys(kind: Kind, facet: int, entity: Entity) -> frozenset[str]:
    """Return the audience keys of one facet of an entity; empty means `sees: everything` roles alone.

    Each condition is evaluated once, whichever terms it is for.
    """
    held: dict[str, bool] = {}
    return frozenset(
        key for seer in kind.facets[facet].audience if _holds(seer, entity, held) and (key := _key(seer, entity))
    )


def fixed_key(seer: Seer) -> str | None:
    """Return the key of a term that depends on nothing, or None."""
    if seer.term is Term.ROLE:
        return role_key(str(seer.role))
    return {Term.EVERYONE: EVERYONE, Term.MEMBERS: MEMBERS}.get(seer.term)


def roles_of(audience: Audience) -> frozenset[str]:
    """Return the names of the roles that an audience speaks of."""
    return frozenset(seer.role for seer in audience if seer.role)


def _holds(seer: Seer, entity: Entity, held: dict[str, bool]) -> bool:
    if seer.when is None:
        return True
    source = seer.when.source
    if source not in held:
        held[source] = seer.when.holds(OwnFields(entity))
    return held[source]


def _key(seer: Seer, entity: Entity) -> str | None:
    if seer.term is Term.OWNER:
        return user_key(entity.owner) if entity.owner else None
    if seer.term is Term.GROUP:
        return group_key(entity.id)
    if seer.term is Term.GROUP_OF:
        held = entity.get(seer.path[-1])
        return group_key(held) if isinstance(held, str) else None
    return fixed_key(seer)
