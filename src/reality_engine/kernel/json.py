"""JSON as it is stored, hashed and sent; not HTTP."""

from typing import TypeAlias

import orjson
import rfc8785

# Plain values: what entities, inputs and events hold. Timestamps, dates and durations are text in their fixed form.
Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

MAX_INTEGER = 2**53 - 1


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
    """Read JSON; raises ValueError with the place of the mistake."""
    value: Plain = orjson.loads(text)
    return value
