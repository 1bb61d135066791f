"""Sealed texts, which a client can carry but neither read nor forge nor use elsewhere; not what stands in them."""

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reality_engine.kernel.chance import new_bytes
from reality_engine.kernel.json import Plain, decode, encode
from reality_engine.web.keys import derive

# A place in a list by four texts of a hundred characters, each of which may take six bytes, fits.
MAX_LENGTH: Final = 4_096
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
# The length must not tell how large the numbers inside are.
_BLOCK_BYTES: Final = 256


class BrokenSealError(Exception):
    """A text was not sealed here, for this use, or not for these circumstances; never said which."""


class Seals:
    """Seals and opens by AES-256-GCM, under a key for one use, derived from the server's secret."""

    def __init__(self, secret: bytes, use: str) -> None:
        """Derive the key from the server's secret, which has other uses too."""
        self._cipher = AESGCM(derive(secret, use))

    def seal(self, payload: Plain, *bound: str) -> str:
        """Return a text that opens only for the same `bound`, such as whose it is."""
        # Nonces are random: some 2**32 a key are safe, far from what one server seals.
        nonce = new_bytes(_NONCE_BYTES)
        text = encode(payload)
        padded = text.ljust(-(-len(text) // _BLOCK_BYTES) * _BLOCK_BYTES)
        sealed = self._cipher.encrypt(nonce, padded, encode(list(bound)))
        return base64.urlsafe_b64encode(_VERSION + nonce + sealed).rstrip(b"=").decode()

    def open(self, text: str, *bound: str) -> Plain:
        """Return what was sealed; raises BrokenSealError, the same for every reason."""
        try:
            raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
            if len(text) > MAX_LENGTH or raw[:1] != _VERSION:
                raise BrokenSealError
            nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
            return decode(self._cipher.decrypt(nonce, sealed, encode(list(bound))))
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise BrokenSealError from error
