"""Links that only somebody with a letter has: the id of what each is for, under a seal; nothing of it is stored."""

import base64
import binascii
import hmac
from typing import Final
from uuid import UUID

from reality_engine.web.keys import derive

_ID_BYTES: Final = 16
# 48 bytes in all: 64 characters without padding, on one line of a letter.
LENGTH: Final = 64


class Links:
    """Makes tokens out of ids, and ids out of tokens: HMAC-SHA256 under a key of the server's secret for each use.

    Whoever reads the database, or a copy of it, finds no token there and can make none. Whether a token is still good
    is said by the row that has the id.
    """

    def __init__(self, secret: bytes, address: str) -> None:
        """Derive keys from the server's secret; `address` is where clients reach the server, without a last slash."""
        self._secret = secret
        self.address = address

    def token(self, use: str, key: str) -> str:
        """Return the token for an id."""
        raw = UUID(key).bytes
        return base64.urlsafe_b64encode(raw + self._seal(use, raw)).decode()

    def key(self, use: str, token: str) -> str | None:
        """Return the id that the token was made for, None where it was not made here or not for this use."""
        if len(token) != LENGTH:
            return None
        try:
            whole = base64.b64decode(token, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        raw, seal = whole[:_ID_BYTES], whole[_ID_BYTES:]
        return str(UUID(bytes=raw)) if hmac.compare_digest(seal, self._seal(use, raw)) else None

    def to(self, path: str, use: str, key: str) -> str:
        """Return the whole address of a page of this server, with the token."""
        return f"{self.address}{path}?token={self.token(use, key)}"

    def _seal(self, use: str, raw: bytes) -> bytes:
        return hmac.digest(derive(self._secret, f"link {use}"), raw, "sha256")
