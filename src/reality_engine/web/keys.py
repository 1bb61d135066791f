"""Keys for single purposes out of the server's one secret; not the secret, which comes from the settings."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(secret: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose (HKDF, RFC 5869), from which neither the secret nor another key follows."""
    return HKDF(SHA256(), length=32, salt=None, info=f"reality-engine {purpose}".encode()).derive(secret)
