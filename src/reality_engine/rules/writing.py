"""The effects that write one field of one entity: set, add, remove, draw, shuffle; not those that make or end one."""

from typing import Final

from reality_engine.kernel.chance import shuffled
from reality_engine.kernel.json import Plain, same
from reality_engine.packs.compiled import Field
from reality_engine.packs.effects import Add, Draw, Remove, Set, Shuffle
from reality_engine.rules import store
from reality_engine.rules.decision import RefusalError
from reality_engine.rules.running import Running
from reality_engine.state.entity import Entity

# As `int | float` it would be made anew at each look.
_NUMBERS: Final = (int, float)
_NUMERIC: Final = frozenset({"integer", "number", "meter"})


def run_set(effect: Set, running: Running) -> None:
    """Give a field a value."""
    entity, field = running.slot(effect.slot)
    _put(running, entity, field, running.operand(effect.value, effect.slot.spelled))


def run_add(effect: Add, running: Running) -> None:
    """Add to a number, list, set or map."""
    entity, field = running.slot(effect.slot)
    value = running.operand(effect.value, effect.slot.spelled)
    _put(running, entity, field, _sum(entity.get(field.name), value, field.value.base))


def run_remove(effect: Remove, running: Running) -> None:
    """Take an element or a key out, where it is there."""
    entity, field = running.slot(effect.slot)
    value = running.operand(effect.value, effect.slot.spelled)
    held = entity.get(field.name)
    if isinstance(held, dict):
        _put(running, entity, field, {key: item for key, item in held.items() if key != value})
    elif isinstance(held, list):
        found = next((index for index, item in enumerate(held) if same(item, value)), len(held))
        _put(running, entity, field, held[:found] + held[found + 1 :])


def run_draw(effect: Draw, running: Running) -> None:
    """Take a random element out of a list and bind it."""
    entity, field = running.slot(effect.slot)
    held = entity.get(field.name)
    if not isinstance(held, list) or not held:
        raise RefusalError("empty_list", f"there is nothing left to draw from {effect.slot.spelled}")
    index = running.deciding.chance.below(len(held))
    _put(running, entity, field, held[:index] + held[index + 1 :])
    running.bindings.variables[effect.name] = running.item(held[index], field.type.of)


def run_shuffle(effect: Shuffle, running: Running) -> None:
    """Put a list into random order."""
    entity, field = running.slot(effect.slot)
    held = entity.get(field.name)
    if isinstance(held, list):
        running.deciding.spend(len(held))
        _put(running, entity, field, shuffled(held, running.deciding.chance))


def _sum(held: Plain, value: Plain, base: str) -> Plain:
    """Add a value to what a field of this type holds; the compiler has seen to it that the two go together."""
    if base in _NUMERIC:
        return _number(held) + _number(value)
    if base == "map":
        return {**(held if isinstance(held, dict) else {}), **(value if isinstance(value, dict) else {})}
    return [*(held if isinstance(held, list) else []), value]


def _number(value: Plain) -> float:
    return value if isinstance(value, _NUMBERS) else 0


def _put(running: Running, entity: Entity, field: Field, value: Plain) -> None:
    store.store(running.deciding, entity, field, value)
    if field.value.base == "meter":
        _tell_meter(running, entity, field)


def _tell_meter(running: Running, earlier: Entity, field: Field) -> None:
    now = running.deciding.working.now.get(earlier.id) or earlier
    before, after = _number(earlier.get(field.name)), _number(now.get(field.name))
    if before < after == field.value.maximum:
        said = "meter.filled"
    elif after == 0 < before:
        said = "meter.emptied"
    else:
        return
    data: dict[str, Plain] = {"entity": now.id, "kind": now.kind, "field": field.name}
    event = running.tell(said, frozenset(), now.id, data)
    running.deciding.untold.append((event, now.id, field.facet))
