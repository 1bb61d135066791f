"""Counts that several processes share: each counts in its own memory, and they tell each other a few times a second.

No request waits for that, and none fails by it. Where it cannot be told, each process counts for itself, and tells
later what it has counted meanwhile; what was told in vain may then count twice. Within a beat each may let through what
the others have used up already.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from reality_engine.kernel.clock import Clock
from reality_engine.rates.counts import ROOM, Counted, Counts
from reality_engine.rates.rate import Rate

BEAT_SECONDS: Final = 0.2
# After a failure it is tried again so much later.
PAUSE_SECONDS: Final = 2.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What is counted together everywhere: a key's window of a rate."""

    rate: str
    key: str
    number: int
    seconds: int


class Store(Protocol):
    """Where all processes add up."""

    async def add(self, changes: Sequence[tuple[Place, int]]) -> Sequence[tuple[int, int]]:
        """Add to each, and return what each comes to, and its window before; raises OSError where that cannot be."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


class SharedCounts(Counts):
    """Counts as one process does, with what the others have counted."""

    def __init__(self, clock: Clock, store: Store, room: int = ROOM) -> None:
        """Keep at most `room` keys, here and on the way to the store."""
        super().__init__(clock, room)
        self._store = store
        self._untold: dict[Place, int] = {}
        self._telling: asyncio.Task[None] | None = None
        self._fails = False

    def take(self, rate: Rate, key: str, cost: int = 1) -> Counted:
        """Count, and tell soon."""
        found = super().take(rate, key, cost)
        if found.allowed:
            self._note(rate, key, cost)
        return found

    def give_back(self, rate: Rate, key: str, cost: int = 1) -> int:
        """Undo, and tell soon."""
        given = super().give_back(rate, key, cost)
        self._note(rate, key, -given)
        return given

    async def tell(self) -> None:
        """Tell now what was counted, and take what others have; raises OSError, and keeps it all, where it cannot."""
        changes, self._untold = self._untold, {}
        if not changes:
            return
        try:
            totals = await self._store.add(list(changes.items()))
        except BaseException:
            for place, cost in changes.items():
                self._keep(place, cost)
            raise
        for place, (total, before) in zip(changes, totals, strict=True):
            window = self._windows.get((place.rate, place.key))
            if window is not None and window.number == place.number:
                window.now, window.before = max(0, total + self._untold.get(place, 0)), before

    async def close(self) -> None:
        """Tell no more."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        await self._store.close()

    def _note(self, rate: Rate, key: str, cost: int) -> None:
        if cost:
            self._keep(Place(rate.name, key, self._windows[rate.name, key].number, rate.seconds), cost)
            if self._telling is None:
                self._telling = asyncio.get_running_loop().create_task(self._tell_all())

    def _keep(self, place: Place, cost: int) -> None:
        self._untold[place] = self._untold.get(place, 0) + cost
        if len(self._untold) > self._room:
            del self._untold[next(iter(self._untold))]

    async def _tell_all(self) -> None:
        try:
            while self._untold:
                await asyncio.sleep(PAUSE_SECONDS if self._fails else BEAT_SECONDS)
                await self._try()
        finally:
            self._telling = None

    async def _try(self) -> None:
        try:
            await self.tell()
        except OSError as error:
            if not self._fails:
                logger.warning("the counts cannot be shared, so that each process counts for itself: %s", error)
            self._fails = True
        else:
            if self._fails:
                logger.warning("the counts are shared again")
            self._fails = False
