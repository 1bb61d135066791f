"""Compiles create and ensure, and who owns what they make; not how entities change later."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reality_engine.expressions.types import TEXT, entity_of
from reality_engine.packs.compiler.operands import is_expression, may_lack, operand
from reality_engine.packs.compiler.slots import may_write, written_field
from reality_engine.packs.effects import Create, Ensure, Literal, Operand
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.compiler.ground import KindShape
    from reality_engine.packs.definitions.effects import CreateDefinition, EnsureDefinition, NewEntity
    from reality_engine.packs.source import Spot


def compile_create(definition: "CreateDefinition", spot: "Spot", block: "Block") -> Iterable[Create]:
    """Compile the making of an entity, and bind its name."""
    created = _create(definition.create, spot / "create", block)
    return [created] if created else []


def compile_ensure(definition: "EnsureDefinition", spot: "Spot", block: "Block") -> Iterable[Ensure]:
    """Compile the finding or making of an entity, and bind its name."""
    found, at = definition.ensure, spot / "ensure"
    created = _create(found, at, block, found.by)
    if created is None:
        return []
    shape, problems = block.ground.kinds[found.kind], block.ground.problems
    unique = [name for name, field in shape.definition.fields.items() if field.unique]
    if found.by not in unique:
        message = f"{found.kind} has no unique field '{found.by}'"
        problems.add((at / "by").place, "unknown_field", message, nearest(found.by, unique))
    elif found.fields.get(found.by) is None:
        message = f"'fields' must say what '{found.by}' is, since the {found.kind} is found by it"
        problems.add((at / "by").place, "missing_key", message)
    return [Ensure(created, found.by)]


def compile_owner(owner: str, spot: "Spot", block: "Block") -> Operand:
    """Compile `me`, `nobody` (an empty text) or CEL that gives a user's id."""
    if owner == "nobody":
        return Literal("")
    if owner == "me":
        return block.scope.expression(spot, "me.id", TEXT)
    if is_expression(owner):
        return block.scope.expression(spot, owner[1:], TEXT, skip=1)
    hint = nearest(owner, ("me", "nobody")) or f'for a value write "={owner}"'
    block.ground.problems.add(spot.place, "bad_owner", f"'{owner}' is not an owner", hint)
    return Literal("")


def _create(new: "NewEntity", at: "Spot", block: "Block", found_by: str | None = None) -> Create | None:
    shape = block.ground.kinds.get(new.kind)
    problems = block.ground.problems
    if shape is None:
        hint = nearest(new.kind, [each.name for each in block.ground.kinds.values() if not each.core or block.core])
        problems.add((at / "kind").place, "unknown_kind", f"there is no kind '{new.kind}'", hint)
    if shape is None or not may_write(block, new.kind, (at / "kind").place):
        block.scope.doubt(*([new.name] if new.name else []))
        return None
    owner = _owner(new, shape, at, block)
    fields = _fields(new, at / "fields", block)
    _check_required(new, shape, at, block, found_by)
    if new.name is not None:
        block.scope.bind(new.name, entity_of(new.kind), (at / "name").place)
    return Create(new.kind, new.name, owner, fields)


def _owner(new: "NewEntity", shape: "KindShape", at: "Spot", block: "Block") -> Operand | None:
    if shape.definition.owned:
        return None if new.owner == "nobody" else compile_owner(new.owner or "me", at / "owner", block)
    if new.owner not in (None, "nobody"):
        message = f"a {new.kind} cannot have an owner"
        block.ground.problems.add((at / "owner").place, "not_owned", message, f"give {new.kind} owned: true")
    return None


def _fields(new: "NewEntity", spot: "Spot", block: "Block") -> dict[str, Operand]:
    compiled: dict[str, Operand] = {}
    for name, value in new.fields.items():
        wanted = written_field(block, new.kind, name, (spot / name).key)
        if wanted is not None:
            compiled[name] = operand(block.scope, spot / name, value, wanted)
    return compiled


def _check_required(new: "NewEntity", shape: "KindShape", at: "Spot", block: "Block", found_by: str | None) -> None:
    for name, field in shape.definition.fields.items():
        has_value = field.default is not None or shape.values[name].base == "meter" or name == found_by
        given = new.fields.get(name)
        if field.required and not has_value and (given is None or may_lack(given)):
            place = (at / "fields" / name).place if name in new.fields else at.key
            message = f"'{name}' of {new.kind} is required, but is given no value"
            block.ground.problems.add(place, "required", message)
