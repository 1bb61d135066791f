"""Checks what reactions answer, and works out what is known of an event from those that emit it; compiles nothing."""

from typing import TYPE_CHECKING, Any, Final

from reality_engine.packs.compiler.emits import METER_EVENTS
from reality_engine.packs.compiler.field_types import ANY
from reality_engine.packs.definitions.effects import EmitDefinition, ForEachDefinition, IfDefinition
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reality_engine.expressions.types import Type
    from reality_engine.packs.compiler.ground import Ground
    from reality_engine.packs.definitions.reactions import TriggerDefinition
    from reality_engine.packs.source import Spot

# Where effects stand. With some of them in doubt, nobody can say what is not emitted.
_EMITTING: Final = ("actions", "reactions", "seeds")


def check_trigger(trigger: "TriggerDefinition", spot: "Spot", ground: "Ground") -> None:
    """Tell what is wrong with what a reaction answers."""
    if (trigger.event is None) == (trigger.action is None):
        ground.problems.add(spot.place, "bad_trigger", "a reaction answers either an event or an action")
    elif trigger.action is not None:
        _check_action(trigger.action, spot / "action", ground)
    elif trigger.event in METER_EVENTS:
        _check_meter(trigger, spot, ground)
    else:
        _check_event(str(trigger.event), spot / "event", ground)
    if trigger.event not in METER_EVENTS:
        for name in ("kind", "field"):
            if getattr(trigger, name) is not None:
                ground.problems.add(
                    (spot / name).key, "bad_trigger", f"'{name}' is for {' and '.join(METER_EVENTS)} only"
                )


def emitted_types(effects: "Iterable[Any]") -> set[str]:
    """Return the types of event that effects emit, those inside of others included."""
    return {each.emit.type for each in _every(effects) if isinstance(each, EmitDefinition)}


def emitted_kind(event: str, ground: "Ground") -> "tuple[dict[str, Type], str | None]":
    """Return the data that an event always carries, and the kind of what it is about, where that is always one."""
    emissions = [each for each in ground.emissions if each.type == event]
    if not emissions:
        return {}, None
    first = emissions[0]
    data = {name: kind for name, kind in first.data.items() if all(each.data.get(name) == kind for each in emissions)}
    return data, first.kind if all(each.kind == first.kind for each in emissions) else None


def _every(effects: "Iterable[Any]") -> "Iterator[Any]":
    for each in effects:
        yield each
        if isinstance(each, IfDefinition):
            yield from _every((*each.then, *each.otherwise))
        elif isinstance(each, ForEachDefinition):
            yield from _every(each.for_each.do)


def _check_action(name: str, at: "Spot", ground: "Ground") -> None:
    if name not in ground.actions:
        hint = nearest(name, ground.actions)
        ground.problems.add(at.place, "unknown_action", f"there is no action '{name}'", hint)
    elif name == "world.undo":
        ground.problems.add(at.place, "bad_trigger", "no reaction answers an undo, which only takes back what was done")


def _check_event(name: str, at: "Spot", ground: "Ground") -> None:
    if name in ground.emitted or any(steps[0] in _EMITTING for steps in at.source.doubtful if steps):
        return
    hint = nearest(name, (*ground.emitted, *METER_EVENTS))
    if name in ground.actions:
        hint = f"to answer the action write: to: {{action: {name}}}"
    ground.problems.add(at.place, "unknown_event", f"nothing emits '{name}'", hint)


def _check_meter(trigger: "TriggerDefinition", spot: "Spot", ground: "Ground") -> None:
    if trigger.kind is None or trigger.field is None:
        ground.problems.add(spot.place, "bad_trigger", f"{trigger.event} needs 'kind' and 'field'")
        return
    shape = ground.kinds.get(trigger.kind)
    if shape is None:
        hint = nearest(trigger.kind, ground.kinds)
        ground.problems.add((spot / "kind").place, "unknown_kind", f"there is no kind '{trigger.kind}'", hint)
        return
    meters = [name for name, value in shape.values.items() if value.base == "meter"]
    if trigger.field not in shape.values:
        message = f"{trigger.kind} has no field '{trigger.field}'"
        ground.problems.add((spot / "field").place, "unknown_field", message, nearest(trigger.field, meters))
    elif trigger.field not in meters and shape.values[trigger.field] is not ANY:
        message = f"'{trigger.field}' of {trigger.kind} is {shape.values[trigger.field].base}, not a meter"
        ground.problems.add((spot / "field").place, "bad_trigger", message)
