"""JSON as it is stored, hashed and sent; not HTTP."""

import re
from typing import TypeAlias

import orjson
import rfc8785

# Plain values: what entities, inputs and events hold. Timestamps, dates and durations are text in their fixed form.
Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

MAX_INTEGER = 2**53 - 1
# Only where so many digits stand together can there be such an integer.
_LONG = re.compile(r"[0-9]{16}")
_LONG_BYTES = re.compile(rb"[0-9]{16}")


def canonical(value: Plain) -> bytes:
    """Return the one canonical form of a value (RFC 8785), as it enters digests."""
    return rfc8785.dumps(value)


def same(left: Plain, right: Plain) -> bool:
    """Say whether two values are the same JSON: unlike in Python, `true` is not 1."""
    if left != right or isinstance(left, str):
        return left == right
    return canonical(left) == canonical(right)


def encode(value: object) -> bytes:
    """Return compact JSON, keys in the order given."""
    return orjson.dumps(value)


def decode(text: bytes | str) -> Plain:
    """Read JSON; raises ValueError with the place of the mistake.

    An integer beyond `MAX_INTEGER` was written for a number with no fraction, by RFC 8785 or by PostgreSQL.
    """
    value: Plain = orjson.loads(text)
    long = _LONG_BYTES.search(text) if isinstance(text, bytes) else _LONG.search(text)
    return _floats(value) if long else value


def _floats(value: Plain) -> Plain:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) > MAX_INTEGER else value
    if isinstance(value, list):
        return [_floats(part) for part in value]
    return {key: _floats(part) for key, part in value.items()} if isinstance(value, dict) else value
