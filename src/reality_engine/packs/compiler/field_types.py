"""Compiles the declared types of fields, inputs and what is inside of them; not the fields' other rules."""

from typing import TYPE_CHECKING, Final

from reality_engine.expressions.types import (
    BOOLEAN,
    DURATION,
    INTEGER,
    JSON,
    NUMBER,
    TEXT,
    TIMESTAMP,
    Type,
    list_of,
    map_of,
    record_of,
    ref_to,
)
from reality_engine.kernel.json import MAX_INTEGER
from reality_engine.packs.compiled import FieldType
from reality_engine.packs.compiler.names import check_name, is_name
from reality_engine.packs.problems import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    from reality_engine.packs.definitions.values import TypeDefinition
    from reality_engine.packs.problems import Problems
    from reality_engine.packs.source import Spot

# Stands for a type that could not be understood, and was told: whatever is done with it is let pass.
ANY: Final = FieldType("json")
_BOUNDS: Final = {
    "text": {"max_length"}, "integer": {"min", "max"}, "number": {"min", "max"}, "enum": {"values"}, "ref": {"kind"},
    "meter": {"max"}, "list": {"of", "max_items"}, "set": {"of", "max_items"}, "map": {"of", "max_items"},
    "record": {"fields"},
}  # fmt: skip
ONLY_INPUT: Final = "an event can only be an input, and nothing that is inside of one"
_EVERY_BOUND: Final = frozenset().union(*_BOUNDS.values())
_NEEDED: Final = {
    "enum": "values", "ref": "kind", "meter": "max", "list": "of", "set": "of", "map": "of", "record": "fields",
}  # fmt: skip
_IN_SETS: Final = frozenset({"text", "integer", "number", "enum", "ref", "date", "timestamp"})
_STATIC: Final = {
    "text": TEXT, "enum": TEXT, "date": TEXT, "integer": INTEGER, "meter": INTEGER, "number": NUMBER,
    "boolean": BOOLEAN, "timestamp": TIMESTAMP, "duration": DURATION, "json": JSON,
    "event": TEXT,
}  # fmt: skip


def static_type(value: FieldType) -> Type:
    """Return how expressions see a value of this type."""
    if value.base == "ref":
        return ref_to(value.kind or "")
    if value.base in ("list", "set"):
        return list_of(static_type(value.of or ANY))
    if value.base == "map":
        return map_of(static_type(value.of or ANY))
    if value.base == "record":
        return record_of(**{name: static_type(part) for name, part in value.fields if is_name(name)})
    return _STATIC[value.base]


def compile_type(
    definition: "TypeDefinition", spot: "Spot", kinds: "Collection[str]", problems: "Problems"
) -> FieldType:
    """Return the type; one that cannot be understood is told, and taken for json."""
    if spot.doubtful:
        return ANY
    base = definition.type
    given = {name for name in _EVERY_BOUND if getattr(definition, name) is not None}
    for name in sorted(given - _BOUNDS.get(base, set())):
        owners = ", ".join(sorted(each for each, bounds in _BOUNDS.items() if name in bounds))
        problems.add((spot / name).key, "misplaced_bound", f"'{name}' is not for {base}", f"it is for {owners}")
    needed = _NEEDED.get(base)
    if needed and needed not in given:
        problems.add(spot.place, "missing_key", f"a {base} needs '{needed}'", _example(base))
        return ANY
    if not _bounds_fit(definition, spot, problems):
        return ANY
    return _built(definition, spot, kinds, problems)


def _example(base: str) -> str:
    return {
        "enum": "such as: values: [open, closed]",
        "ref": "the name of the kind it leads to",
        "meter": "it goes from 0 to max",
        "record": "such as: fields: {name: text}",
    }.get(base, "such as: of: text")


def _built(definition: "TypeDefinition", spot: "Spot", kinds: "Collection[str]", problems: "Problems") -> FieldType:
    base = definition.type
    if base == "ref" and definition.kind not in kinds:
        name = str(definition.kind)
        problems.add((spot / "kind").place, "unknown_kind", f"there is no kind '{name}'", nearest(name, kinds))
        return ANY
    if base in ("list", "set", "map") and definition.of is not None:
        inner = compile_type(definition.of, spot / "of", kinds, problems)
        _check_inside(base, inner, spot / "of", problems)
        return FieldType(base, of=inner, max_items=definition.max_items)
    if base == "record":
        return _record(definition, spot / "fields", kinds, problems)
    low, high = _number(definition.min, base), _number(definition.max, base)
    return FieldType(
        base,
        low,
        high,
        definition.max_length,
        tuple(definition.values or ()),
        definition.kind if base == "ref" else None,
    )


def _check_inside(base: str, inner: FieldType, spot: "Spot", problems: "Problems") -> None:
    if inner.base == "meter":
        problems.add(spot.place, "bad_type", "a meter can only be a field", "use integer")
    elif inner.base == "event":
        problems.add(spot.place, "bad_type", ONLY_INPUT)
    elif base == "set" and inner is not ANY and inner.base not in _IN_SETS:
        wanted = ", ".join(sorted(_IN_SETS))
        problems.add(spot.place, "bad_type", f"a set cannot hold {inner.base}", f"it can hold {wanted}")


def _record(definition: "TypeDefinition", spot: "Spot", kinds: "Collection[str]", problems: "Problems") -> FieldType:
    parts, optional = [], []
    for name, part in (definition.fields or {}).items():
        check_name((spot / name).key, name, "a part of a record", problems)
        inner = compile_type(part, spot / name, kinds, problems)
        _check_inside("record", inner, spot / name, problems)
        parts.append((name, inner))
        if not part.required:
            optional.append(name)
    return FieldType("record", fields=tuple(parts), optional=tuple(optional))


def _number(bound: float | None, base: str) -> float | int | None:
    return bound if bound is None or base == "number" else int(bound)


def _bounds_fit(definition: "TypeDefinition", spot: "Spot", problems: "Problems") -> bool:
    before = len(problems.found)
    for name in ("min", "max"):
        bound = getattr(definition, name)
        if bound is not None and definition.type != "number" and not bound.is_integer():
            problems.add((spot / name).place, "bad_value", f"'{name}' of {definition.type} must be a whole number")
        if bound is not None and abs(bound) > MAX_INTEGER:
            problems.add((spot / name).place, "bad_value", f"'{name}' is beyond 2^53 - 1")
    if definition.type == "meter" and (definition.max or 0) < 1:
        problems.add((spot / "max").place, "bad_value", "a meter's 'max' must be 1 or more")
    if definition.min is not None and definition.max is not None and definition.min > definition.max:
        problems.add((spot / "min").place, "bad_value", "'min' is greater than 'max'")
    _check_values(definition, spot / "values", problems)
    return len(problems.found) == before


def _check_values(definition: "TypeDefinition", spot: "Spot", problems: "Problems") -> None:
    values = definition.values or []
    for index, value in enumerate(values):
        if value in values[:index]:
            problems.add((spot / index).place, "bad_value", f"'{value}' stands here twice")
        if not value or value != value.strip():
            problems.add((spot / index).place, "bad_value", "a value cannot be empty or begin or end with a space")
