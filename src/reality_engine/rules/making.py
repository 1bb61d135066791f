"""The effects that make, end and hand over entities: create, ensure, delete, restore, own; not writes to fields."""

from reality_engine.packs.effects import Create, Delete, Ensure, Own, Restore
from reality_engine.rules import store
from reality_engine.rules.bindings import Bound
from reality_engine.rules.decision import RefusalError
from reality_engine.rules.running import Running
from reality_engine.state.entity import LIFE, OWNER, Life


def run_create(effect: Create, running: Running) -> None:
    """Make an entity and bind its name."""
    values = {name: running.operand(operand, f"{effect.kind}.{name}") for name, operand in effect.fields.items()}
    owner = running.operand(effect.owner, f"the owner of {effect.kind}") if effect.owner is not None else None
    kind = running.deciding.pack.kinds[effect.kind]
    entity = store.create(running.deciding, kind, str(owner) if owner else None, values)
    if effect.name:
        running.bindings.variables[effect.name] = Bound(entity.id)


def run_ensure(effect: Ensure, running: Running) -> None:
    """Find an entity by its unique field, or make it; bind its name either way."""
    wanted = effect.create
    kind = running.deciding.pack.kinds[wanted.kind]
    place = f"{kind.name}.{effect.by}"
    key = store.fitted(running.operand(wanted.fields[effect.by], place), kind.fields[effect.by], kind)
    if key is None:
        raise RefusalError("no_value", f"{place} is what the {kind.name} is found by, but it has no value")
    found = running.bindings.find(kind.name, effect.by, key)
    if found is None:
        run_create(wanted, running)
    elif wanted.name:
        running.bindings.variables[wanted.name] = Bound(found)


def run_delete(effect: Delete, running: Running) -> None:
    """Mark an entity as deleted."""
    running.deciding.working.set(running.entity(effect.entity), LIFE, str(Life.DELETED))


def run_restore(effect: Restore, running: Running) -> None:
    """Undo a deletion, unless another entity has its unique values by now."""
    entity = running.entity(effect.entity, live=False)
    kind = running.deciding.pack.kinds[entity.kind]
    for field in kind.fields.values():
        value = entity.get(field.name)
        if field.unique and value is not None:
            store.check_unique(running.deciding, entity.id, kind, field, value)
    running.deciding.working.set(entity, LIFE, str(Life.LIVE))


def run_own(effect: Own, running: Running) -> None:
    """Give an entity to another owner, or to nobody."""
    entity = running.entity(effect.entity)
    owner = running.operand(effect.owner, "the new owner")
    if owner:
        store.check_owner(running.deciding, str(owner))
    running.deciding.working.set(entity, OWNER, owner or None)
