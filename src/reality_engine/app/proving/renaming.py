"""Takes opaque tokens out of texts, so that two of them can be compared; a token is known by when it first came up."""

import base64
import binascii
import re
from collections.abc import Iterable
from typing import Final

from reality_engine.kernel.ids import WORLD_ENTITY

_ID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TAG: Final = r"(?<![0-9A-Za-z_-])[0-9a-f]{20,40}(?![0-9A-Za-z_-])"
_CURSOR: Final = r"(?<![0-9A-Za-z_-])[0-9A-Za-z_-]{40,}(?![0-9A-Za-z_-])"
_TOKEN: Final = re.compile(f"{_ID}|{_TAG}|{_CURSOR}")
_READABLE: Final = 0.9
_DASHES, _ID_LENGTH = 4, 36
_ASCII: Final = range(32, 127)


class Renaming:
    """One viewer's names for the tokens of one world. Tokens in `fixed` mean the same in every world, and stay."""

    def __init__(self, fixed: Iterable[str] = ()) -> None:
        """Know no token yet."""
        self.numbers: dict[str, int] = {}
        self._fixed = frozenset({WORLD_ENTITY, *fixed})

    def copy(self) -> "Renaming":
        """Return another one that knows the same."""
        other = Renaming(self._fixed)
        other.numbers = dict(self.numbers)
        return other

    def number(self, token: str) -> str | int | None:
        """Return how a token is known, None where it did not come up yet."""
        return token if token in self._fixed else self.numbers.get(token)

    def rename(self, text: str) -> str:
        """Return the text with a number and the length in the place of each token."""
        return _TOKEN.sub(self._name, text)

    def _name(self, found: re.Match[str]) -> str:
        token = found.group()
        known = self.numbers.get(token)
        if known is None:
            if token in self._fixed or is_readable(token):
                return token
            known = self.numbers[token] = len(self.numbers)
        return f"<{known}:{len(token)}>"


def is_readable(token: str) -> bool:
    """Say whether a token that should be opaque is plain text in disguise, or a word: then it is compared as it is."""
    if token.count("-") == _DASHES and len(token) == _ID_LENGTH:
        return False
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return sum(byte in _ASCII for byte in raw) >= _READABLE * len(raw)
