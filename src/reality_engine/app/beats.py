"""What a server does by itself while it serves: tidies, ends erasures, sends letters, counts uses of keys; not how."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from reality_engine.app.bootstrap import Services
from reality_engine.app.tidying import at_a_beat, retention_of, tidy
from reality_engine.kernel.errors import RealityError

logger = logging.getLogger(__name__)

# Whoever registers waits for the letter.
MAIL_SECONDS: Final = 1
# For so long other processes do not know how often a key was used here.
COUNT_SECONDS: Final = 1


@asynccontextmanager
async def beats(services: Services | None, mail_seconds: float = MAIL_SECONDS) -> AsyncIterator[None]:
    """Do all of it for as long as the block lasts, as far as the settings want it."""
    async with AsyncExitStack() as stack:
        for work, seconds in () if services is None else _works(services, mail_seconds):
            await stack.enter_async_context(_beat(work, seconds))
        yield
    if services is not None:
        await _end(services)


async def _end(services: Services) -> None:
    if services.relay is not None:
        await services.relay.close()
    try:
        await _count(services)
    except RealityError as error:
        logger.warning("the last uses of keys could not be counted: %s", error.message)


def _works(services: Services, mail_seconds: float) -> Iterator[tuple[Callable[[], Awaitable[object]], float]]:
    if services.settings.tidy_minutes:
        yield (lambda: _tidy(services)), services.settings.tidy_minutes * 60
    yield (lambda: _count(services)), COUNT_SECONDS
    if services.relay is not None:
        yield services.relay.send_due, mail_seconds


async def _count(services: Services) -> None:
    await services.bots.quotas.write(services.units, services.clock)


async def _tidy(services: Services) -> None:
    await tidy(services.units, services.clock, retention_of(services.settings))
    await services.erasures.resume()


@asynccontextmanager
async def _beat(work: Callable[[], Awaitable[object]], seconds: float) -> AsyncIterator[None]:
    beat = asyncio.create_task(at_a_beat(work, seconds))
    try:
        yield
    finally:
        beat.cancel()
        with suppress(asyncio.CancelledError):
            await beat
