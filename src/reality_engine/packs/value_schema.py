"""The JSON Schema (draft 2020-12) of values of a declared type and of an action's inputs; not that of packs.

`conform` takes a little more than a schema admits: other spellings of dates and moments, a number beyond the bounds of
a meter, null for an input that may be left out. What no schema can say stays with it: how deep free JSON is, how long a
duration in all, that a leap second is no moment, and that a number written as an integer is not beyond 2^53 - 1.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from reality_engine.kernel.json import MAX_INTEGER
from reality_engine.packs.compiled import Action, FieldType, Input
from reality_engine.packs.conform import DURATION, MAX_ITEMS, MAX_TEXT

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
# An extension keyword: the id is that of an entity of this kind.
KIND: Final = "x-kind"


def input_schema(action: Action) -> Schema:
    """Return the form of an action's inputs."""
    schema = _object({name: _input(spec) for name, spec in action.inputs.items()})
    required = [name for name, spec in action.inputs.items() if spec.required]
    return {"$schema": DIALECT, **schema, **({"required": required} if required else {})}


def value_schema(value: FieldType) -> Schema:
    """Return the form of a value."""
    return _SCHEMA[value.base](value)


def _input(spec: Input) -> Schema:
    title = {} if spec.title in ("", spec.name) else {"title": spec.title}
    default = {} if spec.default is None else {"default": spec.default}
    return {**value_schema(spec.value), **title, **default}


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _text(value: FieldType) -> Schema:
    return {"type": "string", "maxLength": value.max_length or MAX_TEXT}


def _integer(value: FieldType) -> Schema:
    least = -MAX_INTEGER if value.minimum is None else value.minimum
    return {"type": "integer", "minimum": least, "maximum": MAX_INTEGER if value.maximum is None else value.maximum}


def _number(value: FieldType) -> Schema:
    bounds = {"minimum": value.minimum, "maximum": value.maximum}
    return {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}


def _meter(value: FieldType) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": value.maximum}


def _ref(value: FieldType) -> Schema:
    kind = {KIND: value.kind} if value.kind else {}
    return {"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]{36}$", **kind}


def _list(value: FieldType) -> Schema:
    return {"type": "array", "items": value_schema(value.of or _JSON), "maxItems": value.max_items or MAX_ITEMS}


def _map(value: FieldType) -> Schema:
    names = {"propertyNames": {"maxLength": MAX_TEXT}}
    inner = value_schema(value.of or _JSON)
    return {"type": "object", "additionalProperties": inner, "maxProperties": value.max_items or MAX_ITEMS, **names}


def _record(value: FieldType) -> Schema:
    required = [name for name, _ in value.fields if name not in value.optional]
    parts = _object({name: value_schema(part) for name, part in value.fields})
    return {**parts, **({"required": required} if required else {})}


def _formatted(name: str) -> Callable[[FieldType], Schema]:
    return lambda _: {"type": "string", "format": name}


_JSON: Final = FieldType("json")
_SCHEMA: Final[Mapping[str, Callable[[FieldType], Schema]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda _: {"type": "boolean"},
    "enum": lambda value: {"type": "string", "enum": list(value.values)},
    "timestamp": _formatted("date-time"),
    "date": _formatted("date"),
    # Not the format `duration`, which is that of ISO 8601.
    "duration": lambda _: {"type": "string", "minLength": 1, "pattern": DURATION},
    "ref": _ref,
    "event": _ref,
    "meter": _meter,
    "list": _list,
    "set": _list,
    "map": _map,
    "record": _record,
    "json": lambda _: {},
}
