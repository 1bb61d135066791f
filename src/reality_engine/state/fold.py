"""How changes fold into entities: the one definition of what an event does to state; pure."""

from collections.abc import Iterable, Mapping, Sequence

from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import Plain, same
from reality_engine.state.entity import ATTRIBUTES, LIFE, Change, Entity, Life


def fold(state: Mapping[str, Entity], changes: Iterable[Change]) -> dict[str, Entity]:
    """Return the entities that one event's changes touch, as they are after it.

    Raises IntegrityError where a change does not start from what is there: then log and state are not of one piece.
    """
    by_entity: dict[str, list[Change]] = {}
    for change in changes:
        by_entity.setdefault(change.entity, []).append(change)
    return {key: _after(state.get(key), one) for key, one in by_entity.items()}


def _after(entity: Entity | None, changes: Sequence[Change]) -> Entity:
    """Return an entity after the changes of one event; those of fields, which most are, are made in one copy."""
    fields: dict[str, Plain] | None = None
    for change in changes:
        if entity is None or change.field in ATTRIBUTES:
            entity = apply(entity if entity is None or fields is None else entity.with_fields(fields), change)
            fields = None
            continue
        if fields is None:
            fields = dict(entity.fields)
        _check(fields.get(change.field), change)
        if change.after is None:
            fields.pop(change.field, None)
        else:
            fields[change.field] = change.after
    if entity is None:
        raise IntegrityError("an event changes an entity, and nothing of it")
    return entity if fields is None else entity.with_fields(fields)


def apply(entity: Entity | None, change: Change) -> Entity:
    """Return the entity after one change; a first change of `@life` brings it into being."""
    if entity is None:
        if change.field != LIFE or change.before is not None:
            raise IntegrityError(f"entity {change.entity} changes before it exists", field=change.field)
        return Entity(change.entity, change.kind, life=Life(str(change.after)))
    _check(entity.get(change.field), change)
    return entity.changed(change.field, change.after)


def _check(held: Plain, change: Change) -> None:
    if held is not change.before and not same(held, change.before):
        raise differing(change.entity, change.field)


def differing(entity: str, field: str) -> IntegrityError:
    """Return the error that a field does not hold what a change starts from."""
    return IntegrityError(f"entity {entity} does not hold what its event says was there before", field=field)
