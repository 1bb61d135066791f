"""Compiles the places that effects write to, `path.field`; not the values written there."""

from typing import TYPE_CHECKING

from reality_engine.packs.compiled import FieldType
from reality_engine.packs.effects import Slot
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from reality_engine.expressions.bindings import Path
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.place import Place


def compile_slot(block: "Block", source: str, at: "Callable[[int], Place]") -> tuple[Slot, FieldType] | None:
    """Compile `path.field`, a field that may be written; `at` gives the place of a character in it."""
    return _slot(block, source, at, written_field)


def compile_moved_slot(block: "Block", source: str, at: "Callable[[int], Place]") -> Slot | None:
    """Compile `path.field`, a field whose audience the rule may move, and note that the field has one of its own."""
    found = _slot(block, source, at, _moved_field)
    if found is None:
        return None
    block.ground.moved.add((found[0].kind, found[0].field))
    return found[0]


def _slot(
    block: "Block", source: str, at: "Callable[[int], Place]",
    known: "Callable[[Block, str, str, Place], FieldType | None]",
) -> tuple[Slot, FieldType] | None:  # fmt: skip
    entity, dot, name = source.rpartition(".")
    if not dot:
        message = f"'{source}' names no field"
        block.ground.problems.add(at(0), "unknown_field", message, "write it like target.field")
        return None
    found = written_entity(block, entity, at)
    if found is None:
        return None
    path, kind = found
    value = known(block, kind, name, at(len(entity) + 1))
    return (Slot(path, kind, name), value) if value else None


def written_entity(block: "Block", source: str, at: "Callable[[int], Place]") -> "tuple[Path, str] | None":
    """Compile a path to an entity that the rule may change."""
    found = block.scope.entity(source, at)
    if found is None or not may_write(block, found[1], at(0)):
        return None
    return found


def may_write(block: "Block", kind: str, place: "Place") -> bool:
    """Tell if entities of a kind are the core pack's alone to change: rights change by its actions only."""
    if block.ground.kinds[kind].core and not block.core:
        hint = "members and settings change by the actions of the core pack"
        block.ground.problems.add(place, "core_kind", f"a pack cannot change a {kind}", hint)
        return False
    return True


def _moved_field(block: "Block", kind: str, name: str, place: "Place") -> FieldType | None:
    shape, problems = block.ground.kinds[kind], block.ground.problems
    if name in shape.values:
        return shape.values[name]
    if name in ("id", "owner"):
        hint = "say owner_visible_to for the kind" if name == "owner" else None
        problems.add(place, "bad_audience", f"'{name}' of an entity has no audience that could be moved", hint)
    else:
        problems.add(place, "unknown_field", f"{kind} has no field '{name}'", nearest(name, shape.values))
    return None


def written_field(block: "Block", kind: str, name: str, place: "Place") -> FieldType | None:
    """Return the declared type of a field that may be written, or None where its problem was told."""
    shape, problems = block.ground.kinds[kind], block.ground.problems
    if name not in shape.values:
        if name in ("id", "owner"):
            hint = "use the effect own" if name == "owner" else None
            problems.add(place, "not_writable", f"'{name}' of an entity cannot be set", hint)
        else:
            problems.add(place, "unknown_field", f"{kind} has no field '{name}'", nearest(name, shape.values))
        return None
    if shape.definition.fields[name].computed is not None:
        problems.add(place, "not_writable", f"'{name}' of {kind} is computed, so it cannot be set")
        return None
    return shape.values[name]
