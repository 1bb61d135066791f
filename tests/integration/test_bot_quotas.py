import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reality_engine.accounts.standing import TRUST
from reality_engine.bots.quotas import COARSELY
from reality_engine.kernel.clock import to_text
from tests.keyed import Bot, Headers, bearer, bot_of
from tests.serving import NOON, Serving, codes, serving
from tests.tables import dump


@pytest.fixture
async def crow(server: Serving) -> Bot:
    return await bot_of(server, await server.user("Mira"))


async def comes(server: Serving, headers: Headers, times: int = 1) -> list[int]:
    """Return what is answered to a bot that comes so often."""
    return [(await server.client.get("/api/v1/bots/me", headers=headers)).status_code for _ in range(times)]


async def write(server: Serving) -> None:
    """Write what was counted, as a server does each second."""
    context = server.app.state.context
    await server.app.state.bots.quotas.write(context.units, context.clock)


async def test_a_minute_has_so_many_requests_and_the_next_one_as_many(server: Serving, crow: Bot) -> None:
    headers = await crow.key(per_minute=3)
    assert await comes(server, headers, 3) == [200] * 3
    server.clock.advance(timedelta(seconds=30))
    refused = await server.client.get("/api/v1/bots/me", headers=headers)
    assert (refused.status_code, codes(refused), refused.headers["retry-after"]) == (429, ["quota_exceeded"], "30")
    server.clock.advance(timedelta(seconds=30))
    assert await comes(server, headers, 4) == [200, 200, 200, 429]


async def test_what_was_refused_is_not_counted(server: Serving, crow: Bot) -> None:
    headers = await crow.key(per_minute=1, per_day=2)
    assert await comes(server, headers, 5) == [200, 429, 429, 429, 429]
    server.clock.advance(timedelta(minutes=1))
    assert await comes(server, headers, 2) == [200, 429]
    server.clock.advance(timedelta(minutes=1))
    refused = await server.client.get("/api/v1/bots/me", headers=headers)
    assert (refused.status_code, int(refused.headers["retry-after"])) == (429, 12 * 3600 - 120)


async def test_requests_at_once_get_no_more_than_there_is(server: Serving, crow: Bot) -> None:
    headers = await crow.key(per_day=5)
    answers = await asyncio.gather(*(comes(server, headers) for _ in range(12)))
    assert sorted(status for (status,) in answers) == [200] * 5 + [429] * 7


async def test_each_key_has_a_quota_of_its_own(server: Serving, crow: Bot) -> None:
    one, other = await crow.key(per_day=1), await crow.key(per_day=1)
    assert await comes(server, one, 2) == [200, 429]
    assert await comes(server, other, 2) == [200, 429]


async def test_another_process_knows_a_second_later_and_one_that_starts_at_once(
    server: Serving, crow: Bot, database_url: str
) -> None:
    headers = await crow.key(per_day=5)
    async with serving(database_url) as other:
        assert await comes(server, headers, 2) == [200] * 2
        assert await comes(other, headers, 2) == [200] * 2
        for each in (server, other):
            await write(each)
            each.clock.advance(TRUST)
        assert await comes(server, headers) == [200]
        await write(server)
        other.clock.advance(TRUST)
        assert await comes(other, headers) == [429]
    async with serving(database_url) as later:
        assert await comes(later, headers) == [429]


async def test_what_two_processes_counted_adds_up(server: Serving, crow: Bot, database_url: str) -> None:
    headers = await crow.key(per_day=100)
    async with serving(database_url) as other:
        for each in (server, other):
            assert await comes(each, headers, 3) == [200] * 3
        await asyncio.gather(write(server), write(other))
        await asyncio.gather(write(server), write(other))
    assert [row[3] for row in await counts(server)] == [6]


async def test_what_was_counted_is_written_when_a_server_ends(crow: Bot, database_url: str) -> None:
    headers = await crow.key(per_day=100)
    async with serving(database_url) as other:
        await comes(other, headers, 3)
    assert [row[3] for row in await counts(crow.server)] == [3]


async def test_when_a_key_was_used_last_is_told_to_the_minute(server: Serving, crow: Bot) -> None:
    key = await crow.mint()

    async def told() -> Any:
        await write(server)
        return (await crow.call("GET", f"/keys/{key['id']}")).json()["data"]["last_used_at"]

    assert await told() is None
    await comes(server, bearer(key))
    assert await told() == to_text(NOON)
    server.clock.advance(COARSELY - timedelta(seconds=1))
    await comes(server, bearer(key))
    assert await told() == to_text(NOON)
    server.clock.advance(timedelta(seconds=1))
    await comes(server, bearer(key))
    assert await told() == to_text(NOON + COARSELY)


async def counts(server: Serving) -> list[Any]:
    """Return the counts that are stored."""
    return list((await dump(server.app.state.context.units))["bot_key_counts"])
