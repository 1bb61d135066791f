"""Validates by the keywords of JSON Schema (draft 2020-12) that forms use, formats as assertions; no other keyword."""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _number(value) and float(value).is_integer(),
    "number": lambda value: _number(value) and math.isfinite(value),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
_ANNOTATIONS: Final = {"$schema", "default", "title", "x-kind", "required", "properties", "additionalProperties"}


def admits(schema: Mapping[str, Any], value: Any) -> bool:
    """Say whether a schema admits a value; a keyword that is not known here is a mistake of the schema."""
    if "type" in schema and not _TYPES[schema["type"]](value):
        return False
    if isinstance(value, dict) and not _members(schema, value):
        return False
    rest = {name: part for name, part in schema.items() if name not in _ANNOTATIONS and name != "type"}
    return all(_KEYWORDS[name](part, value) for name, part in rest.items())


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _members(schema: Mapping[str, Any], value: dict[str, Any]) -> bool:
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    if not set(schema.get("required", ())) <= set(value):
        return False
    for name, part in value.items():
        inner = known.get(name, other)
        if inner is False or (inner is not True and not admits(inner, part)):
            return False
    return True


def _formatted(name: str, value: Any) -> bool:
    try:
        _FORMATS[name](value)
    except ValueError:
        return False
    return True


def _date(text: str) -> None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    date.fromisoformat(text)


def _moment(text: str) -> None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})", text):
        raise ValueError(text)
    datetime.fromisoformat(text)


_FORMATS: Final[Mapping[str, Callable[[str], object]]] = {"uuid": uuid.UUID, "date": _date, "date-time": _moment}
_KEYWORDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "minimum": lambda bound, value: value >= bound,
    "maximum": lambda bound, value: value <= bound,
    "minLength": lambda bound, value: len(value) >= bound,
    "maxLength": lambda bound, value: len(value) <= bound,
    "maxItems": lambda bound, value: len(value) <= bound,
    "maxProperties": lambda bound, value: len(value) <= bound,
    "enum": lambda values, value: value in values,
    "pattern": lambda pattern, value: re.search(pattern, value) is not None,
    "format": _formatted,
    "items": lambda inner, value: all(admits(inner, item) for item in value),
    "propertyNames": lambda inner, value: all(admits(inner, name) for name in value),
}
