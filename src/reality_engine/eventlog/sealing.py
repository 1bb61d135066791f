"""Keeps private values apart from what is hashed: in the content stands a salted commitment, beside it the value.

So a value can be erased while the digest of its event, and the chain, still verify. Pure but for drawing salts.
"""

import hashlib
import os
from binascii import b2a_base64
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from reality_engine.kernel.chance import new_bytes
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.json import Plain, canonical, exact

MARK: Final = "#"
SALT_BYTES: Final = 16
# Base 64 as in URLs, by what is beneath the library's function, which asks first what it was given.
_FOR_URLS: Final = bytes.maketrans(b"+/", b"-_")
_PADDING: Final = b"="
# To ask the system for chance costs as much as a digest.
_AT_ONCE: Final = 256
# Chance that was asked for and that nobody has used yet; each salt is taken once, and none by two processes.
_salts: Final[list[bytes]] = []
os.register_at_fork(after_in_child=_salts.clear)

# What commitments may stand in; to ask before each call takes a third of the time.
_HOLDING: Final = frozenset({dict, list})

# By commitment: the salt in hex and the value. An erased value has no entry.
Private: TypeAlias = "dict[str, Plain]"


class Sealing:
    """The private values of one event, put away by commitment while its content is made."""

    def __init__(self) -> None:
        """Begin with none."""
        self.private: Private = {}

    def hide(self, value: Plain) -> Plain:
        """Return what stands in the content for a private value."""
        salt = _fresh_salt()
        commitment = _commitment(salt, value)
        self.private[commitment] = [salt.hex(), value]
        return {MARK: commitment}


def _fresh_salt() -> bytes:
    while True:
        try:
            return _salts.pop()
        except IndexError:
            drawn = new_bytes(SALT_BYTES * _AT_ONCE)
            _salts.extend(drawn[at : at + SALT_BYTES] for at in range(0, len(drawn), SALT_BYTES))


def unseal(tree: Plain, private: Mapping[str, Plain]) -> Plain:
    """Return the tree with the values in place of the commitments; null where a value was erased."""
    if isinstance(tree, dict):
        if len(tree) == 1 and MARK in tree:
            held = private.get(str(tree[MARK]))
            return held[1] if isinstance(held, list) else None
        return {key: unseal(part, private) if type(part) in _HOLDING else part for key, part in tree.items()}
    if isinstance(tree, list):
        return [unseal(part, private) if type(part) in _HOLDING else part for part in tree]
    return tree


def check_private(private: Mapping[str, Plain]) -> None:
    """Raise IntegrityError unless every value kept, however loosely it was read, is the one that was committed to."""
    for commitment, held in private.items():
        if not isinstance(held, list):
            raise IntegrityError("a private value is not the one that its event committed to")
        salt, value = held
        if _commitment(bytes.fromhex(str(salt)), value if type(value) is str else exact(value)) != commitment:
            raise IntegrityError("a private value is not the one that its event committed to")


def hold_all(body: bytes, commitments: Iterable[str]) -> bool:
    """Say whether commitments stand in a sealed tree, by the bytes of it; False may be wrong: see `commitments`.

    As they are written there they are no part of a text, in which the quotes would be escaped.
    """
    return all(f'{{"{MARK}":"{one}"}}'.encode() in body for one in commitments)


def commitments(tree: Plain) -> set[str]:
    """Return the commitments that stand in a sealed tree."""
    if isinstance(tree, dict):
        if len(tree) == 1 and MARK in tree:
            return {str(tree[MARK])}
        return set().union(*(commitments(part) for part in tree.values())) if tree else set()
    return set().union(*(commitments(part) for part in tree)) if isinstance(tree, list) and tree else set()


def _commitment(salt: bytes, value: Plain) -> str:
    digest = hashlib.sha256(salt + canonical(value)).digest()
    return b2a_base64(digest, newline=False).translate(_FOR_URLS, _PADDING).decode()
