"""Deletes what is kept no longer than was promised, a little at a time; what a promise still needs is never touched.

Any number of processes may do it at once: each takes rows that no other one is at, and nobody else waits for them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reality_engine.accounts import repository as accounts
from reality_engine.actions import repository as answers
from reality_engine.app.settings import Settings
from reality_engine.db.unit import Units, WriteUnit
from reality_engine.identities import repository as identities
from reality_engine.kernel.clock import Clock
from reality_engine.kernel.errors import RealityError
from reality_engine.mail import repository as mail
from reality_engine.outbox import repository as outbox
from reality_engine.tickets import repository as tickets

logger = logging.getLogger(__name__)

# So many rows are deleted by one transaction, after which others have their turn.
CHUNK: Final = 500
PAUSE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept, which nothing in the log needs."""

    answers: timedelta
    sessions: timedelta
    told: timedelta


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many rows were deleted."""

    answers: int = 0
    sessions: int = 0
    told: int = 0
    tickets: int = 0
    letters: int = 0


def retention_of(settings: Settings) -> Retention:
    """Return what the settings say of it."""
    return Retention(
        timedelta(hours=settings.keep_answers_hours),
        timedelta(days=settings.keep_sessions_days),
        timedelta(days=settings.keep_told_days),
    )


async def tidy(units: Units, clock: Clock, keep: Retention, chunk: int = CHUNK) -> Tidied:
    """Delete answers, ended sessions and sign-ins, rows of the outbox, tickets, letters given up, once they are old."""
    now = clock.now()
    async with units.write() as unit:
        await identities.delete_expired_sign_ins(unit, now)  # few: they are good for minutes
        await unit.commit()
    kept, told = now - keep.answers, now - keep.told
    return Tidied(
        await _all(units, lambda unit: answers.forget_answers_before(unit, kept, chunk), chunk),
        await _sessions(units, now - keep.sessions, chunk),
        await _all(units, lambda unit: outbox.forget_told_before(unit, told, chunk), chunk),
        await _all(units, lambda unit: tickets.forget_over_before(unit, now, chunk), chunk),
        await _all(units, lambda unit: mail.forget_over_before(unit, told, chunk), chunk),
    )


async def at_a_beat(work: Callable[[], Awaitable[object]], seconds: float) -> None:
    """Do something again and again, until cancelled; what goes wrong is logged, and tried again at the next beat."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except RealityError as error:
            logger.warning("what is done at a beat could not be done now: %s", error.message)
        except Exception:
            logger.exception("what is done at a beat failed")


async def _all(units: Units, forget: Callable[[WriteUnit], Awaitable[int]], chunk: int) -> int:
    count = 0
    while True:
        async with units.write() as unit:
            gone = await forget(unit)
            await unit.commit()
        count += gone
        if gone < chunk:
            return count
        await asyncio.sleep(PAUSE)


async def _sessions(units: Units, ended: datetime, chunk: int) -> int:
    """Go through all sessions in the order in which they began, which is that of their key."""
    count, after = 0, ""
    while True:
        async with units.write() as unit:
            gone, after = await accounts.forget_sessions_ended_before(unit, ended, after, chunk)
            await unit.commit()
        count += gone
        if not after:
            return count
        await asyncio.sleep(PAUSE)
