"""Has a body's fields take the JSON types that OpenAPI gives them, and no others; not what parameters of a query take.

Pydantic reads 0, "no" and "off" as false, "7" and true as 1, and numbers as moments. The document says otherwise.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pydantic_core import PydanticKnownError
from pydantic_core.core_schema import ErrorType, no_info_before_validator_function

# A whole number may be written as 1.0: it is an integer for JSON Schema, and for the inputs of actions.
_TAKEN: Final[dict[str, tuple[ErrorType, tuple[type, ...]]]] = {
    "bool": ("bool_type", (bool,)),
    "int": ("int_type", (int, float)),
    "float": ("float_type", (int, float)),
    "datetime": ("datetime_type", (str, datetime)),
}
# Keys of an object are always text, so they are read from it; the rest says nothing of what is taken.
_LEFT: Final = frozenset({"keys_schema", "default", "metadata", "serialization"})


def told_by_type(schema: Any) -> Any:
    """Return a core schema of Pydantic in which every such value, however deep, is of its JSON type or refused."""
    if isinstance(schema, list | tuple):
        return type(schema)(told_by_type(one) for one in schema)
    if not isinstance(schema, dict) or _is_told(schema):
        return schema
    if schema.get("type") in _TAKEN:
        return no_info_before_validator_function(_REFUSING[schema["type"]], schema)
    return {name: _within(name, part) for name, part in schema.items()}


def _within(name: str, part: Any) -> Any:
    if name in _LEFT:
        return part
    # Here the names are those of fields, which may be called as anything.
    return {key: told_by_type(one) for key, one in part.items()} if name == "fields" else told_by_type(part)


def _is_told(schema: dict[str, Any]) -> bool:
    return schema.get("type") == "function-before" and schema["function"]["function"] in _REFUSING.values()


def _refusing(wrong: ErrorType, taken: tuple[type, ...]) -> Callable[[Any], Any]:
    def refuse(value: Any) -> Any:
        # A boolean is an integer for Python, not for JSON.
        if not isinstance(value, taken) or (isinstance(value, bool) and bool not in taken):
            raise PydanticKnownError(wrong)
        return value

    return refuse


_REFUSING: Final = {kind: _refusing(wrong, taken) for kind, (wrong, taken) in _TAKEN.items()}
