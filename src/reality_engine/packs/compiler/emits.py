"""Compiles emit, and notes what each type of event carries, for the reactions to it; not the reactions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from reality_engine.expressions.types import BOOLEAN, INTEGER, JSON, NUMBER, TEXT, Type
from reality_engine.packs.compiler.audiences import event_audience
from reality_engine.packs.compiler.ground import Emission
from reality_engine.packs.compiler.names import check_name, is_event_type, is_name
from reality_engine.packs.compiler.operands import free_operand
from reality_engine.packs.compiler.scope import BROKEN
from reality_engine.packs.effects import Emit, Literal, Operand

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain
    from reality_engine.packs.compiler.block import Block
    from reality_engine.packs.definitions.effects import EmitDefinition
    from reality_engine.packs.source import Spot

METER_EVENTS: Final = ("meter.filled", "meter.emptied")
RESERVED_PREFIXES: Final = ("meter.", "world.", "member.")
_LITERALS: Final[dict[type, Type]] = {bool: BOOLEAN, int: INTEGER, float: NUMBER, str: TEXT}


def compile_emit(definition: "EmitDefinition", spot: "Spot", block: "Block") -> Iterable[Emit]:
    """Compile the recording of a further event."""
    emitted, at = definition.emit, spot / "emit"
    _check_type(emitted.type, at / "type", block)
    data: dict[str, Operand] = {}
    for name, value in emitted.data.items():
        check_name((at / "data" / name).key, name, "a value", block.ground.problems)
        data[name] = free_operand(block.scope, at / "data" / name, value)
    about = block.scope.entity(emitted.about, (at / "about").within) if emitted.about is not None else None
    narrative = None
    if emitted.narrative is not None:
        narrative = block.scope.template(at / "narrative", emitted.narrative)
    types = {name: _type_of(value) for name, value in data.items() if is_name(name)}
    block.ground.emissions.append(Emission(emitted.type, types, about[1] if about else None, at))
    audience = event_audience(emitted.visible_to, at / "visible_to", block.scope)
    return [Emit(emitted.type, audience, narrative, data, about[0] if about else None)]


def _check_type(name: str, at: "Spot", block: "Block") -> None:
    problems = block.ground.problems
    if not is_event_type(name):
        problems.add(at.place, "bad_name", f"'{name}' cannot be the type of an event", "write it like plan.completed")
    elif name.startswith(RESERVED_PREFIXES):
        problems.add(at.place, "reserved_name", f"'{name}' cannot be emitted: the core pack has such events itself")
    elif name in block.ground.actions or name in block.ground.reactions:
        what = "an action" if name in block.ground.actions else "a reaction"
        problems.add(at.place, "name_taken", f"'{name}' is {what}, which has events of this type already")


def _type_of(value: Operand) -> Type:
    if value is BROKEN:
        return JSON
    return _literal_type(value.value) if isinstance(value, Literal) else value.type


def _literal_type(value: "Plain") -> Type:
    return _LITERALS.get(type(value), JSON)
