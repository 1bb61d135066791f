"""Values as bytes that sort as they do, for the index that lists walk along; not the values as they are stored."""

import re
import struct
from typing import Final

from reality_engine.kernel.json import Plain

# Of a text, this many characters count where texts are put in order: an index and a cursor need a bound.
SORTED_TEXT: Final = 100
# A character takes at most four bytes in UTF-8.
SORTABLE_BYTES: Final = 4 * SORTED_TEXT
NUMBERS: Final = frozenset({"integer", "number", "meter"})
_SIGN: Final = 1 << 63
_ALL: Final = (1 << 64) - 1
_SECONDS: Final = re.compile(r"[0-9]{1,15}s")


def sortable(base: str, value: Plain) -> bytes | None:
    """Return the bytes of a stored value of a field of this type, or None where it is not of that type.

    Numbers, seconds and booleans become 8 bytes, all else its beginning in UTF-8, whose order is that of code points.
    """
    if base in NUMBERS:
        return of_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if base == "boolean":
        return of_number(int(value)) if isinstance(value, bool) else None
    if base == "duration":
        seconds = seconds_of(value)
        return None if seconds is None else of_number(seconds)
    return value[:SORTED_TEXT].encode() if isinstance(value, str) else None


def of_number(value: float) -> bytes:
    """Return 8 bytes in the order of numbers: the float, its sign turned, and below zero all of its bits."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", float(value) + 0.0))
    return int(bits ^ _ALL if bits & _SIGN else bits | _SIGN).to_bytes(8)


def seconds_of(value: Plain) -> int | None:
    """Return the seconds of a duration as it is stored, or None where it is none."""
    return int(value[:-1]) if isinstance(value, str) and _SECONDS.fullmatch(value) else None
