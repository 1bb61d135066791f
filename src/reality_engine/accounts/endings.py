"""Tells live connections that whoever they are for may not be there any more; not the connections."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from reality_engine.accounts import repository
from reality_engine.db.unit import ReadUnit, Units
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import RealityError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.principal import Principal, PrincipalKind

logger = logging.getLogger(__name__)

# How often the tables are asked while somebody waits: an end is noticed within a second, in whatever process it was.
BEAT: Final = 0.4
# So many are asked about in one query.
AT_ONCE: Final = 500

# Which of some credentials still stand at a moment.
Standing: TypeAlias = Callable[[ReadUnit, Sequence[str], datetime], Awaitable[Collection[str]]]


async def standing_sessions(unit: ReadUnit, sessions: Sequence[str], moment: datetime) -> Collection[str]:
    """Return those of the sessions that stand, their users too; what is no session of ours does not."""
    return await repository.find_users_of_sessions(unit, [one for one in sessions if is_id(one)], moment)


class Endings:
    """Asks about all credentials that anybody waits for, together and again and again; about nothing where nobody does.

    While the database cannot be asked nobody is told anything: connections live on, and learn of it after that.
    """

    def __init__(self, units: Units, clock: Clock, kinds: Mapping[PrincipalKind, Standing], beat: float = BEAT) -> None:
        """Ask by the credential's kind, which is that of who acts by it."""
        self._units = units
        self._clock = clock
        self._kinds = kinds
        self._beat = beat
        self._waiting: dict[tuple[PrincipalKind, str], set[asyncio.Future[None]]] = {}
        self._asking: asyncio.Task[None] | None = None

    @property
    def awaited(self) -> int:
        """How many credentials somebody waits for."""
        return len(self._waiting)

    async def until_over(self, principal: Principal) -> None:
        """Return once session, key or user of a principal has ended; never for who needs no credential.

        Raises LookupError where nobody knows how credentials of this kind end: no connection may outlive its own.
        """
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if principal.credential is None:
            if principal.known:
                raise LookupError("somebody known has a credential")
            await over
            return
        if principal.kind not in self._kinds:
            raise LookupError(f"nobody knows how credentials of a {principal.kind} end")
        key = (principal.kind, principal.credential)
        self._waiting.setdefault(key, set()).add(over)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_on())
        try:
            await over
        finally:
            self._leave(key, over)

    async def close(self) -> None:
        """Ask no more; whoever waits goes on waiting."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _leave(self, key: tuple[PrincipalKind, str], over: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.discard(over)
            if not waiting:
                del self._waiting[key]

    async def _ask_on(self) -> None:
        try:
            while self._waiting:
                try:
                    await self._ask()
                except RealityError as error:
                    logger.warning("it could not be asked whose sessions are over: %s", error.message)
                except Exception:
                    logger.exception("asking whose sessions are over failed")
                await asyncio.sleep(self._beat)
        finally:
            self._asking = None

    async def _ask(self) -> None:
        for kind, standing in self._kinds.items():
            wanted = [credential for of, credential in self._waiting if of is kind]
            for start in range(0, len(wanted), AT_ONCE):
                asked = wanted[start : start + AT_ONCE]
                async with self._units.read() as unit:
                    found = await standing(unit, asked, self._clock.now())
                for credential in asked:
                    if credential not in found:
                        self._end((kind, credential))

    def _end(self, key: tuple[PrincipalKind, str]) -> None:
        for over in self._waiting.get(key, ()):
            if not over.done():
                over.set_result(None)
