"""What stands in a field that must have a value, once the one that it had is erased; pure, and no value of anybody."""

from typing import Final

from reality_engine.kernel.json import Plain
from reality_engine.packs.compiled import Field, FieldType

ERASED: Final = "[erased]"
_EPOCH: Final = "1970-01-01"
_SHORT: Final = 53  # bits of an integer


def placeholder(field: Field, entity: str) -> Plain:
    """Return the placeholder for a required field of an entity, another one for each where it is unique.

    None where there can be none: of a ref, and of a unique enum. Then the field has no value.
    """
    kind = field.value
    if field.unique:
        return _distinct(kind, entity)
    if kind.base == "text":
        return ERASED[: kind.max_length]
    if kind.base in ("integer", "number", "meter"):
        return max(0, kind.minimum or 0)
    others: dict[str, Plain] = {
        "boolean": False, "enum": kind.values[0] if kind.values else None, "timestamp": f"{_EPOCH}T00:00:00.000000Z",
        "date": _EPOCH, "duration": "0s", "list": [], "set": [], "map": {}, "json": {},
    }  # fmt: skip
    return others.get(kind.base)


def _distinct(kind: FieldType, entity: str) -> Plain:
    letters = entity.replace("-", "")
    if kind.base == "text":
        told = f"{ERASED} {letters}"
        return told if kind.max_length is None or len(told) <= kind.max_length else letters[-kind.max_length :]
    # The last part of an id is chance.
    return int(letters, 16) % 2**_SHORT if kind.base == "integer" else None
