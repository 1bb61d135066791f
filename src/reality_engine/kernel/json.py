"""JSON as it is stored, hashed and sent; not HTTP."""

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

import orjson
import rfc8785

# Plain values: what entities, inputs and events hold. Timestamps, dates and durations are text in their fixed form.
Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

MAX_INTEGER = 2**53 - 1
# Only where so many digits stand together can there be such an integer. Looked for among digits that are all made the
# same, which takes a tenth of the time that a pattern does.
_DIGITS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_LONG: Final = b"0" * 16
# orjson is fifty times faster than RFC 8785 written in Python. It sorts keys by code points and not by UTF-16, which is
# another order only beyond the first 2^16 of them, and it writes floats otherwise.
_CANONICAL: Final = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_ASTRAL: Final = re.compile(rb"[\xf0-\xf4]")
_EXACT: Final = frozenset({str, int, bool, type(None)})


def canonical(value: Plain, *, alike: bool = False) -> bytes:
    """Return the one canonical form of a value (RFC 8785), as it enters digests.

    `alike` says that all values in it are (`all_alike`), which spares looking at them.
    """
    if alike or type(value) in _EXACT or _written_alike((value,)):
        try:
            text = orjson.dumps(value, option=_CANONICAL)
        except orjson.JSONEncodeError:
            return rfc8785.dumps(value)
        if text.isascii() or not _ASTRAL.search(text):
            return text
    return rfc8785.dumps(value)


def all_alike(values: Iterable[Plain]) -> bool:
    """Say whether values are text, integers, yes or no, or none: what everybody writes alike."""
    return _EXACT.issuperset(map(type, values))


def _written_alike(parts: Iterable[Plain]) -> bool:
    """Say whether orjson writes these values as RFC 8785 wants them, keys in the right order provided: not floats."""
    for part in parts:
        if type(part) in _EXACT:
            continue
        if isinstance(part, dict):
            alike = _written_alike(part.values())
        else:
            alike = isinstance(part, list) and _written_alike(part)
        if not alike:
            return False
    return True


def same(left: Plain, right: Plain) -> bool:
    """Say whether two values are the same JSON: unlike in Python, `true` is not 1."""
    if left != right or (type(left) is type(right) and type(left) in _EXACT):
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
    return value if is_exact(text) else exact(value)


def decode_exact(text: bytes | str) -> tuple[Plain, bool]:
    """Read JSON as `decode` does, and say whether that has every integer as it was written; True only where it does."""
    value: Plain = orjson.loads(text)
    return value, is_exact(text)


def decode_loosely(text: bytes | str) -> Plain:
    """Read JSON as `decode` does, but for such integers, which `exact` makes of it what they are."""
    value: Plain = orjson.loads(text)
    return value


def is_exact(text: bytes | str) -> bool:
    """Say whether JSON has no such integer; True only where it has none."""
    written = text if isinstance(text, bytes) else text.encode()
    return _LONG not in written.translate(_DIGITS)


def exact(value: Plain) -> Plain:
    """Return what was read loosely as `decode` reads it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) > MAX_INTEGER else value
    if isinstance(value, list):
        return [exact(part) for part in value]
    return {key: exact(part) for key, part in value.items()} if isinstance(value, dict) else value
