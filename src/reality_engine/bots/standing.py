"""Reads API keys as credentials, and remembers for a moment which of them stand; the tables decide."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from reality_engine.accounts.standing import DUE, TRUST
from reality_engine.bots import repository
from reality_engine.bots.bot import Bot, Key, acting
from reality_engine.bots.key_text import PREFIX, digest_of, is_key
from reality_engine.bots.quotas import Quotas
from reality_engine.bots.repository import Found
from reality_engine.db.reading.together import Together
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import RealityError, UnauthenticatedError
from reality_engine.kernel.principal import Principal

ROOM: Final = 10_000


@dataclass(slots=True)
class _Seen:
    """A key that stood when it was asked about."""

    principal: Principal
    found: Found
    at: datetime
    renewing: bool = False

    def holds(self, moment: datetime) -> bool:
        return self.at <= moment < self.at + TRUST


class KeyStandings:
    """Answers whose a key is, from what the tables said at most a second ago: as `accounts.Standings` for sessions."""

    def __init__(self, quotas: Quotas, room: int = ROOM) -> None:
        """Remember at most `room` keys, and count the uses of each."""
        self._quotas: Final = quotas
        self._room: Final = room
        self._together: Together[bytes, Found] | None = None
        self._seen: dict[bytes, _Seen] = {}
        self._renewals: set[asyncio.Task[None]] = set()
        # Counts what was forgotten, so that what was read before that is not kept after it.
        self._forgotten = 0

    def reads(self, token: str) -> bool:
        """Say whether this looks like a key."""
        return token.startswith(PREFIX)

    async def principal_of(self, units: Units, token: str, moment: datetime) -> Principal:
        """Return whose key it is, and count that; raises UnauthenticatedError and QuotaExceededError.

        The former where the key, its bot or its owner is no more.
        """
        digest = digest_of(token)
        seen = self._seen.get(digest)
        if seen is None or not seen.holds(moment):
            seen = await self._ask(units, digest, moment) if is_key(token) else None
        elif moment >= seen.at + DUE and not seen.renewing:
            seen.renewing = True
            self._renew(units, digest, moment)
        if seen is None or not seen.found.key.stands(moment):
            raise _no_good()
        self._quotas.take(seen.found, moment)
        return seen.principal

    def forget(self, which: Callable[[Bot, Key], bool]) -> None:
        """Ask the tables again about some keys; called after the commit that changed them, their bots or owners."""
        self._forgotten += 1
        for digest in [digest for digest, seen in self._seen.items() if which(seen.found.bot, seen.found.key)]:
            del self._seen[digest]

    async def _ask(self, units: Units, digest: bytes, moment: datetime) -> _Seen | None:
        before = self._forgotten
        if self._together is None:
            self._together = Together(partial(_read, units))
        found = await self._together.of(digest)
        held = self._seen.pop(digest, None)
        if found is None:
            return None
        principal = acting(found.bot, found.key)
        if held is not None and held.principal == principal:
            principal = held.principal  # the same one goes on being compared quickly
        seen = _Seen(principal, found, moment)
        self._quotas.learn(found)
        if before == self._forgotten:
            self._keep(digest, seen)
        return seen

    def _keep(self, digest: bytes, seen: _Seen) -> None:
        self._seen[digest] = seen
        if len(self._seen) > self._room:
            del self._seen[next(iter(self._seen))]

    def _renew(self, units: Units, digest: bytes, moment: datetime) -> None:
        task = asyncio.create_task(self._renewed(units, digest, moment))
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    async def _renewed(self, units: Units, digest: bytes, moment: datetime) -> None:
        try:
            await self._ask(units, digest, moment)
        except RealityError:
            # Nobody waits for this: who comes once the second is over asks again, and is told.
            seen = self._seen.get(digest)
            if seen is not None:
                seen.renewing = False


async def _read(units: Units, digests: Collection[bytes]) -> dict[bytes, Found]:
    async with units.read() as unit:
        return await repository.find_standing(unit, digests)


def _no_good() -> UnauthenticatedError:
    return UnauthenticatedError("the API key is not valid", hint="it may be revoked or over: its bot's owner knows")
