"""Carries out effects on the working state, one function for each kind of effect; not when or whether they happen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reality_engine.expressions.bindings import Path
from reality_engine.expressions.types import Base, Type
from reality_engine.kernel.chance import shuffled
from reality_engine.kernel.json import Plain
from reality_engine.packs import compiled
from reality_engine.packs.compiled import Effect, Field, Slot
from reality_engine.rules import store
from reality_engine.rules.bindings import Bound, RuleBindings, Variable
from reality_engine.rules.context import Deciding
from reality_engine.rules.decision import DraftEvent, LackError, Question, RefusalError
from reality_engine.state.audience import facet_keys
from reality_engine.state.entity import LIFE, OWNER, Entity, Life


@dataclass
class Running:
    """Effects under way: of which event, seen with which variables."""

    deciding: Deciding
    bindings: RuleBindings
    event: int


def run(effects: Sequence[Effect], running: Running) -> None:
    """Carry out effects in order."""
    for effect in effects:
        _RUN[type(effect)](effect, running)


def _set(effect: compiled.Set, running: Running) -> None:
    entity, field = _slot(effect.slot, running)
    _put(running, entity, field, running.deciding.operand(effect.value, running.bindings, _name(effect.slot)))


def _add(effect: compiled.Add, running: Running) -> None:
    entity, field = _slot(effect.slot, running)
    value = running.deciding.operand(effect.value, running.bindings, _name(effect.slot))
    _put(running, entity, field, _sum(entity.get(field.name), value, field))


def _sum(held: Plain, value: Plain, field: Field) -> Plain:
    match field.value.base:
        case "list" | "set":
            return [*(held if isinstance(held, list) else []), value]
        case "map":
            return {**(held if isinstance(held, dict) else {}), **(value if isinstance(value, dict) else {})}
        case _:
            return (held or 0) + (value or 0)  # type: ignore[operator]


def _remove(effect: compiled.Remove, running: Running) -> None:
    entity, field = _slot(effect.slot, running)
    value = running.deciding.operand(effect.value, running.bindings, _name(effect.slot))
    held = entity.get(field.name)
    if isinstance(held, dict):
        _put(running, entity, field, {key: item for key, item in held.items() if key != value})
    elif isinstance(held, list) and value in held:
        index = held.index(value)
        _put(running, entity, field, held[:index] + held[index + 1 :])


def _put(running: Running, entity: Entity, field: Field, value: Plain) -> None:
    store.store(running.deciding, entity, field, value)
    if field.value.base == "meter":
        now = running.deciding.working.after.get(entity.id, entity).get(field.name)
        _meter(running, entity, field, int(entity.get(field.name) or 0), int(now or 0))  # type: ignore[arg-type]


def _meter(running: Running, entity: Entity, field: Field, before: int, after: int) -> None:
    kind = running.deciding.pack.kinds[entity.kind]
    told = {"entity": entity.id, "kind": kind.name, "field": field.name}
    keys = facet_keys(kind, field.facet, running.deciding.working.after.get(entity.id, entity))
    if before < after == field.value.maximum:
        _tell(running, "meter.filled", keys, target=entity.id, data=told)
    elif after == 0 < before:
        _tell(running, "meter.emptied", keys, target=entity.id, data=told)


def _create(effect: compiled.Create, running: Running) -> None:
    values = {
        name: running.deciding.operand(operand, running.bindings, f"{effect.kind}.{name}")
        for name, operand in effect.fields.items()
    }
    _make(effect, values, running)


def _make(effect: compiled.Create, values: Mapping[str, Plain], running: Running) -> None:
    owner = None
    if effect.owner is not None:
        owner = running.deciding.operand(effect.owner, running.bindings, f"the owner of {effect.kind}")
    kind = running.deciding.pack.kinds[effect.kind]
    entity = store.create(running.deciding, kind, str(owner) if owner else None, values)
    if effect.name:
        running.bindings.variables[effect.name] = Bound(entity.id)


def _ensure(effect: compiled.Ensure, running: Running) -> None:
    wanted = effect.create
    kind = running.deciding.pack.kinds[wanted.kind]
    operand = wanted.fields[effect.by]
    key = store.fitted(
        running.deciding.operand(operand, running.bindings, f"{kind.name}.{effect.by}"), kind.fields[effect.by], kind
    )
    found = running.bindings.find(kind.name, effect.by, key)
    if found is None:
        _create(wanted, running)
    elif wanted.name:
        running.bindings.variables[wanted.name] = Bound(found)


def _delete(effect: compiled.Delete, running: Running) -> None:
    entity = _entity(effect.entity, running)
    running.deciding.working.set(entity, LIFE, str(Life.DELETED))


def _restore(effect: compiled.Restore, running: Running) -> None:
    entity = _entity(effect.entity, running, live=False)
    kind = running.deciding.pack.kinds[entity.kind]
    for field in kind.fields.values():
        value = entity.get(field.name)
        if field.unique and value is not None:
            store.check_unique(running.deciding, entity.id, kind, field, value)
    running.deciding.working.set(entity, LIFE, str(Life.LIVE))


def _own(effect: compiled.Own, running: Running) -> None:
    entity = _entity(effect.entity, running)
    owner = running.deciding.operand(effect.owner, running.bindings, "the new owner")
    if owner:
        store.check_owner(running.deciding, str(owner))
    running.deciding.working.set(entity, OWNER, owner or None)


def _emit(effect: compiled.Emit, running: Running) -> None:
    deciding = running.deciding
    data = {
        name: deciding.operand(value, running.bindings, f"{effect.type}.{name}") for name, value in effect.data.items()
    }
    about = _entity(effect.entity, running).id if effect.entity else None
    index = _tell(running, effect.type, deciding.audience(effect.audience, running.bindings), target=about, data=data)
    deciding.amend(index, narrative=deciding.narrative(effect.narrative, running.bindings))


def _tell(
    running: Running, event_type: str, keys: frozenset[str], target: str | None, data: Mapping[str, Plain]
) -> int:
    deciding = running.deciding
    parent = deciding.events[running.event]
    draft = DraftEvent(
        deciding.fresh_id(), event_type, parent.depth + 1, keys, cause=running.event, acting=parent.acting,
        target=target, data=data,
    )  # fmt: skip
    index = deciding.open_event(draft)
    deciding.pending.append(index)
    deciding.scopes[index] = running.bindings
    return index


def _roll(effect: compiled.Roll, running: Running) -> None:
    faces = effect.dice.roll(running.deciding.chance)
    total = sum(faces) + effect.dice.plus
    event = running.deciding.events[running.event]
    shown: Plain = {"faces": list(faces), "plus": effect.dice.plus, "total": total}
    running.deciding.amend(running.event, rolls={**event.rolls, effect.name: shown})
    rolls = running.bindings.variables.get("rolls")
    running.bindings.variables["rolls"] = {**(rolls if isinstance(rolls, dict) else {}), effect.name: total}


def _draw(effect: compiled.Draw, running: Running) -> None:
    entity, field = _slot(effect.slot, running)
    held = entity.get(field.name)
    if not isinstance(held, list) or not held:
        raise RefusalError("empty_list", f"there is nothing left to draw from {_name(effect.slot)}")
    index = running.deciding.chance.below(len(held))
    _put(running, entity, field, held[:index] + held[index + 1 :])
    running.bindings.variables[effect.name] = _item(held[index], field.type.of)


def _shuffle(effect: compiled.Shuffle, running: Running) -> None:
    entity, field = _slot(effect.slot, running)
    held = entity.get(field.name)
    if isinstance(held, list):
        _put(running, entity, field, shuffled(held, running.deciding.chance))


def _if(effect: compiled.If, running: Running) -> None:
    holds = running.deciding.holds(effect.condition, running.bindings)
    run(effect.then if holds else effect.otherwise, running)


def _for_each(effect: compiled.ForEach, running: Running) -> None:
    items = running.deciding.operand(effect.source, running.bindings, f"the list of {effect.item}")
    lacking: list[Question] = []
    for item in items if isinstance(items, list) else []:
        inner = running.bindings.within(**{effect.item: _item(item, effect.source.type.of)})
        try:
            run(effect.effects, Running(running.deciding, inner, running.event))
        except LackError as lack:
            # Go on, to ask for what all the items lack at once; this decision is thrown away in any case.
            lacking.extend(lack.questions)
        except RefusalError:
            if not lacking:
                raise
        running.bindings.variables["rolls"] = inner.variables.get("rolls")
    if lacking:
        raise LackError(*lacking)


def _item(value: Plain, kind: Type | None) -> Variable:
    if kind is not None and kind.kind is not None:
        key = value.get("id") if isinstance(value, dict) else value
        return Bound(str(key))
    if kind is not None and kind.base is Base.REF:
        return Bound(str(value))
    return value


def _slot(slot: Slot, running: Running) -> tuple[Entity, Field]:
    entity = _entity(slot.entity, running)
    return entity, running.deciding.pack.kinds[slot.kind].fields[slot.field]


def _entity(path: Path, running: Running, *, live: bool = True) -> Entity:
    key = running.bindings.entity(path)
    found = running.deciding.working.entity(key) if key else None
    if found is None or found.live is not live:
        wanted = "there" if live else "a deleted entity"
        raise RefusalError("no_value", f"'{'.'.join(path)}' is not {wanted}, so nothing can be done with it")
    return found


def _name(slot: Slot) -> str:
    return ".".join((*slot.entity, slot.field))


_RUN: Final[Mapping[type, Callable[[Any, Running], None]]] = {
    compiled.Set: _set,
    compiled.Add: _add,
    compiled.Remove: _remove,
    compiled.Create: _create,
    compiled.Ensure: _ensure,
    compiled.Delete: _delete,
    compiled.Restore: _restore,
    compiled.Own: _own,
    compiled.Emit: _emit,
    compiled.Roll: _roll,
    compiled.Draw: _draw,
    compiled.Shuffle: _shuffle,
    compiled.If: _if,
    compiled.ForEach: _for_each,
}
