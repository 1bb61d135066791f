"""Hashes passwords and checks them, in threads; what one must be is said by `strength`."""

import asyncio
import base64
import hmac
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from reality_engine.accounts.settings import AccountSettings
from reality_engine.accounts.strength import MAX_LENGTH, normal_password
from reality_engine.kernel.chance import new_token
from reality_engine.kernel.errors import BusyError

T = TypeVar("T")

# Each takes a quarter of a second of one core: more at once would only make all of them late.
AT_ONCE: Final = 2
# Who comes when so many wait would wait longer than anybody does.
MAX_WAITING: Final = 100
BUSY_SECONDS: Final = 10
# A tenth of what others get of a processor that all want, so that log-ins are slow then, and not out of the question.
LOW_PRIORITY: Final = 10
_PREHASH_KEY: Final = b"reality-engine password"


def _give_way() -> None:
    """Have this thread step back where others want to run: nobody's action is to wait for somebody's log-in."""
    if sys.platform == "linux":  # elsewhere it would slow down the whole process
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW_PRIORITY)


class _PrehashedBcrypt(BcryptHasher):
    """Bcrypt over a keyed digest of the password, since bcrypt itself refuses what is over 72 bytes.

    Keyed, so that a bare SHA-256 of the password that leaked elsewhere cannot be tried against our hashes.
    """

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        return super().hash(_digest(password), salt=salt)

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the library's name
        return super().verify(_digest(password), hash)


def _digest(password: str | bytes) -> bytes:
    raw = password.encode() if isinstance(password, str) else password
    return base64.b64encode(hmac.digest(_PREHASH_KEY, raw, "sha256"))


class Passwords:
    """Hashes by the hasher that the settings name; checks hashes of either."""

    def __init__(self, settings: AccountSettings) -> None:
        """Prepare the hashers, and one hash that no password matches: this takes as long as one log-in."""
        hashers = {"bcrypt": _PrehashedBcrypt(settings.bcrypt_rounds), "argon2id": Argon2Hasher()}
        chosen = hashers.pop(settings.hasher)
        self._hashing = PasswordHash((chosen, *hashers.values()))
        self._nobody = self._hashing.hash(new_token())
        self._threads = ThreadPoolExecutor(AT_ONCE, "passwords", _give_way)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Return the hash to store; call it outside of any transaction, since it takes long."""
        return await self._apart(self._hashing.hash, normal_password(password))

    async def check(self, password: str, stored: str | None) -> bool:
        """Say whether the password is the one; takes as long where there is none, or an empty one."""
        if len(password) > MAX_LENGTH:
            return False
        fits = await self._apart(self._hashing.verify, normal_password(password), stored or self._nobody)
        return fits and bool(stored)

    async def _apart(self, work: Callable[..., T], *given: str) -> T:
        """Do it in one of the threads, in turn; raises BusyError where too many wait already."""
        if self._waiting >= MAX_WAITING:
            raise BusyError("too many are logging in", hint="try again soon", retry_after=BUSY_SECONDS)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._waiting -= 1

    def outdated(self, stored: str) -> bool:
        """Say whether the hash was made by another hasher, or with another cost, than the settings name now."""
        current = self._hashing.current_hasher
        return not current.identify(stored) or current.check_needs_rehash(stored)
