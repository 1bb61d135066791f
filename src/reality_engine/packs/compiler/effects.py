"""Compiles lists of effects; each sort of effect in a function, the bigger ones in modules of their own."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from reality_engine.expressions.types import Base, Type, entity_of
from reality_engine.kernel.chance import Dice
from reality_engine.packs.compiled import FieldType
from reality_engine.packs.compiler.emits import compile_emit
from reality_engine.packs.compiler.entities import compile_create, compile_ensure, compile_owner
from reality_engine.packs.compiler.field_types import ANY, static_type
from reality_engine.packs.compiler.moves import compile_conceal, compile_reveal
from reality_engine.packs.compiler.names import check_name
from reality_engine.packs.compiler.operands import is_expression
from reality_engine.packs.compiler.scope import BROKEN
from reality_engine.packs.compiler.slots import compile_slot, written_entity
from reality_engine.packs.compiler.writes import compile_add, compile_remove, compile_set
from reality_engine.packs.definitions import effects as written
from reality_engine.packs.effects import Delete, Draw, Effect, ForEach, If, Own, Restore, Roll, Shuffle

if TYPE_CHECKING:
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.source import Spot


def compile_effects(definitions: Sequence[Any], spot: "Spot", block: "Block") -> tuple[Effect, ...]:
    """Compile effects in order; each sees the names that those before it have bound."""
    compiled: list[Effect] = []
    for index, definition in enumerate(definitions):
        compiled += _COMPILERS[type(definition)](definition, spot / index, block)
    return tuple(compiled)


def _delete(definition: written.DeleteDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    found = written_entity(block, definition.delete, (spot / "delete").within)
    return [Delete(found[0])] if found else []


def _restore(definition: written.RestoreDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    found = written_entity(block, definition.restore, (spot / "restore").within)
    return [Restore(found[0])] if found else []


def _own(definition: written.OwnDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    at = spot / "own"
    found = written_entity(block, definition.own.entity, (at / "entity").within)
    owner = compile_owner(definition.own.owner, at / "owner", block)
    if found is None:
        return []
    path, kind = found
    if not block.ground.kinds[kind].definition.owned:
        message = f"a {kind} cannot have an owner"
        block.ground.problems.add((at / "entity").place, "not_owned", message, f"give {kind} owned: true")
    return [Own(path, owner)]


def _roll(definition: written.RollDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    at, name = spot / "roll", definition.roll.name
    problems = block.ground.problems
    check_name((at / "name").place, name, "a roll", problems)
    block.roll(name, at / "name")
    try:
        return [Roll(name, Dice.parse(definition.roll.dice))]
    except ValueError as error:
        problems.add((at / "dice").place, "bad_dice", str(error))
        return []


def _draw(definition: written.DrawDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    at = spot / "draw"
    found = compile_slot(block, definition.draw.source, (at / "from").within)
    if found is None or not _is_list(found[1], at / "from", block):
        block.scope.doubt(definition.draw.name)
        return []
    _bind_element(definition.draw.name, static_type(found[1].of or ANY), at / "name", block)
    return [Draw(definition.draw.name, found[0])]


def _shuffle(definition: written.ShuffleDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    found = compile_slot(block, definition.shuffle, (spot / "shuffle").within)
    return [Shuffle(found[0])] if found and _is_list(found[1], spot / "shuffle", block) else []


def _is_list(value: FieldType, spot: "Spot", block: "Block") -> bool:
    if value.base in ("list", "json"):
        return True
    block.ground.problems.add(spot.place, "bad_type", f"this field is {value.base}, not a list")
    return False


def _bind_element(name: str, kind: Type, spot: "Spot", block: "Block") -> None:
    """Bind an element of a list: one that is a ref, or the record of an entity, stands for the entity itself."""
    leads = kind.kind is not None and kind.base in (Base.REF, Base.RECORD, Base.ENTITY)
    block.scope.bind(name, entity_of(str(kind.kind)) if leads else kind, spot.place)


def _if(definition: written.IfDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    condition = block.scope.condition(spot / "if", definition.condition)
    then = compile_effects(definition.then, spot / "then", block.inner())
    otherwise = compile_effects(definition.otherwise, spot / "else", block.inner())
    return [If(condition, then, otherwise)]


def _for_each(definition: written.ForEachDefinition, spot: "Spot", block: "Block") -> Iterable[Effect]:
    at, loop = spot / "for_each", definition.for_each
    if not is_expression(loop.source):
        hint = f'write "={loop.source.lstrip("=")}"'
        block.ground.problems.add((at / "in").place, "bad_value", "'in' must be CEL after '='", hint)
        return []
    source = block.scope.expression(at / "in", loop.source[1:], skip=1)
    inner = block.inner()
    if source is BROKEN:
        inner.scope.doubt(loop.item)
    elif source.type.base not in (Base.LIST, Base.JSON):
        block.ground.problems.add((at / "in").place, "bad_type", f"this is {source.type}, not a list")
        inner.scope.doubt(loop.item)
    else:
        _bind_element(loop.item, source.type.of or static_type(ANY), at / "item", inner)
    return [ForEach(loop.item, source, compile_effects(loop.do, at / "do", inner))]


_COMPILERS: Final[dict[type, Callable[..., Iterable[Effect]]]] = {
    written.SetDefinition: compile_set,
    written.AddDefinition: compile_add,
    written.RemoveDefinition: compile_remove,
    written.CreateDefinition: compile_create,
    written.EnsureDefinition: compile_ensure,
    written.DeleteDefinition: _delete,
    written.RestoreDefinition: _restore,
    written.OwnDefinition: _own,
    written.RevealDefinition: compile_reveal,
    written.ConcealDefinition: compile_conceal,
    written.EmitDefinition: compile_emit,
    written.RollDefinition: _roll,
    written.DrawDefinition: _draw,
    written.ShuffleDefinition: _shuffle,
    written.IfDefinition: _if,
    written.ForEachDefinition: _for_each,
}
