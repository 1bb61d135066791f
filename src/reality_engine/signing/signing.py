"""Signs tokens and reads them back, by keys that all processes share; not what the tokens are for."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
from jwt.types import Options

from reality_engine.db.unit import Units
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.ids import is_id
from reality_engine.signing import repository, service
from reality_engine.signing.algorithms import Algorithm, Jwk, make_key, private_key, public_key
from reality_engine.signing.errors import BadTokenError
from reality_engine.signing.key import SigningKey, StoredKey, VerifyingKey
from reality_engine.signing.models import SigningKeyRow
from reality_engine.web.keys import derive
from reality_engine.web.seals import BrokenSealError, Seals

logger = logging.getLogger(__name__)

# A key that was retired by another process is refused here after this long at the latest.
TRUST: Final = timedelta(seconds=1)
# Larger than any that is signed here, so that nothing of a client's choosing is parsed at length.
MAX_LENGTH: Final = 4_000
# Moments are for the reader, by our clock and not the machine's; and so are issuer and audience.
_CHECKS: Final[Options] = {
    "verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False, "verify_iss": False,
    "verify_sub": False, "verify_jti": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """What a token says, and which key has signed it."""

    claims: Mapping[str, Any]
    kid: str


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keys of the database, as of a moment."""

    read_at: datetime
    signers: Mapping[Algorithm, SigningKey] = field(default_factory=dict)
    verifiers: Mapping[str, VerifyingKey] = field(default_factory=dict)
    public: Sequence[Jwk] = ()

    def holds(self, moment: datetime) -> bool:
        return self.read_at <= moment < self.read_at + TRUST


class Signing:
    """JSON Web Tokens (RFC 7519), each signed by the key that its `kid` names and by that key's own algorithm.

    HS256 has one key, which follows from the server's secret. Keys of the others are made when they are first needed,
    and kept in the database; each process reads them at most once a second, and at once where a token names a key that
    it does not know. So nothing here may be called inside a transaction.
    """

    def __init__(self, secret: bytes, units: Units) -> None:
        """Derive the key of HS256 from the server's secret, and the one by which other keys are sealed."""
        # A name that tells one secret's key from another's, and nothing of either.
        kid = derive(secret, "name of the key of tokens").hex()[:16]
        self._own = SigningKey(kid, Algorithm.HS256, derive(secret, "access tokens"))
        self._seals = Seals(secret, "signing keys")
        self._units = units
        self._ring = _Ring(datetime.min.replace(tzinfo=UTC))
        self._opened: dict[str, SigningKey] = {}
        self._reading = asyncio.Lock()
        self._begun = self._finished = 0

    async def sign(self, claims: Mapping[str, Any], algorithm: Algorithm, moment: datetime, kind: str = "JWT") -> str:
        """Return a token; `kind` is its `typ`, by which one sort of token is never taken for another."""
        key = self._own if algorithm is Algorithm.HS256 else await self._signer(algorithm, moment)
        return jwt.encode(dict(claims), key.key, key.algorithm.value, headers={"kid": key.kid, "typ": kind})

    async def read(self, token: str, moment: datetime, kind: str = "JWT") -> Signed:
        """Return what a token of this kind says that was signed here; raises BadTokenError. It may be long over."""
        try:
            kid, said = _header(token, kind)
            key = await self._verifier(kid, moment)
            if said != key.algorithm.value:
                raise BadTokenError("the token says another algorithm than its key has")
            return Signed(jwt.decode(token, key.key, [key.algorithm.value], options=_CHECKS), kid)
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise BadTokenError("the token is not valid") from error

    def accepts(self, kid: str, moment: datetime) -> bool:
        """Say whether a key is known to be accepted, without asking; where not, `still_accepts` asks."""
        return kid == self._own.kid or (self._ring.holds(moment) and kid in self._ring.verifiers)

    async def still_accepts(self, kid: str, moment: datetime) -> bool:
        """Say whether what a key has signed is accepted."""
        return kid == self._own.kid or kid in (await self._fresh(moment)).verifiers

    async def public_keys(self, moment: datetime) -> Sequence[Jwk]:
        """Return the keys by which others check what was signed here (RFC 7517)."""
        return (await self._fresh(moment)).public

    async def make(self, algorithm: Algorithm, moment: datetime) -> StoredKey:
        """Return a fresh key that is not stored yet; made in a thread, since it may take long."""
        return StoredKey.of(algorithm, await asyncio.to_thread(make_key, algorithm), self._seals, moment)

    def opens(self, row: SigningKeyRow) -> bool:
        """Say whether the private half of a key is there and opens by this server's secret."""
        return self._signing_key(row) is not None

    async def _signer(self, algorithm: Algorithm, moment: datetime) -> SigningKey:
        found = (await self._fresh(moment)).signers.get(algorithm)
        if found is not None:
            return found
        fresh = await self.make(algorithm, moment)
        async with self._units.write() as unit:
            await service.begin(unit, fresh, moment)
            await unit.commit()
        found = (await self._reread(moment)).signers.get(algorithm)
        if found is None:
            message = f"the key that signs by {algorithm.value} does not open with this server's secret"
            raise IntegrityError(message, hint="have another one sign: reality keys rotate")
        return found

    async def _verifier(self, kid: str, moment: datetime) -> VerifyingKey:
        if kid == self._own.kid:
            return VerifyingKey(self._own.algorithm, self._own.key)
        if not is_id(kid):
            raise BadTokenError("there is no such key")
        found = (await self._fresh(moment)).verifiers.get(kid)
        if found is None:
            # It may have been made by another process a moment ago.
            found = (await self._reread(moment)).verifiers.get(kid)
        if found is None:
            raise BadTokenError("there is no such key")
        return found

    async def _fresh(self, moment: datetime) -> _Ring:
        return self._ring if self._ring.holds(moment) else await self._reread(moment)

    async def _reread(self, moment: datetime) -> _Ring:
        """Return the keys as of a read that began after this was called, which all share who wait for one."""
        asked = self._begun
        async with self._reading:
            if self._finished <= asked:
                self._begun += 1
                number = self._begun
                async with self._units.read() as unit:
                    rows = await repository.list_accepted(unit, moment)
                self._ring = self._strung(rows, moment)
                self._finished = number
        return self._ring

    def _strung(self, rows: Sequence[SigningKeyRow], moment: datetime) -> _Ring:
        kept = {row.id: found for row in rows if (found := self._signing_key(row)) is not None}
        self._opened = kept
        verifiers = {
            row.id: VerifyingKey(Algorithm(row.algorithm), public_key(Algorithm(row.algorithm), row.public))
            for row in rows
        }
        return _Ring(
            moment, {key.algorithm: key for key in kept.values()}, verifiers, tuple(row.public for row in rows)
        )

    def _signing_key(self, row: SigningKeyRow) -> SigningKey | None:
        if row.sealed is None:
            return None
        if row.id in self._opened:
            return self._opened[row.id]
        try:
            text = self._seals.open(row.sealed, row.id)
        except BrokenSealError:
            logger.warning("the signing key %s does not open with this server's secret", row.id)
            return None
        return SigningKey(row.id, Algorithm(row.algorithm), private_key(str(text)))


def _header(token: str, kind: str) -> tuple[str, str]:
    """Return which key and algorithm a token names; raises BadTokenError and what the library raises."""
    if len(token) > MAX_LENGTH:
        raise BadTokenError("the token is too long")
    header = jwt.get_unverified_header(token)
    kid, said = header.get("kid"), header.get("alg")
    # `crit` asks for what is not known here (RFC 7515, section 4.1.11).
    if header.get("typ") != kind or "crit" in header or not isinstance(kid, str) or not isinstance(said, str):
        raise BadTokenError("the token is not of this kind")
    return kid, said
