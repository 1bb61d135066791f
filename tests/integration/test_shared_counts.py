"""Several processes that count together, by a real Valkey."""

import asyncio
import logging
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reality_engine.kernel.clock import FixedClock
from reality_engine.rates import shared
from reality_engine.rates.rate import Rate
from reality_engine.rates.redis_store import RedisStore
from reality_engine.rates.shared import SharedCounts
from tests.valkey import Valkey, valkey

TEN = Rate("ten", 10, 60)


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    # A socket's path has a bound, which the folders of tests come near.
    folder = Path(tempfile.mkdtemp(prefix="valkey-"))
    with valkey(folder) as started:
        yield started
    shutil.rmtree(folder)


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> FixedClock:
    """Each test at an hour of its own, so that none meets what another counted."""
    hours = sum(ord(letter) for letter in request.node.name)
    return FixedClock(datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hours))


@pytest.fixture
async def both(server: Valkey, clock: FixedClock) -> AsyncIterator[tuple[SharedCounts, SharedCounts]]:
    async with AsyncExitStack() as stack:
        one, other = (SharedCounts(clock, RedisStore(server.url)) for _ in range(2))
        stack.push_async_callback(one.close)
        stack.push_async_callback(other.close)
        yield one, other


Both = tuple[SharedCounts, SharedCounts]


async def test_what_one_counted_the_other_knows(both: Both) -> None:
    one, other = both
    one.take(TEN, "mira", 6)
    other.take(TEN, "mira", 1)
    await one.tell()
    await other.tell()
    assert other.left(TEN, "mira").remaining == 3
    assert not other.take(TEN, "mira", 4).allowed


async def test_what_is_given_back_is_given_back_for_all(both: Both) -> None:
    one, other = both
    one.take(TEN, "mira", 6)
    other.take(TEN, "mira", 4)
    await one.tell()
    one.give_back(TEN, "mira", 5)
    await one.tell()
    await other.tell()
    assert other.left(TEN, "mira").remaining == 5


async def test_who_comes_new_learns_of_the_window_before(both: Both, clock: FixedClock) -> None:
    one, other = both
    one.take(TEN, "mira", 10)
    await one.tell()
    clock.advance(timedelta(seconds=66))
    other.take(TEN, "mira", 1)
    await other.tell()
    assert other.left(TEN, "mira").remaining == 0


async def test_it_is_told_by_itself(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "BEAT_SECONDS", 0.01)
    one, other = both
    one.take(TEN, "mira", 9)
    other.take(TEN, "mira", 1)
    for _ in range(1_000):
        if not other.left(TEN, "mira").remaining:
            break
        await asyncio.sleep(0.01)
        other.give_back(TEN, "mira", 1)
        other.take(TEN, "mira", 1)
    assert not other.take(TEN, "mira", 1).allowed


async def test_without_a_server_each_counts_for_itself_and_tells_it_later(
    both: Both, server: Valkey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shared, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(shared, "PAUSE_SECONDS", 0.01)
    # Whatever was set before it, by an application that was made in this process.
    caplog.set_level(logging.WARNING)
    caplog.set_level(logging.WARNING, shared.logger.name)
    one, other = both
    server.stop()
    assert one.take(TEN, "mira", 7).remaining == 3
    for _ in range(1_000):
        if caplog.records:
            break
        await asyncio.sleep(0.01)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not one.take(TEN, "mira", 4).allowed
    server.restart()
    for _ in range(1_000):
        if len(caplog.records) == 2:
            break
        await asyncio.sleep(0.01)
    other.take(TEN, "mira", 1)
    await other.tell()
    assert other.left(TEN, "mira").remaining == 2


async def test_nobody_waits_for_a_server_that_does_not_answer(both: Both, server: Valkey) -> None:
    one, _ = both
    server.freeze()
    try:
        one.take(TEN, "mira", 2)
        with pytest.raises(TimeoutError):
            await one.tell()
        assert one.take(TEN, "mira", 2).remaining == 6
    finally:
        server.thaw()
    await one.tell()
    # What was told in vain may have arrived all the same.
    assert one.left(TEN, "mira").remaining in (4, 6)
