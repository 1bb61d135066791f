"""Compiles the values that effects give to fields: literals, or CEL after `=` or `=?`; not the effects."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reality_engine.expressions.types import Type
from reality_engine.packs.compiled import FieldType
from reality_engine.packs.compiler.field_types import static_type
from reality_engine.packs.compiler.scope import BROKEN, Scope
from reality_engine.packs.conform import MisfitError, conform
from reality_engine.packs.effects import Literal, Operand

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot


def is_expression(value: Any) -> bool:
    """Say whether a value is CEL: a text that begins with one `=`."""
    return isinstance(value, str) and value.startswith("=") and not value.startswith("==")


def may_lack(value: Any) -> bool:
    """Say whether a value is CEL after `=?`: what it yields, or no value where what it reads has none."""
    return isinstance(value, str) and value.startswith("=?")


def operand(scope: Scope, spot: "Spot", value: Any, wanted: FieldType) -> Operand:
    """Compile a value that must be of the declared type `wanted`."""
    if not is_expression(value):
        return Literal(literal(value, wanted, spot, scope.ground.problems))
    return _computed(scope, spot, value, static_type(wanted))


def free_operand(scope: Scope, spot: "Spot", value: Any) -> Operand:
    """Compile a value of any type."""
    if not is_expression(value):
        return Literal(literal(value, FieldType("json"), spot, scope.ground.problems))
    return _computed(scope, spot, value, None)


def _computed(scope: Scope, spot: "Spot", value: str, expects: Type | None) -> Operand:
    skip = 2 if may_lack(value) else 1
    compiled = scope.expression(spot, value[skip:], expects, skip)
    return replace(compiled, optional=True) if skip == 2 and compiled is not BROKEN else compiled


def literal(value: Any, wanted: FieldType, spot: "Spot", problems: "Problems") -> "Plain":
    """Return a literal in its stored form; one that does not fit is told."""
    if value is None:
        return None
    before = len(problems.found)
    plain = _unescaped(value, spot, problems)
    if len(problems.found) > before:
        return None
    try:
        stored = conform(plain, wanted)
    except MisfitError as misfit:
        for step in misfit.path:
            spot /= int(step) if isinstance(spot.data, list) else step
        problems.add(spot.place, "bad_value", f"{_shown(spot.data)} {misfit.message}")
        return None
    if wanted.base == "meter" and stored != plain:
        problems.add(spot.place, "bad_value", f"{plain} is outside of the meter, which goes from 0 to {wanted.maximum}")
        return None
    return stored


def _unescaped(value: Any, spot: "Spot", problems: "Problems") -> "Plain":
    if isinstance(value, list):
        return [_unescaped(item, spot / index, problems) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _unescaped(item, spot / key, problems) for key, item in value.items()}
    if is_expression(value):
        hint = "write the whole value as one expression, such as \"=[input.a, 'b']\"; a literal '=' is written '=='"
        problems.add(spot.place, "misplaced_expression", "an expression cannot stand here", hint)
    return value[1:] if isinstance(value, str) and value.startswith("==") else value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
