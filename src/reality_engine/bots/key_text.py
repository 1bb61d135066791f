"""The text of a key: how it is made, told from other tokens, and stored; not what it is good for."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from reality_engine.kernel.chance import new_bytes

# So that a scanner of sources and logs finds keys that were left there.
PREFIX: Final = "reality_"
_HINT_BYTES: Final = 6
_SECRET_BYTES: Final = 32
_FORM: Final = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * _HINT_BYTES}}}_[0-9a-f]{{{2 * _SECRET_BYTES}}}")


@dataclass(frozen=True, slots=True)
class NewText:
    """A fresh text, how it begins, which is no secret, and what is stored of it."""

    text: str
    hint: str
    digest: bytes


def new_text() -> NewText:
    """Return a fresh one, with a secret of 256 bits."""
    hint = f"{PREFIX}{new_bytes(_HINT_BYTES).hex()}"
    text = f"{hint}_{new_bytes(_SECRET_BYTES).hex()}"
    return NewText(text, hint, digest_of(text))


def is_key(token: str) -> bool:
    """Say whether a token has the form of a key, so that garbage never reaches a query."""
    return _FORM.fullmatch(token) is not None


def digest_of(text: str) -> bytes:
    """Return what is stored of a key. It is random already, so a plain SHA-256 is enough."""
    return hashlib.sha256(text.encode()).digest()
