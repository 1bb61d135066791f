"""Sends the letters that are due, until there are none; not the writing of any.

Any number of processes may do so at once: whoever claims a letter has it alone for a while. One that dies in between
leaves it to be claimed again, so a letter may arrive twice, and never not at all for that.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from jinja2 import TemplateError

from reality_engine.db.unit import Units, WriteUnit
from reality_engine.kernel.clock import Clock
from reality_engine.mail import repository
from reality_engine.mail.composing import Composer
from reality_engine.mail.delivery import Delivery, NotNowError, RefusedError
from reality_engine.mail.letter import Letter

logger = logging.getLogger(__name__)

# Longer than a delivery may take, with what surrounds it.
LEASE: Final = timedelta(minutes=2)
FIRST_PAUSE: Final = timedelta(seconds=20)
LONGEST_PAUSE: Final = timedelta(hours=1)
# A slow mail server does not hold up all that there is to be sent.
AT_ONCE: Final = 3
# What is cut off on its way is sent again by whoever comes next.
CLOSE_SECONDS: Final = 5.0

# Finds out, in a transaction, what a letter comes to that was asked for without looking: None where nobody gets any.
Preparation: TypeAlias = Callable[[WriteUnit, Letter, datetime], Awaitable[Letter | None]]


@dataclass
class Relay:
    """Sends letters; those of some templates are prepared first, each by its function."""

    units: Units
    clock: Clock
    composer: Composer
    delivery: Delivery
    preparations: Mapping[str, Preparation] = field(default_factory=dict)
    _sending: asyncio.Future[list[int]] | None = None
    _closing: bool = False
    # One at a time, so that each sees what came of those before it.
    _preparing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send_due(self) -> int:
        """Send all that is due, and return how many letters were dealt with; raises UnavailableError."""
        async with self.units.read() as unit:
            if not await repository.is_any_due(unit, self.clock.now()):
                return 0
        self._sending = asyncio.gather(*(self._send_on() for _ in range(AT_ONCE)))
        return sum(await asyncio.shield(self._sending))

    async def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Begin with no other letter, and wait a while for those that are on their way."""
        self._closing = True
        if self._sending is not None and not self._sending.done():
            await asyncio.wait([self._sending], timeout=seconds)
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending

    async def _send_on(self) -> int:
        count = 0
        while not self._closing and (letter := await self._claimed()) is not None:
            await self._deal_with(letter)
            count += 1
        return count

    async def _claimed(self) -> Letter | None:
        async with self.units.write() as unit:
            letter = await repository.claim(unit, self.clock.now(), LEASE)
            await unit.commit()
        return letter

    async def _deal_with(self, letter: Letter) -> None:
        if self.clock.now() >= letter.until:
            await self._give_up(letter, "it could not be sent in time")
            return
        try:
            prepared = await self._prepared(letter)
            if prepared is None:
                return
            await self.delivery.deliver(self.composer.compose(prepared), letter.id)
        except NotNowError as error:
            await self._put_off(letter, str(error))
        except (RefusedError, TemplateError) as error:
            await self._give_up(letter, str(error))
        else:
            async with self.units.write() as unit:
                await repository.remove(unit, letter)
                await unit.commit()

    async def _prepared(self, letter: Letter) -> Letter | None:
        prepare = self.preparations.get(letter.template)
        if prepare is None:
            return letter
        async with self._preparing, self.units.write() as unit:
            prepared = await prepare(unit, letter, self.clock.now())
            if prepared is None:
                await repository.remove(unit, letter)
            else:
                await repository.rewrite(unit, prepared)
            await unit.commit()
        return prepared

    async def _put_off(self, letter: Letter, trouble: str) -> None:
        pause = min(FIRST_PAUSE * 4 ** min(letter.attempts - 1, 10), LONGEST_PAUSE)
        logger.warning("letter %s (%s) is tried again in %s: %s", letter.id, letter.template, pause, trouble)
        await self._note(letter, self.clock.now() + pause, trouble)

    async def _give_up(self, letter: Letter, trouble: str) -> None:
        logger.error("letter %s (%s) is given up: %s", letter.id, letter.template, trouble)
        await self._note(letter, None, trouble)

    async def _note(self, letter: Letter, due: datetime | None, trouble: str) -> None:
        async with self.units.write() as unit:
            await repository.put_off(unit, letter, due, trouble[: repository.TROUBLE_LENGTH])
            await unit.commit()
