"""Compiles the fields of kinds; not their types, which `field_types` does."""

from typing import TYPE_CHECKING, Final

from reality_engine.packs.audience import Audience, Term
from reality_engine.packs.compiled import Field, FieldType
from reality_engine.packs.compiler.computed import compile_computed
from reality_engine.packs.compiler.field_types import ANY, static_type
from reality_engine.packs.compiler.operands import is_expression, literal

if TYPE_CHECKING:
    from reality_engine.kernel.json import Plain
    from reality_engine.packs.compiler.ground import KindShape
    from reality_engine.packs.compiler.scope import Scope
    from reality_engine.packs.definitions.values import FieldDefinition, InputDefinition
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot

MAX_UNIQUE_TEXT: Final = 500
_UNIQUE: Final = frozenset({"text", "integer", "enum", "ref"})
_INDEXED: Final = frozenset(
    {"text", "integer", "number", "boolean", "enum", "timestamp", "date", "duration", "ref", "meter"}
)


def compile_field(name: str, shape: "KindShape", facet: int, audience: Audience, scope: "Scope") -> Field:
    """Compile one field, whose type `shape` knows already."""
    definition, spot = shape.definition.fields[name], shape.spot / "fields" / name
    value, problems = shape.values[name], scope.ground.problems
    if definition.unique:
        _check_unique(value, audience, spot, problems)
    if definition.index and value.base not in _INDEXED and value is not ANY:
        problems.add((spot / "index").key, "bad_index", f"a {value.base} cannot be indexed")
    computed = None
    if definition.computed is not None:
        computed = compile_computed(definition, value, spot, scope)
    return Field(
        name=name,
        value=value,
        type=static_type(value),
        facet=facet,
        required=definition.required,
        unique=definition.unique,
        index=definition.index,
        personal=definition.personal,
        default=default_of(definition, value, spot, problems),
        computed=computed,
        title=definition.title or name,
    )


def default_of(
    definition: "FieldDefinition | InputDefinition", value: FieldType, spot: "Spot", problems: "Problems"
) -> "Plain":
    """Return the default in its stored form; a meter without one begins at 0."""
    at = spot / "default"
    if is_expression(definition.default):
        problems.add(at.place, "misplaced_expression", "a default is a literal", "set it in an effect")
        return None
    if definition.default is None and value.base == "meter":
        return 0
    return literal(definition.default, value, at, problems)


def _check_unique(value: FieldType, audience: Audience, spot: "Spot", problems: "Problems") -> None:
    at = (spot / "unique").key
    if value.base not in _UNIQUE and value is not ANY:
        problems.add(at, "bad_unique", f"a {value.base} cannot be unique", "text, integer, enum and ref can")
    if value.base == "text" and (value.max_length is None or value.max_length > MAX_UNIQUE_TEXT):
        hint = f"give it max_length: {MAX_UNIQUE_TEXT} or less"
        problems.add(at, "bad_unique", "a unique text must be short", hint)
    if not any(seer.term in (Term.EVERYONE, Term.MEMBERS) and not seer.when for seer in audience):
        hint = "make it visible to everyone or members"
        problems.add(at, "bad_unique", "a unique field would tell what is in it to those who cannot see it", hint)
