"""How changes fold into entities: the one definition of what an event does to state; pure."""

from collections.abc import Iterable, Mapping

from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import same
from reality_engine.state.entity import LIFE, Change, Entity, Life


def fold(state: Mapping[str, Entity], changes: Iterable[Change]) -> dict[str, Entity]:
    """Return the entities that one event's changes touch, as they are after it, each one revision further.

    Raises IntegrityError where a change does not start from what is there: then log and state are not of one piece.
    """
    touched: dict[str, Entity] = {}
    for change in changes:
        entity = touched.get(change.entity) or state.get(change.entity)
        touched[change.entity] = apply(entity, change)
    return {key: entity.revised() for key, entity in touched.items()}


def apply(entity: Entity | None, change: Change) -> Entity:
    """Return the entity after one change; a first change of `@life` brings it into being."""
    if entity is None:
        if change.field != LIFE or change.before is not None:
            raise IntegrityError(f"entity {change.entity} changes before it exists", field=change.field)
        return Entity(change.entity, change.kind, life=Life(str(change.after)))
    if not same(entity.get(change.field), change.before):
        raise IntegrityError(
            f"entity {change.entity} does not hold what its event says was there before", field=change.field
        )
    return entity.changed(change.field, change.after)
