"""Reads API keys as credentials, and remembers for a moment which of them stand; the tables decide."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from reality_engine.accounts.standing import DUE, TRUST
from reality_engine.bots import repository
from reality_engine.bots.bot import Bot, Key, acting
from reality_engine.bots.key_text import PREFIX, digest_of, is_key
from reality_engine.bots.quotas import Quotas, Uses
from reality_engine.bots.repository import Found
from reality_engine.db.reading.together import Together
from reality_engine.db.unit import Units
from reality_engine.kernel.errors import RealityError, UnauthenticatedError
from reality_engine.kernel.principal import Principal

ROOM: Final = 10_000


@dataclass(slots=True)
class _Seen:
    """A key that stood when it was asked about: `until` when that is believed, and from when on it is asked anew."""

    principal: Principal
    found: Found
    uses: Uses
    at: datetime
    due: datetime
    until: datetime


class KeyStandings:
    """Answers whose a key is, from what the tables said at most a second ago: as `accounts.Standings` for sessions."""

    def __init__(self, quotas: Quotas, room: int = ROOM) -> None:
        """Remember at most `room` keys, and count the uses of each."""
        self._quotas: Final = quotas
        self._room: Final = room
        self._together: Together[str, Found] | None = None
        self._seen: dict[str, _Seen] = {}
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
        seen = self._seen.get(token)
        if seen is None or not seen.at <= moment < seen.until:
            seen = await self._ask(units, token, moment) if is_key(token) else None
            if seen is None or moment >= seen.until:
                raise _no_good()
        elif moment >= seen.due:
            seen.due = seen.until  # by this one; who comes once that is over asks again, and is told what is wrong
            self._renew(units, token, moment)
        seen.uses.take(moment)
        return seen.principal

    def forget(self, which: Callable[[Bot, Key], bool]) -> None:
        """Ask the tables again about some keys; called after the commit that changed them, their bots or owners."""
        self._forgotten += 1
        for token in [token for token, seen in self._seen.items() if which(seen.found.bot, seen.found.key)]:
            del self._seen[token]

    async def _ask(self, units: Units, token: str, moment: datetime) -> _Seen | None:
        before = self._forgotten
        if self._together is None:
            self._together = Together(partial(_read, units))
        found = await self._together.of(token)
        held = self._seen.pop(token, None)
        if found is None:
            return None
        principal = acting(found.bot, found.key)
        if held is not None and held.principal == principal:
            principal = held.principal  # the same one goes on being compared quickly
        until = min(moment + TRUST, found.key.expires_at or datetime.max.replace(tzinfo=UTC))
        seen = _Seen(principal, found, self._quotas.uses_of(found, moment), moment, moment + DUE, until)
        if before == self._forgotten:
            self._keep(token, seen)
        return seen

    def _keep(self, token: str, seen: _Seen) -> None:
        self._seen[token] = seen
        if len(self._seen) > self._room:
            del self._seen[next(iter(self._seen))]

    def _renew(self, units: Units, token: str, moment: datetime) -> None:
        task = asyncio.create_task(self._renewed(units, token, moment))
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)

    async def _renewed(self, units: Units, token: str, moment: datetime) -> None:
        with suppress(RealityError):  # nobody waits for this
            await self._ask(units, token, moment)


async def _read(units: Units, tokens: Collection[str]) -> dict[str, Found]:
    by_digest = {digest_of(token): token for token in tokens}
    async with units.read() as unit:
        found = await repository.find_standing(unit, by_digest)
    return {by_digest[digest]: one for digest, one in found.items()}


def _no_good() -> UnauthenticatedError:
    return UnauthenticatedError("the API key is not valid", hint="it may be revoked or over: its bot's owner knows")
