"""Compiles set, add and remove; not the effects that make or end entities."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from reality_engine.packs.compiled import FieldType
from reality_engine.packs.compiler.field_types import ANY
from reality_engine.packs.compiler.operands import may_lack, operand
from reality_engine.packs.compiler.slots import compile_slot
from reality_engine.packs.effects import Add, Operand, Remove, Set, Slot

if TYPE_CHECKING:
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.definitions.effects import AddDefinition, RemoveDefinition, SetDefinition
    from reality_engine.packs.source import Spot

_COUNTED: Final = {"integer": "integer", "meter": "integer", "number": "number"}


def compile_set(definition: "SetDefinition", spot: "Spot", block: "Block") -> Iterable[Set]:
    """Compile one Set for each field."""
    for slot, value, at, given in _slots(definition.set, spot / "set", block):
        field = block.ground.kinds[slot.kind].definition.fields[slot.field]
        if field.required and (given is None or may_lack(given)):
            message = f"'{slot.field}' of {slot.kind} is required, so it cannot be taken away"
            block.ground.problems.add(at.place, "required", message)
        yield Set(slot, operand(block.scope, at, given, value))


def compile_add(definition: "AddDefinition", spot: "Spot", block: "Block") -> Iterable[Add]:
    """Compile one Add for each field."""
    for slot, value, at, given in _slots(definition.add, spot / "add", block):
        compiled = _changed(_added(value), "add to", value, at, given, block)
        if compiled is not None:
            yield Add(slot, compiled)


def compile_remove(definition: "RemoveDefinition", spot: "Spot", block: "Block") -> Iterable[Remove]:
    """Compile one Remove for each field."""
    for slot, value, at, given in _slots(definition.remove, spot / "remove", block):
        compiled = _changed(_removed(value), "remove from", value, at, given, block)
        if compiled is not None:
            yield Remove(slot, compiled)


def _slots(given: Mapping[str, Any], spot: "Spot", block: "Block") -> "Iterable[tuple[Slot, FieldType, Spot, Any]]":
    for source, value in given.items():
        at = spot / source
        found = compile_slot(block, source, at.within_key)
        if found:
            yield *found, at, value


def _changed(
    wanted: FieldType | None, what: str, value: FieldType, at: "Spot", given: Any, block: "Block"
) -> Operand | None:
    if value is ANY:
        return operand(block.scope, at, given, ANY)
    if wanted is None:
        block.ground.problems.add(at.key, "bad_type", f"one cannot {what} {value.base}", "use set")
        return None
    if given is None or may_lack(given):
        block.ground.problems.add(at.place, "bad_value", f"there is nothing to {what} it")
        return None
    return operand(block.scope, at, given, wanted)


def _added(value: FieldType) -> FieldType | None:
    if value.base in _COUNTED:
        return FieldType(_COUNTED[value.base])
    if value.base in ("list", "set"):
        return value.of
    return value if value.base == "map" else None


def _removed(value: FieldType) -> FieldType | None:
    if value.base in ("list", "set"):
        return value.of
    return FieldType("text") if value.base == "map" else None
