"""Holds keys to their quotas, in one process; what is counted in others is known by the tables, a little late.

A use is counted in memory, and what was counted is added to the tables at each beat: no request waits for that.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from reality_engine.accounts.standing import TRUST
from reality_engine.bots import repository
from reality_engine.bots.errors import QuotaExceededError
from reality_engine.bots.repository import Count, Found
from reality_engine.bots.windows import Window, windows_of
from reality_engine.db.unit import Units
from reality_engine.kernel.clock import Clock

# When a key was used last is noted once in a while: nobody needs it to the second.
COARSELY: Final = timedelta(minutes=1)
# What is known of the uses of a key outlives by far what is believed of the key itself, and is learned with that anew.
_IDLE: Final = 10 * TRUST


@dataclass(slots=True)
class Uses:
    """The uses of one key, as far as this process knows of them."""

    windows: tuple[Window, ...]
    used_at: datetime
    noted_at: datetime | None

    def take(self, moment: datetime) -> None:
        """Count one; raises QuotaExceededError, and then it is not counted."""
        for window in self.windows:
            if moment >= window.ends_at:
                window.turn(moment)
            if window.full:
                message = f"the quota of this key is used up: {window.limit} requests a {window.span}"
                raise QuotaExceededError(message, retry_after=window.ends_in(moment))
        for window in self.windows:
            window.unsent += 1
        self.used_at = moment

    @property
    def unnoted(self) -> bool:
        """Whether it is time to note when the key was used."""
        return self.noted_at is None or self.used_at >= self.noted_at + COARSELY

    @property
    def due(self) -> bool:
        """Whether there is anything to write."""
        return self.unnoted or any(window.unsent for window in self.windows)


@dataclass
class Quotas:
    """Keeps the uses of all keys that are in use, and has the tables share them."""

    _uses: dict[str, Uses] = field(default_factory=dict)
    # While counts are being written, what the tables say may hold them already or not.
    _writing: bool = False

    def uses_of(self, found: Found, moment: datetime) -> Uses:
        """Return the uses of a key, and take in what the tables say of them, to which other processes add too."""
        uses = self._uses.get(found.key.id)
        if uses is None:
            windows = windows_of(found.key.quota, moment)
            uses = self._uses[found.key.id] = Uses(windows, moment, found.key.last_used_at)
        elif self._writing:
            return uses
        for window in uses.windows:
            window.learn(found.counts)
        return uses

    async def write(self, units: Units, clock: Clock) -> None:
        """Write what was counted since the last time; raises UnavailableError, and then it is written the next time."""
        self._forget(clock.now())
        # In the order of their ids, so that no two processes wait for each other.
        due = [(key, self._uses[key]) for key in sorted(self._uses) if self._uses[key].due]
        if not due:
            return
        self._writing = True
        try:
            await _write(units, due)
        finally:
            self._writing = False

    def _forget(self, moment: datetime) -> None:
        idle = [key for key, uses in self._uses.items() if uses.used_at + _IDLE < moment and not uses.due]
        for key in idle:
            del self._uses[key]


async def _write(units: Units, due: list[tuple[str, Uses]]) -> None:
    written: list[tuple[Window, Count, Count]] = []
    noted = [(uses, uses.used_at) for _, uses in due]
    async with units.write() as unit:
        for key, uses in due:
            if uses.unnoted:
                await repository.note_use(unit, key, uses.used_at, COARSELY)
            for window in uses.windows:
                count = Count(window.span, window.began_at, window.unsent)
                if count.uses:
                    written.append((window, count, await repository.count_uses(unit, key, count)))
        await unit.commit()
    for window, count, told in written:
        window.sent(count, told)
    for uses, moment in noted:
        if uses.unnoted:
            uses.noted_at = moment
