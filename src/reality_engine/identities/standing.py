"""Remembers for a moment whose account somebody is whom a provider knows, in bounded room; the tables decide."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from reality_engine.accounts import repository as accounts
from reality_engine.accounts.bans import bans_of
from reality_engine.accounts.standing import DUE, TRUST
from reality_engine.accounts.user import User
from reality_engine.db.reading.together import Together
from reality_engine.db.unit import Units
from reality_engine.identities import repository
from reality_engine.kernel.errors import RealityError

ROOM: Final = 10_000


@dataclass(slots=True)
class _Seen:
    """An account that lived when it was asked about."""

    user: User
    at: datetime
    renewing: bool = False

    def holds(self, moment: datetime) -> bool:
        return self.at <= moment < self.at + TRUST


class IdentityStandings:
    """Answers whose account it is from what the tables said at most a second ago, as `accounts.Standings` does."""

    def __init__(self, issuer: str, room: int = ROOM) -> None:
        """Remember at most `room` people of one provider."""
        self._issuer: Final = issuer
        self._room: Final = room
        self._seen: dict[str, _Seen] = {}
        self._together: Together[str, User] | None = None
        self._renewals: set[asyncio.Task[None]] = set()
        # Counts what was forgotten, so that what was read before that is not kept after it.
        self._forgotten = 0

    async def user_of(self, units: Units, subject: str, moment: datetime) -> User | None:
        """Return the living account of somebody, None where there is none."""
        seen = self._seen.get(subject)
        if seen is None or not seen.holds(moment):
            return await self._ask(units, subject, moment)
        if moment >= seen.at + DUE and not seen.renewing:
            seen.renewing = True
            task = asyncio.create_task(self._renew(units, subject, moment))
            self._renewals.add(task)
            task.add_done_callback(self._renewals.discard)
        return seen.user

    def forget_user(self, user_id: str) -> None:
        """Ask the tables again about somebody; called after a commit that changed their account or its links."""
        self._forgotten += 1
        self._seen = {subject: seen for subject, seen in self._seen.items() if seen.user.id != user_id}

    async def _ask(self, units: Units, subject: str, moment: datetime) -> User | None:
        before = self._forgotten
        if self._together is None:
            self._together = Together(partial(_read, units, self._issuer))
        user = await self._together.of(subject)
        self._seen.pop(subject, None)
        if user is not None and before == self._forgotten:
            self._seen[subject] = _Seen(user, moment)
            if len(self._seen) > self._room:
                del self._seen[next(iter(self._seen))]
        return user

    async def _renew(self, units: Units, subject: str, moment: datetime) -> None:
        try:
            await self._ask(units, subject, moment)
        except RealityError:
            # Nobody waits for this: who comes once the second is over asks again, and is told.
            seen = self._seen.get(subject)
            if seen is not None:
                seen.renewing = False


async def _read(units: Units, issuer: str, subjects: Collection[str]) -> dict[str, User]:
    async with units.read() as unit:
        linked = await repository.users_of_subjects(unit, issuer, subjects)
        banned = await bans_of(unit, list(linked.values()))
        users = await accounts.list_users(unit, list(linked.values()))
    living = {user.id: user for user in users if user.id not in banned}
    return {subject: living[user] for subject, user in linked.items() if user in living}
