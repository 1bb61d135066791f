"""Many act at the same time: the log has no gap, no doubles, and each action saw all before it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from reality_engine.projection.verify import verify
from tests.playing import Playing, play
from tests.serving import serving

ACTIONS = 32


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[list[Playing]]:
    """Yield the same world through two applications that share nothing but the database."""
    async with AsyncExitStack() as stack:
        first = await play(await stack.enter_async_context(serving(database_url)))
        second = await stack.enter_async_context(serving(database_url))
        yield [first, Playing(second, first.world, first.players)]


async def check_log(table: Playing) -> list[str]:
    """Verify the world and return its events' ids by position."""
    context = table.server.app.state
    async with context.context.units.read() as unit:
        verified = await verify(unit, table.world, context.packs)
    seen = await table.feed("Gia")
    assert [event["position"] for event in seen] == list(range(verified.events, 0, -1))
    moments = [event["at"] for event in seen if "cause" not in event]  # what an action causes shares its moment
    assert moments == sorted(set(moments), reverse=True)
    return [event["id"] for event in reversed(seen)]


async def test_positions_are_gap_free_under_writers_in_two_applications(tables: list[Playing]) -> None:
    table = tables[0]
    heroes = {who: await table.character(who, f"{who}'s") for who in ("Mira", "Pia")}
    before = len(await check_log(table))
    asked = [
        tables[number % 2].act(
            ("Mira", "Pia")[number // 2 % 2], "keep_secret", actor=list(heroes.values())[number // 2 % 2],
            input={"secret": str(number)},
        )
        for number in range(ACTIONS)
    ]  # fmt: skip
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {200}
    done = {answer.json()["data"]["events"][0]["id"] for answer in answers}
    assert len(done) == ACTIONS
    assert set((await check_log(table))[before:]) == done


async def test_each_action_sees_all_before_it(tables: list[Playing]) -> None:
    table = tables[0]
    hero, other = await table.character("Mira", "Cass"), await table.character("Pia", "Bel")
    asked = [
        tables[number % 2].act("Mira", "give_coin", actor=hero, target=other, input={"coin": 1}) for number in range(8)
    ]
    answers = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert sorted(answers) == [200] * 2 + [422] * 6  # there were two coins
    await check_log(table)


async def test_a_key_used_at_two_places_at_once_is_done_once(tables: list[Playing]) -> None:
    clock = await tables[0].id_of("clock", "The docks close")
    asked = [tables[number % 2].act("Gia", "tick_clock", key="tick", target=clock) for number in range(8)]
    answers = [answer.json()["data"] for answer in await asyncio.gather(*asked)]
    assert sorted(answer["repeated"] for answer in answers) == [False] + [True] * 7
    assert (await tables[0].all("Gia", "clock"))["The docks close"]["fields"]["ticks"] == 3


async def test_worlds_do_not_wait_for_each_other_to_be_whole(tables: list[Playing]) -> None:
    made = await tables[0].server.client.post(
        "/api/v1/worlds", json={"pack": "quay", "title": "Other"}, headers=tables[0].players["Gia"]
    )
    worlds = [tables[0], Playing(tables[1].server, made.json()["data"]["id"], tables[0].players)]
    clocks = [await world.id_of("clock", "The docks close") for world in worlds]
    asked = [
        worlds[number % 2].act("Gia", "tick_clock", target=clocks[number % 2], key=str(number)) for number in range(8)
    ]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    for world in worlds:
        await check_log(world)
