"""Whatever ends a key, its live connections learn of it and the next request is refused: by the same tables."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from reality_engine.accounts import bans
from reality_engine.accounts.bans import Ban
from reality_engine.accounts.endings import Endings
from reality_engine.bots.repository import standing_keys
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.grant import Grant
from reality_engine.kernel.principal import Principal, PrincipalKind
from tests.keyed import Bot, bearer, bot_of
from tests.leaving import delete_user
from tests.serving import NOON, Serving

BEAT = 0.01
# Far more than it takes, and never waited for where all is well.
PATIENCE = 10
End = Callable[[Bot, str], Awaitable[object]]


async def owner_of(crow: Bot) -> str:
    return str((await crow.call("GET")).json()["data"]["owner"])


async def revoked(crow: Bot, key: str) -> None:
    await crow.call("DELETE", f"/keys/{key}")


async def ended(crow: Bot, _: str) -> None:
    await crow.call("DELETE")


async def expired(crow: Bot, _: str) -> None:
    crow.server.clock.advance(timedelta(minutes=1))


async def deleted(crow: Bot, _: str) -> None:
    await delete_user(crow.server.app.state.context.units, await owner_of(crow), NOON)


async def banned(crow: Bot, _: str) -> None:
    owner = await owner_of(crow)
    async with crow.server.app.state.context.units.write() as unit:
        await bans.add_ban(unit, owner, Ban(NOON, "sells things"))
        await unit.commit()


@pytest.mark.parametrize("end", [revoked, ended, expired, deleted, banned])
async def test_whatever_ends_a_key_is_told_to_its_live_connections(server: Serving, end: End) -> None:
    crow = await bot_of(server, await server.user("Mira"))
    key = await crow.mint(expires_at=to_text(NOON + timedelta(minutes=1)))
    context = server.app.state.context
    endings = Endings(context.units, server.clock, {PrincipalKind.BOT: standing_keys}, BEAT)
    principal = Principal(PrincipalKind.BOT, crow.id, "Crow", key["id"], grant=Grant())
    waiting = asyncio.create_task(endings.until_over(principal))
    await asyncio.sleep(BEAT * 5)
    assert not waiting.done()
    await end(crow, key["id"])
    await asyncio.wait_for(waiting, PATIENCE)
    server.clock.advance(timedelta(seconds=1))
    assert (await server.client.get("/api/v1/bots/me", headers=bearer(key))).status_code == 401
    await endings.close()
