"""The ways to sign, and keys for those that have a public half: made, written, read; not where they are kept."""

import json
from enum import StrEnum
from typing import Any, Final, TypeAlias

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import Algorithm as Implementation
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

RSA_BITS: Final = 2_048
PrivateKey: TypeAlias = "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey"
PublicKey: TypeAlias = "rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey"
Jwk: TypeAlias = dict[str, Any]


class Algorithm(StrEnum):
    """The `alg` of a token (RFC 7518, RFC 8037). There is no `none`."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"
    EDDSA = "EdDSA"

    @property
    def public(self) -> bool:
        """Whether others can check what it signed, by a key that they may know."""
        return self is not Algorithm.HS256


_IMPLEMENTATIONS: Final[dict[Algorithm, Any]] = {
    Algorithm.RS256: RSAAlgorithm,
    Algorithm.ES256: ECAlgorithm,
    Algorithm.EDDSA: OKPAlgorithm,
}


def make_key(algorithm: Algorithm) -> PrivateKey:
    """Return a fresh key; for RS256 this takes some tenths of a second."""
    if algorithm is Algorithm.RS256:
        return rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS)
    if algorithm is Algorithm.ES256:
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm is Algorithm.EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError("this way has no key of its own")


def private_text(key: PrivateKey) -> str:
    """Write a private key as PEM, which is not encrypted: only to be sealed."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def private_key(text: str) -> PrivateKey:
    """Read what `private_text` wrote."""
    key = serialization.load_pem_private_key(text.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise TypeError("not a key of a way to sign that is known here")
    return key


def public_jwk(algorithm: Algorithm, kid: str, key: PublicKey) -> Jwk:
    """Write a public key as others read it (RFC 7517)."""
    implementation: type[Implementation] = _IMPLEMENTATIONS[algorithm]
    return {**json.loads(implementation.to_jwk(key)), "kid": kid, "alg": algorithm.value, "use": "sig"}


def public_key(algorithm: Algorithm, jwk: Jwk) -> PublicKey:
    """Read what `public_jwk` wrote."""
    key: PublicKey = _IMPLEMENTATIONS[algorithm].from_jwk(jwk)
    return key
