"""The public keys of an identity provider, kept for a while and fetched anew when need be; not the tokens they sign."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from reality_engine.identities.errors import ForeignTokenError, IssuerUnavailableError
from reality_engine.identities.fetching import Fetching
from reality_engine.kernel.clock import Clock

logger = logging.getLogger(__name__)

# What is older is fetched anew while it is still believed, and nobody waits; then it is believed no longer.
FRESH: Final = timedelta(minutes=10)
BELIEVED: Final = timedelta(hours=1)
# A key that is not there is looked for again at most this often, whoever asks for whatever.
UNKNOWN_AGAIN: Final = timedelta(seconds=30)
FAILED_AGAIN: Final = timedelta(seconds=5)
MAX_KEYS: Final = 100
# Only signatures that the public half verifies: a key that anybody can read must never be taken for a shared secret.
ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
MIN_RSA_BITS: Final = 2_048


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key and the one algorithm that it is good for."""

    algorithm: str
    public: Any


class IssuerKeys:
    """Keys by their names. There is one request to the provider at a time, and everybody waits for the same one."""

    def __init__(self, fetching: Fetching, address: Callable[[], Awaitable[str]], clock: Clock) -> None:
        """Fetch from what `address` gives; nothing is fetched before the first key is asked for."""
        self._fetching = fetching
        self._address = address
        self._clock = clock
        self._keys: dict[str, IssuerKey] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._failed = False
        self._under_way: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> IssuerKey:
        """Return a key; raises ForeignTokenError for an unknown one and IssuerUnavailableError where none are known."""
        if not self._within(self._fetched, BELIEVED):
            await self._fetch_unless_lately(FAILED_AGAIN)
            if not self._within(self._fetched, BELIEVED):
                raise IssuerUnavailableError("the keys of the identity provider cannot be had")
        elif not self._within(self._fetched, FRESH) and not self._within(self._tried, UNKNOWN_AGAIN):
            self._begin()
        found = self._find(kid)
        if found is None:
            await self._fetch_unless_lately(UNKNOWN_AGAIN)
            found = self._find(kid)
        if found is None:
            raise ForeignTokenError("the token is signed with an unknown key", hint="log in again")
        return found

    def _find(self, kid: str) -> IssuerKey | None:
        if not kid and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid)

    def _within(self, since: datetime | None, age: timedelta) -> bool:
        return since is not None and since <= self._clock.now() < since + age

    async def _fetch_unless_lately(self, age: timedelta) -> None:
        if self._under_way is None and self._within(self._tried, FAILED_AGAIN if self._failed else age):
            return
        # Others wait for the same answer, and must have it even if this one goes away.
        await asyncio.shield(self._begin())

    def _begin(self) -> asyncio.Task[None]:
        if self._under_way is None:
            self._tried = self._clock.now()
            self._under_way = asyncio.create_task(self._fetch())
        return self._under_way

    async def _fetch(self) -> None:
        try:
            asked_at = self._clock.now()
            self._keys = usable((await self._fetching.get(await self._address())).get("keys"))
            self._fetched, self._failed = asked_at, False
        except IssuerUnavailableError as error:
            self._failed = True
            logger.warning("the keys of an identity provider could not be fetched: %s", error)
        finally:
            self._under_way = None


def usable(published: object) -> dict[str, IssuerKey]:
    """Return the keys that may sign tokens, by name; raises IssuerUnavailableError where there are none."""
    found: dict[str, IssuerKey] = {}
    for one in published[:MAX_KEYS] if isinstance(published, list) else ():
        key = _usable(one)
        if key is not None:
            found.setdefault(str(one.get("kid") or ""), key)
    if not found:
        raise IssuerUnavailableError("the identity provider publishes no key that could be used")
    return found


def _usable(published: object) -> IssuerKey | None:
    if not isinstance(published, dict) or published.get("use", "sig") != "sig" or published.get("kty") == "oct":
        return None
    try:
        read = PyJWK(published)
    except (PyJWTError, ValueError, TypeError, KeyError):
        return None
    short = isinstance(read.key, RSAPublicKey) and read.key.key_size < MIN_RSA_BITS
    return IssuerKey(read.algorithm_name, read.key) if read.algorithm_name in ALGORITHMS and not short else None
