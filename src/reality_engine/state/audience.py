"""Resolves audiences to keys: who may see a facet of an entity, given what it holds; not a check of any viewer."""

from reality_engine.expressions.expression import Expression
from reality_engine.packs.audience import Audience, Seer, Term
from reality_engine.packs.compiled import Kind
from reality_engine.packs.left_over import LEFT_OVER
from reality_engine.state.audience_notes import moved, owner_of
from reality_engine.state.entity import LIFE, OWNER, Entity
from reality_engine.state.own_fields import OwnFields


def user_key(user: str) -> str:
    """Return the key that this user alone holds."""
    return f"user:{user}"


def group_key(entity: str) -> str:
    """Return the key that the members of this entity's group hold."""
    return f"group:{entity}"


def facet_of(kind: Kind, field: str) -> int:
    """Return the index of the facet that shows a field; life belongs to the kind's own, the owner where it says."""
    if field == OWNER:
        return kind.owner_facet
    return 0 if field == LIFE else kind.fields[field].facet


def facets_of(kind: Kind, entity: Entity) -> tuple[int, ...]:
    """Return the facets that an entity has: the kind's own always, others while they hold a value or show an owner.

    In the middle of an upgrade it may hold what its kind has no place for.
    """
    known = kind.fields
    held = {known[name].facet if name in known else LEFT_OVER for name in entity.fields}
    if entity.owner:
        held.add(kind.owner_facet)
    return tuple(sorted({0, *held}))


def facet_keys(kind: Kind, facet: int, entity: Entity) -> frozenset[str]:
    """Return the audience keys of one facet of an entity; empty means `sees: everything` roles alone.

    Each condition is evaluated once, whichever terms it is for.
    """
    shown = kind.facets[facet]
    if shown.keys is not None:
        return shown.keys
    if len(shown.audience) == 1 and shown.audience[0].when is None and not shown.moved:
        # Most that is not for all alike is for the owner, or for one group.
        only = _key(shown.audience[0], entity)
        return frozenset((only,) if only else ())
    held: dict[str, bool] = {}
    holding = [seer for seer in shown.audience if seer.when is None or _holds(seer.when, entity, held)]
    keys = frozenset([key for seer in holding if (key := _key(seer, entity))])
    return moved(entity, shown.fields[0], keys) if shown.moved and entity.audience else keys


def roles_of(audience: Audience) -> frozenset[str]:
    """Return the names of the roles that an audience speaks of."""
    return frozenset(seer.role for seer in audience if seer.role)


def _holds(condition: Expression, entity: Entity, held: dict[str, bool]) -> bool:
    if condition.source not in held:
        held[condition.source] = condition.holds(OwnFields(entity))
    return held[condition.source]


def _key(seer: Seer, entity: Entity) -> str | None:
    if seer.term is Term.OWNER:
        return user_key(entity.owner) if entity.owner else None
    if seer.term is Term.GROUP:
        return group_key(entity.id)
    if seer.term is Term.OWNER_OF:
        owner = owner_of(entity, seer.path[-1])
        return user_key(owner) if owner else None
    if seer.term is Term.GROUP_OF:
        held = entity.get(seer.path[-1])
        return group_key(held) if isinstance(held, str) else None
    return seer.key
