"""The protobuf wire format, as far as syntax trees need it; no schema, no writing."""

from typing import TypeAlias

# A message: the values of each field number in order; integers for varints, bytes for everything else.
Fields: TypeAlias = dict[int, list[int | bytes]]

_FIXED = {1: 8, 5: 4}
_SIGN, _RANGE = 1 << 63, 1 << 64


def fields_of(message: bytes) -> Fields:
    """Split a message into its fields; raises IndexError or ValueError where it is no message."""
    found: Fields = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        value: int | bytes
        if key & 7 == 0:
            value, at = _varint(message, at)
        else:
            size, at = _varint(message, at) if key & 7 == 2 else (_FIXED[key & 7], at)
            value, at = message[at : at + size], at + size
        found.setdefault(key >> 3, []).append(value)
    return found


def parts(fields: Fields, key: int) -> list[bytes]:
    """Return the length-delimited or fixed values of a field."""
    return [value for value in fields.get(key, ()) if isinstance(value, bytes)]


def texts(fields: Fields, key: int) -> list[str]:
    """Return the texts of a field."""
    return [value.decode() for value in parts(fields, key)]


def text(fields: Fields, key: int) -> str:
    """Return the text of a field, or an empty one."""
    return next(iter(texts(fields, key)), "")


def numbers(fields: Fields, key: int) -> list[int]:
    """Return the integers of a field, signed."""
    return [value for value in fields.get(key, ()) if isinstance(value, int)]


def number(fields: Fields, key: int) -> int:
    """Return the integer of a field, or 0."""
    return next(iter(numbers(fields, key)), 0)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value - _RANGE if value & _SIGN else value, at
