"""A signing key as it is stored, and as it is used; not its row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reality_engine.kernel.ids import fresh_id
from reality_engine.signing.algorithms import Algorithm, Jwk, PrivateKey, private_text, public_jwk
from reality_engine.web.seals import Seals


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key of which the private half is sealed."""

    kid: str
    algorithm: Algorithm
    public: Jwk
    sealed: str

    @classmethod
    def of(cls, algorithm: Algorithm, key: PrivateKey, seals: Seals, moment: datetime) -> "StoredKey":
        """Name a fresh key and seal it; it opens under its own name alone."""
        kid = fresh_id(moment)
        public = public_jwk(algorithm, kid, key.public_key())
        return cls(kid, algorithm, public, seals.seal(private_text(key), kid))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What signs."""

    kid: str
    algorithm: Algorithm
    key: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """What a signature is checked by: its own algorithm alone, whatever a token says."""

    algorithm: Algorithm
    key: Any = field(repr=False)
