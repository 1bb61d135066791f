"""How audience keys are stored: as few bytes as can be, since there is a row for each; not what they mean."""

import uuid
from functools import lru_cache
from typing import Final

from reality_engine.kernel.ids import is_id

# The first byte says which kind of key it is; a user's or group's id follows as 16 bytes, anything else as text.
_PREFIXES: Final = {"user": b"u", "group": b"g", "role": b"r"}
_TEXT: Final = {"user": b"U", "group": b"G"}
# No key: rows that are for those who see everything, where each needs a row to be found by.
EVERYTHING: Final = b"!"
_ALL: Final = (1 << 128) - 1
_WORDS: Final = {"everyone": b"*", "members": b"m"}


@lru_cache(maxsize=1 << 14)
def pack_key(key: str) -> bytes:
    """Return the bytes under which a key such as `user:<id>` is stored; different keys never share them."""
    if key in _WORDS:
        return _WORDS[key]
    prefix, _, rest = key.partition(":")
    if prefix != "role" and is_id(rest):
        return _PREFIXES[prefix] + uuid.UUID(rest).bytes
    return _TEXT.get(prefix, _PREFIXES[prefix]) + rest.encode()


@lru_cache(maxsize=1 << 12)
def in_order(keys: frozenset[str]) -> tuple[str, ...]:
    """Return the keys of an audience as they are stored beside what it sees."""
    return tuple(sorted(keys))


def newest_first(entity: str) -> bytes:
    """Return an entity's id with every bit turned: what was made later sorts before."""
    return (uuid.UUID(entity).int ^ _ALL).to_bytes(16)
