"""Compiles computed fields, and what may be read of `self` alone; not other fields."""

from typing import TYPE_CHECKING, Final

from reality_engine.packs.compiler.field_types import ANY, static_type
from reality_engine.packs.compiler.scope import BROKEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reality_engine.expressions.expression import Expression
    from reality_engine.packs.compiled import Field, FieldType
    from reality_engine.packs.compiler.ground import KindShape
    from reality_engine.packs.compiler.scope import Scope
    from reality_engine.packs.definitions.values import FieldDefinition
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot

_TYPES: Final = frozenset({"text", "integer", "number", "boolean", "timestamp", "date", "duration", "list", "map"})


def compile_computed(definition: "FieldDefinition", value: "FieldType", spot: "Spot", scope: "Scope") -> "Expression":
    """Compile what a computed field is worked out from."""
    problems, at = scope.ground.problems, spot / "computed"
    for name in ("default", "required", "unique"):
        if getattr(definition, name):
            problems.add((spot / name).key, "bad_computed", f"a computed field cannot have '{name}'")
    if value.base not in _TYPES and value is not ANY:
        problems.add(
            at.key, "bad_computed", f"a {value.base} cannot be computed", f"these can: {', '.join(sorted(_TYPES))}"
        )
    source = str(definition.computed)
    compiled = scope.expression(at, source, static_type(value))
    check_own_fields(compiled, at, "a computed field", scope)
    return compiled


def check_own_fields(expression: "Expression", spot: "Spot", what: str, scope: "Scope") -> None:
    """Tell every path in an expression that leaves `self`, whose fields alone it may read."""
    if expression is BROKEN:
        return
    for kind, field in sorted(expression.lookups):
        message = f"{what} reads fields of self only, so it cannot look for {kind}.{field}"
        scope.ground.problems.add(spot.place, "not_own_field", message)
    for path in sorted(expression.reads):
        if path[0] != "self" or _leaves(path, scope):
            message = f"{what} reads fields of self only, but '{'.'.join(path)}' is of another entity"
            scope.ground.problems.add(spot.place, "not_own_field", message)


def _leaves(path: tuple[str, ...], scope: "Scope") -> bool:
    kind = scope.ground.kinds[str(scope.variables["self"].kind)]
    return len(path) > 2 and path[1] in kind.values and kind.values[path[1]].base == "ref"


def order_computed(fields: "Mapping[str, Field]", shape: "KindShape", problems: "Problems") -> tuple[str, ...]:
    """Return the computed fields, each after those that it reads; those that read each other in a circle are told."""
    reads = {
        name: {path[1] for path in field.computed.reads if len(path) > 1} & fields.keys()
        for name, field in fields.items()
        if field.computed
    }
    ordered: list[str] = []
    while len(ordered) < len(reads):
        ready = [name for name in reads if name not in ordered and not (reads[name] & reads.keys()) - {*ordered}]
        if not ready:
            _tell_circle([name for name in reads if name not in ordered], shape, problems)
            break
        ordered += ready
    return tuple(ordered)


def _tell_circle(names: list[str], shape: "KindShape", problems: "Problems") -> None:
    place = (shape.spot / "fields" / names[0] / "computed").place
    problems.add(place, "computed_cycle", f"these are computed from each other: {', '.join(names)}")
