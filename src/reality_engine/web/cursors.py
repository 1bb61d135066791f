"""Opaque resume points: sealed so that a client can neither read nor forge them; not what stands in them."""

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reality_engine.kernel.chance import new_bytes
from reality_engine.kernel.errors import InvalidError
from reality_engine.kernel.json import Plain, canonical, decode
from reality_engine.web.keys import derive

MAX_LENGTH: Final = 2_000
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
# The length of a cursor must not tell how large the numbers in it are.
_BLOCK_BYTES: Final = 64


class BadCursorError(InvalidError):
    """The cursor was not sealed here, for this purpose and this viewer."""

    code = "bad_cursor"


class Cursors:
    """Seals and opens cursors by AES-256-GCM, under a key derived from the server's secret."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key from the server's secret, which has other uses too."""
        self._cipher = AESGCM(derive(secret, "cursors"))

    def seal(self, payload: Plain, purpose: str, viewer: str) -> str:
        """Return a cursor that opens only for this purpose (which list) and this viewer (whose)."""
        # Cursors live for as long as a client keeps them: some 2**32 nonces a key are safe, far from what one seals.
        nonce = new_bytes(_NONCE_BYTES)
        text = canonical(payload)
        padded = text.ljust(-(-len(text) // _BLOCK_BYTES) * _BLOCK_BYTES)
        sealed = self._cipher.encrypt(nonce, padded, _bound_to(purpose, viewer))
        return base64.urlsafe_b64encode(_VERSION + nonce + sealed).rstrip(b"=").decode()

    def open(self, cursor: str, purpose: str, viewer: str) -> Plain:
        """Return what was sealed; raises BadCursorError, the same for every reason."""
        try:
            raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            if len(cursor) > MAX_LENGTH or raw[:1] != _VERSION:
                raise BadCursorError(
                    "the cursor is not one of this list", field="cursor", hint="start without a cursor"
                )
            nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
            return decode(self._cipher.decrypt(nonce, sealed, _bound_to(purpose, viewer)))
        except (InvalidTag, binascii.Error, ValueError) as error:
            message = "the cursor is not one of this list"
            raise BadCursorError(message, field="cursor", hint="start without a cursor") from error


def _bound_to(purpose: str, viewer: str) -> bytes:
    return canonical([purpose, viewer])
